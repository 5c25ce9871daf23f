package timeline

import (
	"reflect"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
)

func state(thread int32, at int64, s trace.State) trace.Event {
	return trace.Event{Time: at, Kind: trace.StateChange, Thread: thread, Other: -1, Arg: int64(s)}
}

func lock(seq, at int64, k trace.Kind, thread, other int32) trace.Event {
	return trace.Event{Seq: seq, Time: at, Kind: k, Thread: thread, Other: other}
}

// forcedSwitch is a lock that goes from thread 0 to 1 because 1 asked for it, and
// then back.
func forcedSwitch() *trace.Log {
	return &trace.Log{
		Threads: []trace.Thread{{Group: "crunch"}, {Group: "quick"}, {Group: "late"}},
		Events: []trace.Event{
			lock(1, 0, trace.Take, 0, -1), state(0, 0, trace.Run),
			state(1, 5, trace.WaitGIL), lock(2, 5, trace.Ask, 1, 0), lock(3, 5, trace.Wait, 1, -1),
			lock(4, 10, trace.TimedOut, 1, -1), lock(5, 10, trace.Request, 1, 0), lock(6, 10, trace.Wait, 1, -1),
			lock(7, 11, trace.Forced, 0, -1), lock(8, 11, trace.Handoff, 0, 1), state(0, 11, trace.WaitGIL),
			lock(9, 13, trace.Take, 1, 0), state(1, 13, trace.Run),
			lock(10, 20, trace.Release, 1, -1), state(1, 20, trace.Sleep),
			lock(11, 22, trace.Take, 0, 1), state(0, 22, trace.Run),
			state(1, 30, trace.Done),
			{Time: 40, Kind: trace.IterEnd, Thread: 0, Other: -1},
		},
	}
}

// A switch is one arrow, and what is open at the end of the log ends there.
func TestOf(t *testing.T) {
	got := Of(forcedSwitch())
	want := &Timeline{
		Threads: got.Threads,
		Lanes: [][]Span{
			{{0, 11, trace.Run}, {11, 22, trace.WaitGIL}, {22, 40, trace.Run}},
			{{5, 13, trace.WaitGIL}, {13, 20, trace.Run}, {20, 30, trace.Sleep}},
			nil,
		},
		Holds: []Hold{{0, 11, 0, true}, {13, 20, 1, false}, {22, 40, 0, false}},
		Handoffs: []Handoff{
			{From: 0, To: 1, Released: 11, Taken: 13, Forced: true},
			{From: 1, To: 0, Released: 20, Taken: 22},
		},
		Waiters: []Count{{5, 1}, {11, 2}, {13, 1}, {22, 0}},
		Marks:   []Mark{{10, trace.TimedOut, 1, -1}, {10, trace.Request, 1, 0}, {11, trace.Forced, 0, -1}},
		End:     40,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

// A thread that takes the lock again hands it to nobody.
func TestNoHandoffToOneself(t *testing.T) {
	got := Of(&trace.Log{Threads: []trace.Thread{{Group: "a"}}, Events: []trace.Event{
		lock(1, 0, trace.Take, 0, -1), lock(2, 5, trace.Release, 0, -1), lock(3, 7, trace.Take, 0, 0),
	}})
	if len(got.Handoffs) != 0 || !reflect.DeepEqual(got.Holds, []Hold{{0, 5, 0, false}, {7, 7, 0, false}}) {
		t.Errorf("got %+v", got)
	}
}

// The lock's own clock asks as no thread.
func TestRequestOfNobody(t *testing.T) {
	got := Of(&trace.Log{Threads: []trace.Thread{{Group: "a"}}, Events: []trace.Event{
		lock(1, 0, trace.Take, 0, -1), lock(2, 5, trace.Request, -1, 0),
	}})
	if !reflect.DeepEqual(got.Marks, []Mark{{5, trace.Request, -1, 0}}) {
		t.Errorf("got %+v", got.Marks)
	}
}

func TestWindow(t *testing.T) {
	whole := Of(forcedSwitch())
	for _, c := range []struct {
		name     string
		from, to int64
		want     Timeline
	}{
		{"clips what reaches beyond", 7, 12, Timeline{
			Start: 7, End: 12,
			Lanes:   [][]Span{{{7, 11, trace.Run}, {11, 12, trace.WaitGIL}}, {{7, 12, trace.WaitGIL}}, nil},
			Holds:   []Hold{{7, 11, 0, true}},
			Waiters: []Count{{7, 1}, {11, 2}},
			Marks:   []Mark{{10, trace.TimedOut, 1, -1}, {10, trace.Request, 1, 0}, {11, trace.Forced, 0, -1}},
		}},
		{"keeps a hand-off that is inside whole", 11, 13, Timeline{
			Start: 11, End: 13,
			Lanes:    [][]Span{{{11, 13, trace.WaitGIL}}, {{11, 13, trace.WaitGIL}}, nil},
			Handoffs: []Handoff{{From: 0, To: 1, Released: 11, Taken: 13, Forced: true}},
			Waiters:  []Count{{11, 2}, {13, 1}},
			Marks:    []Mark{{11, trace.Forced, 0, -1}},
		}},
		{"forgets why a hold ends that it cuts", 2, 6, Timeline{
			Start: 2, End: 6,
			Lanes:   [][]Span{{{2, 6, trace.Run}}, {{5, 6, trace.WaitGIL}}, nil},
			Holds:   []Hold{{2, 6, 0, false}},
			Waiters: []Count{{5, 1}},
		}},
		{"ends with the run", 35, 1000, Timeline{
			Start: 35, End: 40,
			Lanes:   [][]Span{{{35, 40, trace.Run}}, nil, nil},
			Holds:   []Hold{{35, 40, 0, false}},
			Waiters: []Count{{35, 0}},
		}},
		{"is empty after the run", 100, 200, Timeline{
			Start: 100, End: 100, Lanes: [][]Span{nil, nil, nil}, Waiters: []Count{{100, 0}},
		}},
	} {
		c.want.Threads = whole.Threads
		got := whole.Window(c.from, c.to)
		for _, list := range []any{&got.Handoffs, &got.Marks, &got.Waiters} {
			if v := reflect.ValueOf(list).Elem(); v.Len() == 0 {
				v.SetZero()
			}
		}
		if !reflect.DeepEqual(got, &c.want) {
			t.Errorf("it %s: got\n%+v\nwant\n%+v", c.name, *got, c.want)
		}
	}
}

// An empty span is shown in the window that it lies in, at its edges too.
func TestWindowKeepsEmptySpans(t *testing.T) {
	whole := Of(&trace.Log{Threads: []trace.Thread{{Group: "a"}}, Events: []trace.Event{
		state(0, 0, trace.Run), state(0, 5, trace.WaitGIL), state(0, 5, trace.Run), state(0, 9, trace.Done),
	}})
	empty := Span{5, 5, trace.WaitGIL}
	for window, want := range map[[2]int64][]Span{
		{5, 9}: {empty, {5, 9, trace.Run}},
		{0, 5}: {{0, 5, trace.Run}, empty},
		{6, 9}: {{6, 9, trace.Run}},
		{0, 4}: {{0, 4, trace.Run}},
	} {
		if got := whole.Window(window[0], window[1]).Lanes[0]; !reflect.DeepEqual(got, want) {
			t.Errorf("%v: got %v, want %v", window, got, want)
		}
	}
}
