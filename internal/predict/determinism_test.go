package predict

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/sim"
	"github.com/fibsim/fibsim/workloads"
)

// streams makes two streams of events, in batches as observe sends them.
func streams(a, b []sim.Event) [2]chan []sim.Event {
	var out [2]chan []sim.Event
	for i, events := range [2][]sim.Event{a, b} {
		out[i] = make(chan []sim.Event, len(events)/batch+1)
		for len(events) > batch {
			out[i] <- events[:batch]
			events = events[batch:]
		}
		out[i] <- events
		close(out[i])
	}
	return out
}

func events(n int) []sim.Event {
	list := make([]sim.Event, n)
	for i := range list {
		list[i] = sim.Event{Time: int64(10 * i), ID: int32(i % 7), Kind: 1}
	}
	return list
}

// The first event that differs is named, wherever it is: in a later batch, in a
// field that its text does not show, or beyond the end of the shorter run.
func TestFirstDifference(t *testing.T) {
	const n = batch + 100
	if alike, d := compare(streams(events(n), events(n))); d != nil || alike != n {
		t.Errorf("equal: %d, %v", alike, d)
	}
	for name, c := range map[string]struct {
		change func([]sim.Event) []sim.Event
		at     int64
		second string
	}{
		"in the second batch": {func(e []sim.Event) []sim.Event { e[batch+5].ID = 99; return e }, batch + 5, " 99 "},
		"in its priority":     {func(e []sim.Event) []sim.Event { e[3].Kind += 9 * sim.Prio; return e }, 3, "burst"},
		"one is shorter":      {func(e []sim.Event) []sim.Event { return e[:batch] }, batch, "nothing"},
		"one is empty":        {func([]sim.Event) []sim.Event { return nil }, 0, "nothing"},
	} {
		_, d := compare(streams(events(n), c.change(events(n))))
		if d == nil || d.At != c.at || !strings.Contains(d.Second, c.second) {
			t.Errorf("%s: got %v", name, d)
		}
	}
}

func TestLogsDiffer(t *testing.T) {
	log := func(times ...int64) *trace.Log {
		l := &trace.Log{Threads: []trace.Thread{{Group: "a"}}}
		for _, at := range times {
			l.Events = append(l.Events, trace.Event{Time: at})
		}
		return l
	}
	if d := compareLogs(log(1, 2), log(1, 2)); d != nil {
		t.Error(d)
	}
	if d := compareLogs(log(1, 2), log(1, 3)); d == nil || d.At != 1 {
		t.Errorf("got %v", d)
	}
	if d := compareLogs(log(1), log(1, 3)); d == nil || d.First != "nothing" {
		t.Errorf("got %v", d)
	}
}

// A run of many events ends soon after its context.
func TestInterrupted(t *testing.T) {
	p := &workloads.Program{
		Duration: time.Hour, Interpreter: workloads.Interpreter{Lock: "cpython-3", Pace: workloads.Pace{NS: 25}},
		Threads: []workloads.Group{{Name: "a", Count: 1, Samples: workloads.SampleNone, Body: []workloads.Op{{Kind: workloads.OpSleep, For: workloads.Duration{Mean: 1000}}}}},
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := NewGIL().Run(ctx, p, session.Options{}); !errors.Is(err, context.Canceled) || r == nil {
		t.Errorf("run: %v, %v", r, err)
	}
	if _, err := NewGIL().Twice(ctx, p); !errors.Is(err, context.Canceled) {
		t.Errorf("twice: %v", err)
	}
}
