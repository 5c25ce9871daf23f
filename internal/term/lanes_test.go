package term

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/gil/trace/timeline"
)

// script is a convoy that is short enough to be read: crunch has the lock, io and
// the others wait for an interval, and each then does little.
func script() *trace.Log {
	log := &trace.Log{Threads: []trace.Thread{{Group: "crunch"}, {Group: "io"}, {Group: "quick"}, {Group: "never"}}}
	seq := int64(0)
	state := func(at int64, thread int32, s trace.State) {
		log.Events = append(log.Events, trace.Event{Time: at, Kind: trace.StateChange, Thread: thread, Other: -1, Arg: int64(s)})
	}
	lock := func(at int64, k trace.Kind, thread, other int32) {
		seq++
		log.Events = append(log.Events, trace.Event{Seq: seq, Time: at, Kind: k, Thread: thread, Other: other})
	}
	lock(0, trace.Take, 0, -1)
	state(0, 0, trace.Run)
	state(0, 1, trace.IO)
	state(0, 2, trace.Sleep)
	for i := range int64(3) {
		t := 10 * i * ms
		state(t+2*ms, 1, trace.WaitGIL)
		lock(t+7*ms, trace.Request, 1, 0)
		lock(t+7*ms+20, trace.Forced, 0, -1)
		state(t+7*ms+20, 0, trace.WaitGIL)
		lock(t+7*ms+5000, trace.Take, 1, 0)
		state(t+7*ms+5000, 1, trace.Run)
		lock(t+7*ms+90_000, trace.Release, 1, -1)
		state(t+7*ms+90_000, 1, trace.NoGIL)
		state(t+8*ms, 1, trace.IO)
		if i < 2 {
			lock(t+7*ms+95_000, trace.Take, 0, 1)
			state(t+7*ms+95_000, 0, trace.Run)
		}
	}
	lock(30*ms, trace.Take, 2, 1)
	state(30*ms, 2, trace.Run)
	lock(32*ms, trace.Release, 2, -1)
	state(32*ms, 2, trace.Ready)
	state(33*ms, 2, trace.Sleep)
	state(35*ms, 2, trace.Done)
	state(36*ms, 1, trace.Done)
	state(36*ms, 0, trace.Done)
	return log
}

// The pictures, for people who look at them.
func TestLanes(t *testing.T) {
	line := timeline.Of(script())
	stretch := Telling([]*timeline.Timeline{line}, 5*ms, 5*ms, 0)
	nobody := timeline.Of(&trace.Log{Threads: line.Threads[:1], Cut: 9 * ms, Events: []trace.Event{
		{Time: 0, Kind: trace.StateChange, Other: -1, Arg: int64(trace.Run)},
		{Time: 9 * ms, Kind: trace.StateChange, Other: -1, Arg: int64(trace.Done)},
	}})
	for name, l := range map[string]Lanes{
		"lanes":             {Style: Style{Wide: 100}, Name: "gil", Line: line, Stretch: stretch},
		"lanes-ascii":       {Style: Style{Wide: 100, ASCII: true}, Name: "gil", Line: line, Stretch: stretch},
		"lanes-wide":        {Style: Style{Wide: 200}, Name: "gil, fast", Line: line, Stretch: Stretch{From: 6_900_000, To: 7_200_000}},
		"lanes-small":       {Style: Style{Wide: 60}, Name: "gil", Line: line, Stretch: Stretch{From: 20 * ms, To: 60 * ms}},
		"lanes-late":        {Style: Style{Wide: 100}, Name: "gil", Line: line, Stretch: Stretch{From: 50 * ms, To: 60 * ms}},
		"lanes-cut":         {Style: Style{Wide: 100}, Name: "native", Line: nobody, Stretch: Stretch{From: 20 * ms, To: 60 * ms}},
		"lanes-color":       {Style: Style{Wide: 60, Color: true}, Name: "gil", Line: line, Stretch: stretch},
		"lanes-tasks":       {Style: Style{Wide: 100}, Name: "sim_gil", Line: timeline.Of(taking(2, 40)), Stretch: Stretch{To: 3 * ms}},
		"lanes-tasks-ascii": {Style: Style{Wide: 60, ASCII: true}, Name: "sim_gil", Line: timeline.Of(taking(1, 2)), Stretch: Stretch{To: ms}},
		"lanes-crowd":       {Style: Style{Wide: 100}, Name: "sim_gil", Line: timeline.Of(crowd(1000, 30)), Stretch: Stretch{To: 2 * ms}},
	} {
		var b strings.Builder
		if err := l.Write(&b); err != nil {
			t.Fatal(err)
		}
		for text := range strings.Lines(b.String()) {
			if n := width(strings.TrimSuffix(text, "\n")); n > l.Style.Wide && !l.Style.Color {
				t.Errorf("%s: a line of %d columns: %s", name, n, text)
			}
			if strings.TrimRight(text, " \n")+"\n" != text && !l.Style.Color {
				t.Errorf("%s: blanks at the end of %q", name, text)
			}
		}
		golden(t, name+".txt", b.String())
	}
}

