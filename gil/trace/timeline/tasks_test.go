package timeline

import (
	"reflect"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
)

// The story of two tasks of one loop, told by hand: a gives way, b sleeps, a blocks the
// whole loop, and then waits for what another process computes.
func TestTasks(t *testing.T) {
	const loop, a, b = 0, 0, 1
	log := &trace.Log{
		Threads: []trace.Thread{{Group: "asyncio-loop"}, {Group: "idle"}},
		Tasks:   []trace.Thread{{Group: "a"}, {Group: "b"}, {Group: "never"}},
	}
	add := func(at int64, k trace.Kind, other int32, arg, arg2 int64) {
		log.Events = append(log.Events, trace.Event{Time: at, Kind: k, Thread: loop, Other: other, Arg: arg, Arg2: arg2})
	}
	is := func(at int64, s trace.State) { add(at, trace.StateChange, -1, int64(s), 0) }
	enter := func(at int64, task int32, since int64) { add(at, trace.IterBegin, task, 0, since) }
	leave := func(at, sleep int64) { add(at, trace.IterEnd, -1, sleep, 0) }

	is(0, trace.Run)
	enter(2, a, 0)
	leave(2, 0)
	add(2, trace.TaskBegin, a, 0, 0)
	enter(2, a, 2)
	leave(10, 0) // gives way
	enter(11, b, 0)
	add(11, trace.TaskBegin, b, 0, 0)
	leave(20, 15) // sleeps
	enter(21, a, 10)
	is(25, trace.IO)
	is(30, trace.WaitGIL)
	is(34, trace.Run)
	leave(40, 0) // waits for a process
	enter(41, b, 35)
	add(50, trace.TaskEnd, b, 0, 0)
	leave(50, 0)
	is(51, trace.IO)
	is(60, trace.WaitGIL)
	is(64, trace.Run)
	enter(65, a, 58)
	add(65, trace.TaskServed, a, 42, 55)
	leave(70, 100) // sleeps beyond the end of the log
	is(71, trace.Sleep)
	add(90, trace.StateChange, -1, int64(trace.Done), 0)

	got := Of(log)
	own := func(start, end int64, s trace.State) TaskSpan { return TaskSpan{Span{start, end, s}, nobody, 0} }
	want := [][]TaskSpan{
		{
			{Span{0, 2, trace.Behind}, nobody, 0}, own(2, 10, trace.Run),
			{Span{10, 21, trace.Behind}, b, 1}, own(21, 25, trace.Run), own(25, 30, trace.IO), own(30, 34, trace.WaitGIL), own(34, 40, trace.Run),
			own(40, 42, trace.IO), own(42, 55, trace.NoGIL), own(55, 60, trace.IO), own(60, 64, trace.WaitGIL), own(64, 65, trace.Behind),
			own(65, 70, trace.Run), own(70, 90, trace.Sleep),
		},
		{
			{Span{0, 11, trace.Behind}, a, 1}, own(11, 20, trace.Run), own(20, 35, trace.Sleep),
			{Span{35, 41, trace.Behind}, a, 1}, own(41, 50, trace.Run),
		},
		nil,
	}
	if !reflect.DeepEqual(got.TaskLanes, want) {
		t.Errorf("got\n%v\nwant\n%v", got.TaskLanes, want)
	}
	w := got.Window(12, 30)
	if want := [][]TaskSpan{
		{{Span{12, 21, trace.Behind}, b, 1}, own(21, 25, trace.Run), own(25, 30, trace.IO)},
		{own(12, 20, trace.Run), own(20, 30, trace.Sleep)},
		nil,
	}; !reflect.DeepEqual(w.TaskLanes, want) {
		t.Errorf("from 12 to 30: got\n%v\nwant\n%v", w.TaskLanes, want)
	}
}

// The numbers of threads and of tasks are numbers of their own, and the iterations of a
// thread that is no loop are no turns.
func TestThreadsAreNoLoops(t *testing.T) {
	got := Of(&trace.Log{
		Threads: []trace.Thread{{Group: "crunch"}}, Tasks: []trace.Thread{{Group: "a"}},
		Events: []trace.Event{state(0, 0, trace.Run), {Time: 1, Kind: trace.IterBegin, Other: -1}, {Time: 5, Kind: trace.IterEnd, Other: -1}},
	})
	if len(got.TaskLanes) != 1 || got.TaskLanes[0] != nil {
		t.Errorf("got %v", got.TaskLanes)
	}
}

// Of too many each group shows as many as the others, as far as it has them, in their
// order.
func TestChoose(t *testing.T) {
	for _, c := range []struct{ a, b, wantA, wantB int }{{2, 3, 2, 3}, {100, 1, 39, 1}, {100, 100, 20, 20}, {0, 50, 0, 40}, {0, 0, 0, 0}} {
		var names []trace.Thread
		for i := range c.a {
			names = append(names, trace.Thread{Group: "a", Worker: i})
		}
		for i := range c.b {
			names = append(names, trace.Thread{Group: "b", Worker: i})
		}
		var a, b int
		for _, i := range Choose(names, 40) {
			if want := map[string]int{"a": a, "b": b}[names[i].Group]; names[i].Worker != want {
				t.Errorf("%d and %d: %v is the %d-th of its group", c.a, c.b, names[i], want)
			}
			if names[i].Group == "a" {
				a++
			} else {
				b++
			}
		}
		if a != c.wantA || b != c.wantB {
			t.Errorf("%d and %d: %d and %d are drawn, want %d and %d", c.a, c.b, a, b, c.wantA, c.wantB)
		}
	}
}
