package cpython

import (
	"context"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// ClientStarter starts the client processes of p, connects all of them to the
// server at address (host:port), and returns when every connection is ready.
type ClientStarter func(ctx context.Context, p *workloads.Program, address string) (Clients, error)

// Clients are the processes that talk to the server of a run.
type Clients interface {
	// Go tells them time 0, as a reading of gil.Monotonic, which on Linux is the
	// clock that all processes of the host share. It lies ahead.
	Go(epoch int64) error
	// Wait returns what they measured once all have ended, within the grace after
	// the end of the run. When ctx ends first it returns what there is, and the
	// error of ctx.
	Wait(ctx context.Context) (ClientReport, error)
	// Close ends and reaps the processes, whatever they are doing; Wait then
	// returns.
	Close() error
}

// ClientReport is the clients' part of a report.
type ClientReport struct {
	Groups     []trace.GroupReport // in the order of the program's clients
	Facts      []trace.Fact
	Warnings   []trace.Warning
	PeakMemory int64 // sum of the processes' largest resident sizes in bytes; 0: unknown
}
