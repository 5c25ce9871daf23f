package predict

import (
	"context"
	"errors"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/sim/machine"
	"github.com/fibsim/fibsim/workloads"
)

// Evidence is what predictions are, as opposed to measured.
const Evidence = "predicted"

// Backend runs programs in virtual time. It implements session.Backend.
type Backend struct {
	Costs *Costs // what things cost; nil: the defaults, and no program may ask for others
	Ties  bool   // break ties by the seed rather than by rule
	Most  int64  // events after which a run is given up, with machine.ErrTooLong; 0: none

	native bool
}

var _ session.Backend = (*Backend)(nil)

// NewGIL returns the backend that predicts threads under the interpreter lock.
func NewGIL() *Backend { return &Backend{} }

// NewNative returns the backend that predicts goroutines without a lock.
func NewNative() *Backend { return &Backend{native: true} }

// Name returns sim_gil or sim_native.
func (b *Backend) Name() string {
	if b.native {
		return "sim_native"
	}
	return "sim_gil"
}

// Evidence returns predicted.
func (b *Backend) Evidence() string { return Evidence }

// Run predicts one run of p on the machine that p describes. Repetitions differ in
// what things cost each time, not in the program's own random durations.
func (b *Backend) Run(ctx context.Context, p *workloads.Program, o session.Options) (*trace.Report, error) {
	c, err := b.config(p)
	if err != nil {
		return nil, err
	}
	c.Keep, c.Values, c.Rep = o.Events, o.Values, o.Rep
	report, err := machine.Run(p, c, func() bool { return ctx.Err() != nil })
	if errors.Is(err, machine.ErrStopped) {
		err = ctx.Err()
	}
	if report != nil {
		if origin := b.Costs.origin(p.Machine.Costs); origin != "" {
			report.Facts = append(report.Facts, trace.Fact{Name: "costs_fingerprint", Value: origin})
		}
	}
	return report, err
}

// config returns the machine of a program.
func (b *Backend) config(p *workloads.Program) (machine.Config, error) {
	costs, err := b.Costs.Of(p.Machine.Costs)
	if err != nil {
		return machine.Config{}, err
	}
	c := machine.Config{
		CPUs: p.Machine.CPUs, HZ: p.Machine.HZ, Native: b.native, Ties: b.Ties, Most: b.Most,
		Scheduler: p.Machine.Scheduler, Params: p.Machine.Params, Costs: costs, CostsFrom: p.Machine.Costs,
	}
	if b.native {
		c.Scheduler, c.Kernel, c.KernelParams = p.Machine.NativeScheduler, p.Machine.Scheduler, p.Machine.Params
		if c.Scheduler != c.Kernel {
			c.Params = nil
		}
	}
	return c, nil
}
