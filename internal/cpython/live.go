package cpython

import (
	"context"

	"github.com/fibsim/fibsim/internal/live"
	"github.com/fibsim/fibsim/workloads"
)

// LiveClients returns a starter of the client processes that the other measured
// backends use, too; command starts one.
func LiveClients(command live.Command) ClientStarter {
	return func(ctx context.Context, p *workloads.Program, address string) (Clients, error) {
		c, err := live.StartClients(ctx, live.ClientsConfig{Program: p, Command: command})
		if err != nil {
			return nil, err
		}
		if err := c.Connect(ctx, address); err != nil {
			c.Stop()
			return nil, err
		}
		return liveClients{c}, nil
	}
}

// liveClients are the processes of package live.
type liveClients struct{ *live.Clients }

// Wait folds the rows of all connections.
func (c liveClients) Wait(ctx context.Context) (ClientReport, error) {
	rows, err := c.Clients.Wait(ctx)
	var r ClientReport
	r.Groups, r.Facts, r.Warnings = c.Report(rows)
	r.PeakMemory = c.PeakMemory()
	return r, err
}

// Close ends the processes.
func (c liveClients) Close() error {
	c.Stop()
	return nil
}
