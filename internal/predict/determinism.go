package predict

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/sim"
	"github.com/fibsim/fibsim/sim/machine"
	"github.com/fibsim/fibsim/workloads"
)

// A DifferenceError is the first point at which two runs of one program differ.
type DifferenceError struct {
	Backend string
	At      int64  // how many events were alike
	First   string // what happened in the first run
	Second  string // and in the second
}

// Error names the event and both sides.
func (e *DifferenceError) Error() string {
	return fmt.Sprintf("%s: two runs differ after %d events: the first has %s, the second %s", e.Backend, e.At, e.First, e.Second)
}

// Sameness is what two equal runs came to.
type Sameness struct {
	Events int64
	Hash   string
}

// Twice predicts p two times, side by side and with a Log, and compares every event
// of the two. It returns a DifferenceError when they are not alike.
func (b *Backend) Twice(ctx context.Context, p *workloads.Program) (Sameness, error) {
	outer := ctx
	ctx, cancel := context.WithCancelCause(outer)
	defer cancel(nil)
	streams := [2]chan []sim.Event{make(chan []sim.Event, 1), make(chan []sim.Event, 1)}
	var reports [2]*trace.Report
	var failures [2]error
	for i := range streams {
		go func() {
			defer close(streams[i])
			reports[i], failures[i] = b.observe(ctx, p, streams[i])
		}()
	}
	count, difference := compare(streams)
	if difference != nil {
		cancel(difference)
	}
	for _, s := range streams {
		for range s {
		}
	}
	switch err := errors.Join(failures[0], failures[1]); {
	case outer.Err() != nil:
		return Sameness{}, outer.Err() // neither run has come to its end
	case difference != nil:
		difference.Backend = b.Name()
		return Sameness{}, difference
	case err != nil:
		return Sameness{}, failures[0]
	}
	if d := compareLogs(reports[0].Log, reports[1].Log); d != nil {
		d.Backend = b.Name()
		return Sameness{}, d
	}
	return Sameness{Events: count, Hash: fmt.Sprint(fact(reports[0], "event_hash"))}, nil
}

// batch is how many events are compared at once.
const batch = 4096

// observe predicts p and sends what happens, in batches, until ctx ends.
func (b *Backend) observe(ctx context.Context, p *workloads.Program, out chan<- []sim.Event) (*trace.Report, error) {
	c, err := b.config(p)
	if err != nil {
		return nil, err
	}
	c.Keep = true
	events := make([]sim.Event, 0, batch)
	flush := func() {
		select {
		case out <- events:
		case <-ctx.Done():
		}
		events = make([]sim.Event, 0, batch)
	}
	c.Observe = func(e sim.Event) {
		if events = append(events, e); len(events) == batch {
			flush()
		}
	}
	report, err := machine.Run(p, c, func() bool { return ctx.Err() != nil })
	flush()
	if errors.Is(err, machine.ErrStopped) {
		err = context.Cause(ctx)
	}
	return report, err
}

// compare reads both streams to the end of the shorter one, or to the first
// difference. The streams come in batches of one size, but for the last.
func compare(streams [2]chan []sim.Event) (alike int64, d *DifferenceError) {
	for {
		first, more := <-streams[0]
		second, evenMore := <-streams[1]
		at := 0
		for at < min(len(first), len(second)) && first[at] == second[at] {
			at++
		}
		alike += int64(at)
		if at < max(len(first), len(second)) {
			return alike, &DifferenceError{At: alike, First: describe(first, at), Second: describe(second, at)}
		}
		if !more && !evenMore {
			return alike, nil
		}
	}
}

func describe(events []sim.Event, i int) string {
	if i >= len(events) {
		return "nothing"
	}
	return machine.Describe(events[i])
}

// compareLogs returns the first difference between two logs.
func compareLogs(a, b *trace.Log) *DifferenceError {
	at := 0
	for at < min(len(a.Events), len(b.Events)) && a.Events[at] == b.Events[at] {
		at++
	}
	if at == len(a.Events) && at == len(b.Events) && slices.Equal(a.Threads, b.Threads) {
		return nil
	}
	text := func(l *trace.Log) string {
		if at == len(l.Events) {
			return "nothing"
		}
		return fmt.Sprintf("%+v", l.Events[at])
	}
	return &DifferenceError{At: int64(at), First: text(a), Second: text(b)}
}

// fact returns the value of a fact of a report, nil without one.
func fact(r *trace.Report, name string) any {
	for _, f := range r.Facts {
		if f.Name == name {
			return f.Value
		}
	}
	return nil
}
