package cpython

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/workloads/kernel"
)

// Backend runs programs in one interpreter. It implements session.Backend.
type Backend struct {
	// Clients starts the processes that talk to the server. Programs with a
	// server fail without it.
	Clients ClientStarter

	path   string
	name   string
	id     identity
	limits limits
	pace   float64 // what Pace returned last, in ns; 0: it was not asked
}

var _ session.Backend = (*Backend)(nil)

// limits are how long the phases of a process may take before it counts as hung.
type limits struct {
	probe time.Duration
	start time.Duration // until all threads are ready; more is added for many
	slack time.Duration // beyond the longest that a run can take
	stop  time.Duration // after an interrupt
	lead  time.Duration // from the word to start until time 0
}

// A slow disk and a cold cache make an interpreter start in seconds.
var defaultLimits = limits{
	probe: 20 * time.Second,
	start: 60 * time.Second,
	slack: 20 * time.Second,
	stop:  2 * time.Second,
	lead:  50 * time.Millisecond,
}

// Open returns the backend for the interpreter at path, a file or the name of a
// command; empty is python3. It executes the interpreter once to learn what it is.
//
// The error wraps ErrMissing when there is no such interpreter.
func Open(ctx context.Context, path string) (*Backend, error) {
	found, err := Find(path)
	if err != nil {
		return nil, err
	}
	return open(ctx, found, defaultLimits)
}

func open(ctx context.Context, path string, l limits) (*Backend, error) {
	id, err := probe(ctx, path, l.probe)
	if err != nil {
		return nil, err
	}
	if err := id.supported(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &Backend{path: id.program(path), name: id.name(), id: *id, limits: l}, nil
}

// OpenAll opens several interpreters. Where two have the same name, the second
// one's ends in _2, and so on.
func OpenAll(ctx context.Context, paths []string) ([]*Backend, error) {
	var all []*Backend
	count := map[string]int{}
	for _, path := range paths {
		b, err := Open(ctx, path)
		if err != nil {
			return nil, err
		}
		if count[b.name]++; count[b.name] > 1 {
			b.name = fmt.Sprintf("%s_%d", b.name, count[b.name])
		}
		all = append(all, b)
	}
	return all, nil
}

// Name returns the value of the backend column: python_3_11, python_3_13t for a
// build that can run without the lock, pypy_3_9.
func (b *Backend) Name() string { return b.name }

// Evidence returns measured.
func (b *Backend) Evidence() string { return "measured" }

// Path returns the interpreter's executable.
func (b *Backend) Path() string { return b.path }

// Interpreter returns what the interpreter says of itself.
func (b *Backend) Interpreter() Interpreter { return b.id.interpreter(b.path) }

// Costs measures what the operations of the interpreter cost, in a single thread of a
// fresh process. It takes less than two seconds.
func (b *Backend) Costs(ctx context.Context) (Costs, error) {
	p, err := launch(ctx, b.path, (&request{Mode: "costs"}).encode(nil), b.limits.start)
	if err != nil {
		return Costs{}, err
	}
	defer p.abort()
	m, err := p.next()
	if err != nil {
		return Costs{}, err
	}
	if m.Costs == nil || m.Costs.FibCall <= 0 {
		return Costs{}, p.failure(errOrder, "")
	}
	return *m.Costs, nil
}

// Pace returns how many nanoseconds one call of fib takes in a single thread of a fresh
// process of the interpreter, at the speed that this host has now (see kernel.Renew).
// It takes about a quarter of a second, and up to three times as long where neighbours
// slow the host.
func (b *Backend) Pace(ctx context.Context) (float64, error) {
	p, err := launch(ctx, b.path, (&request{Mode: "pace"}).encode(nil), b.limits.start)
	if err != nil {
		return 0, err
	}
	defer p.abort()
	kernel.Renew()
	var sum float64
	cpus := places()
	for _, cpu := range cpus {
		apart := together(p.cmd.Process.Pid, cpu)
		ns, err := kernel.Nominal(paceTimes/len(cpus), func() (float64, error) {
			p.send("again")
			m, err := p.next()
			if err == nil && (m.Pace == nil || *m.Pace <= 0) {
				err = p.failure(errOrder, "")
			}
			if err != nil {
				return 0, err
			}
			return *m.Pace, nil
		})
		apart()
		if err != nil {
			return 0, err
		}
		sum += ns
	}
	b.pace = sum / float64(len(cpus))
	return b.pace, nil
}

// paceTimes is how often an interpreter's pace is measured, by a millisecond each.
const paceTimes = 60

// name returns the backend's name.
func (id *identity) name() string {
	implementation := strings.ToLower(id.Implementation)
	if implementation == "cpython" {
		implementation = "python"
	}
	suffix := ""
	if id.FreeThreaded {
		suffix = "t"
	}
	return fmt.Sprintf("%s_%d_%d%s", implementation, id.Major, id.Minor, suffix)
}

// supported returns an error for an interpreter that the driver is not valid for.
func (id *identity) supported() error {
	if id.Major == 2 && id.Minor == 7 || id.Major == 3 && id.Minor >= 6 || id.Major > 3 {
		return nil
	}
	return fmt.Errorf("must be Python 2.7 or 3.6 and later, got %s; choose another one with --python=PATH", id.Version)
}

// lock returns the policy whose lock the interpreter has, "" where no policy
// describes it.
func (id *identity) lock() string {
	switch {
	case !id.GILEnabled:
		return "none"
	case id.Implementation != "CPython":
		return ""
	case id.Major == 2:
		return "cpython-2"
	}
	return "cpython-3"
}