// taking is a log of a loop whose tasks, of two groups, take turns of 0.2 ms each: the
// first, all of the second, and again.
func taking(first, second int) *trace.Log {
	log := &trace.Log{Threads: []trace.Thread{{Group: "yield-loop"}}}
	for i := range first {
		log.Tasks = append(log.Tasks, trace.Thread{Group: "first", Worker: i})
	}
	for i := range second {
		log.Tasks = append(log.Tasks, trace.Thread{Group: "second", Worker: i})
	}
	add := func(at int64, k trace.Kind, other int32, arg, arg2 int64) {
		log.Events = append(log.Events, trace.Event{Time: at, Kind: k, Other: other, Arg: arg, Arg2: arg2})
	}
	log.Events = append(log.Events, trace.Event{Seq: 1, Kind: trace.Take, Other: -1})
	add(0, trace.StateChange, -1, int64(trace.Run), 0)
	left := make([]int64, len(log.Tasks))
	for at, k := int64(0), int32(0); at < 3*ms; at, k = at+200_000, (k+1)%int32(len(log.Tasks)) {
		add(at, trace.IterBegin, k, 0, left[k])
		left[k] = at + 200_000
		add(left[k], trace.IterEnd, -1, 0, 0)
	}
	return log
}

// crowd is a log of many threads, in a large group and several small ones, that
// take turns with the lock.
func crowd(large, small int) *trace.Log {
	log := &trace.Log{}
	for i := range large {
		log.Threads = append(log.Threads, trace.Thread{Group: "many", Worker: i})
	}
	for i := range small {
		log.Threads = append(log.Threads, trace.Thread{Group: fmt.Sprintf("few%d", i/2), Worker: i % 2})
	}
	for i := range log.Threads {
		at, id := int64(i)*1000, int32(i)
		log.Events = append(log.Events,
			trace.Event{Seq: int64(2*i) + 1, Time: at, Kind: trace.Take, Thread: id, Other: id - 1},
			trace.Event{Time: at, Kind: trace.StateChange, Thread: id, Other: -1, Arg: int64(trace.Run)},
			trace.Event{Seq: int64(2*i) + 2, Time: at + 900, Kind: trace.Release, Thread: id, Other: -1},
			trace.Event{Time: at + 900, Kind: trace.StateChange, Thread: id, Other: -1, Arg: int64(trace.Sleep)})
	}
	return log
}

// Every group is drawn as far as there is room for all.
func TestChooseLanes(t *testing.T) {
	for _, c := range []struct {
		log  *trace.Log
		want string
	}{
		{crowd(1000, 0), "many 24/1000"},
		{crowd(1000, 3), "many 21/1000 few0 2/2 few1 1/1"},
		{crowd(2, 3), "many 2/2 few0 2/2 few1 1/1"},
		{crowd(24, 0), "many 24/24"},
		{crowd(25, 0), "many 24/25"},
	} {
		var got []string
		for _, g := range chooseLanes(c.log.Threads, nil) {
			got = append(got, fmt.Sprintf("%s %d/%d", g.name, g.drawn, len(g.members)))
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("got %s, want %s", text, c.want)
		}
	}
}

