package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// interruptible returns a context that ends at the first interrupt or request to
// terminate, so that runs stop and files are finished. The second one ends the
// process at once.
//
// From then on a write to a pipe whose reader has gone is an error like any
// other, rather than the end of the process: result files would stay unfinished.
func interruptible(parent context.Context) context.Context {
	ctx, stop := signal.NotifyContext(parent, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return ctx
}
