package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// patience is how long after the first interrupt another one is taken for the
// same: a key held down, or a signal sent to the whole group of processes. The
// files are finished well within it.
const patience = time.Second

// interruptible returns a context that ends at the first interrupt, request to
// terminate, or loss of the terminal, so that runs stop and files are finished. A
// second one ends the process at once, unless it comes within patience.
//
// From then on a write to a pipe whose reader has gone is an error like any
// other, rather than the end of the process: result files would stay unfinished.
func interruptible(parent context.Context) context.Context {
	ctx, stop := signal.NotifyContext(parent, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, func() { time.AfterFunc(patience, stop) })
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return ctx
}