// Each instant lies in the column whose bounds enclose it, and the columns of any
// picture share its time without a rest.
func TestColumns(t *testing.T) {
	for _, c := range []struct {
		from, to int64
		columns  int
	}{{0, 1000, 83}, {17, 1017, 7}, {1e9, 1e9 + 40*ms, 183}, {3, 86_400_000_000_003, 196}} {
		p := picture{Lanes: Lanes{Stretch: Stretch{From: c.from, To: c.to}}, columns: c.columns}
		for i := range c.columns {
			for _, at := range []int64{p.bound(i), p.bound(i+1) - 1} {
				if got := p.column(at); got != i {
					t.Errorf("%+v: %d lies in column %d, from %d to %d", c, at, got, i, p.bound(i))
				}
			}
		}
		if p.column(c.to) != c.columns-1 || p.bound(c.columns) != c.to {
			t.Errorf("%+v: it ends in column %d at %d", c, p.column(c.to), p.bound(c.columns))
		}
		third := c.from + (c.to-c.from)/3
		total := map[int32]int64{}
		for _, col := range p.fold(-1, func(put putter) { put(third, c.to, 5); put(c.to, c.to, 6) }) {
			for _, part := range col {
				total[part.key] += part.ns
			}
		}
		if total[-1] != third-c.from || total[5] != c.to-third || total[6] != 0 {
			t.Errorf("%+v: got %v", c, total)
		}
	}
}

// What a column shows is what lasted longest in it, and whether there was more.
func TestLongest(t *testing.T) {
	for _, c := range []struct {
		column slot
		key    int32
		mixed  bool
	}{
		{slot{{3, 10}}, 3, false},
		{slot{{3, 10}, {4, 0}}, 3, true},
		{slot{{3, 10}, {4, 11}}, 4, true},
		{slot{{3, 10}, {4, 10}}, 3, true},
	} {
		if key, mixed := c.column.longest(); key != c.key || mixed != c.mixed {
			t.Errorf("%v: got %d, %v", c.column, key, mixed)
		}
	}
}

func TestTelling(t *testing.T) {
	handed := func(at int64, forced bool) *timeline.Timeline {
		return &timeline.Timeline{Handoffs: []timeline.Handoff{{Released: 1 * ms, Forced: true}, {Released: at, Taken: at, Forced: forced}}}
	}
	none := &timeline.Timeline{}
	for _, c := range []struct {
		lines  []*timeline.Timeline
		length int64
		want   Stretch
	}{
		{[]*timeline.Timeline{none, handed(100*ms, true)}, 0, Stretch{90 * ms, 130 * ms, "around the first forced switch after the warm-up"}},
		{[]*timeline.Timeline{handed(60*ms, false), handed(100*ms, true)}, 0, Stretch{90 * ms, 130 * ms, "around the first forced switch after the warm-up"}},
		{[]*timeline.Timeline{handed(51*ms, false)}, 8 * ms, Stretch{49 * ms, 57 * ms, "around the first hand-off after the warm-up"}},
		{[]*timeline.Timeline{handed(51*ms, false)}, 800 * ms, Stretch{0, 800 * ms, "around the first hand-off after the warm-up"}},
		{[]*timeline.Timeline{none}, 0, Stretch{50 * ms, 90 * ms, "the beginning of the measured window"}},
		{nil, 3 * ms, Stretch{50 * ms, 53 * ms, "the beginning of the measured window"}},
	} {
		if got := Telling(c.lines, 50*ms, 5*ms, c.length); got != c.want {
			t.Errorf("got %+v, want %+v", got, c.want)
		}
	}
}

// Terminals of many colours get those of the palette, for their background.
func TestStateColors(t *testing.T) {
	for _, c := range []struct {
		style Style
		want  string
	}{
		{Style{}, "x"},
		{Style{Color: true}, "\x1b[31mx\x1b[0m"},
		{Style{Color: true, TrueColor: true}, "\x1b[38;2;238;70;67mx\x1b[0m"},
		{Style{Color: true, TrueColor: true, Light: true}, "\x1b[38;2;134;0;19mx\x1b[0m"},
	} {
		if got := c.style.state(trace.WaitGIL, "x"); got != c.want {
			t.Errorf("%+v: got %q", c.style, got)
		}
	}
	for fgbg, want := range map[string]bool{"": false, "15;0": false, "0;15": true, "0;default;15": true, "7": false} {
		if _, light := colors(func(k string) string {
			if k == "COLORFGBG" {
				return fgbg
			}
			return ""
		}); light != want {
			t.Errorf("COLORFGBG=%s: light %v", fgbg, light)
		}
	}
}
