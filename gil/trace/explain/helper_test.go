package explain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
)

// names are the threads of the scripts, by number, and tasks those of their loops.
const (
	names = "abcd"
	tasks = "xyz"
)

var kinds = map[string]trace.Kind{}

func init() {
	for k := trace.StateChange; k <= trace.Shaken; k++ {
		kinds[k.String()] = k
	}
}

var states = map[string]trace.State{}

func init() {
	for s := trace.Run; s <= trace.Done; s++ {
		states[s.String()] = s
	}
}

// parse reads a log: in each line a time in µs, a thread, an event or a state, and
// what belongs to it: another thread, a number, and for a piece of a task's that task and
// since when that could go on.
func parse(t *testing.T, text string) *trace.Log {
	t.Helper()
	log := &trace.Log{}
	for _, n := range names {
		log.Threads = append(log.Threads, trace.Thread{Group: string(n)})
	}
	for _, n := range tasks {
		log.Tasks = append(log.Tasks, trace.Thread{Group: string(n)})
	}
	seq := int64(0)
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		us, err := strconv.ParseInt(words[0], 10, 64)
		if err != nil || len(words) < 3 {
			t.Fatalf("%q", line)
		}
		e := trace.Event{Time: us * 1000, Thread: int32(strings.Index(names, words[1])), Other: -1}
		if s, ok := states[words[2]]; ok {
			e.Arg = int64(s)
		} else if e.Kind, ok = kinds[words[2]]; !ok {
			t.Fatalf("%q", line)
		}
		since := us
		for _, w := range words[3:] {
			n, err := strconv.ParseInt(w, 10, 64)
			switch {
			case err == nil && (e.Kind == trace.IterBegin || e.Kind == trace.TaskServed) && e.Other >= 0:
				since = n
			case err == nil:
				e.Arg = n
			default:
				e.Other = int32(max(strings.Index(names, w), strings.Index(tasks, w)))
			}
		}
		switch e.Kind {
		case trace.TaskServed:
			e.Arg, e.Arg2 = e.Arg*1000, since*1000
		case trace.IterBegin:
			e.Arg2 = since * 1000
		case trace.IterEnd, trace.TaskEnd:
			e.Arg *= 1000 // the sleep it asked for
		}
		if e.Kind.OfLock() {
			seq++
			e.Seq = seq
		}
		log.Events = append(log.Events, e)
	}
	return log
}

// told returns the parts as people write them, with times in µs.
func told(h *History, parts []Part) string {
	var out []string
	for _, p := range parts {
		s := fmt.Sprintf("%d %s", p.NS/1000, p.Cause)
		if p.Culprit >= 0 {
			s += " " + h.Threads()[p.Culprit].Group
		}
		if p.Count > 1 {
			s += fmt.Sprintf(" x%d", p.Count)
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

// addUp holds every iteration of a log against its sample: the parts are the
// latency, and those of each state are what the meter counted for that state.
func addUp(t *testing.T, log *trace.Log) (iterations int) {
	t.Helper()
	h := New(log)
	meters := log.Fold(func(int) *trace.Meter { return trace.NewMeter(trace.Window{End: 1 << 62}, 0, 0) })
	samples := map[[2]int64]trace.Sample{}
	for i, m := range meters {
		m.Rows(func(s *trace.Sample) { samples[[2]int64{int64(i), s.Seq}] = *s })
	}
	for i := range h.Iterations() {
		it := &h.Iterations()[i]
		if int(it.Thread) >= len(log.Threads) {
			addUpTask(t, h, it)
			continue
		}
		s, ok := samples[[2]int64{int64(it.Thread), it.Seq}]
		if !ok || s.Start != it.Start || s.End != it.End || s.Planned != it.Planned {
			t.Fatalf("thread %d, iteration %d: %+v, and the meter has %+v", it.Thread, it.Seq, it, s)
		}
		var got trace.Sample
		sum := int64(0)
		for _, p := range h.Parts(it) {
			sum += p.NS
			*stateOf(&got, p.Cause) += p.NS
			if p.NS < 0 || p.Count < 1 || p.Culprit >= int32(len(log.Threads)) {
				t.Errorf("thread %d, iteration %d: part %+v", it.Thread, it.Seq, p)
			}
		}
		if sum != it.Latency() {
			t.Errorf("thread %d, iteration %d: the parts are %d ns of %d", it.Thread, it.Seq, sum, it.Latency())
		}
		if got.Run != s.Run || got.WaitGIL != s.WaitGIL || got.NoGIL != s.NoGIL || got.Blocked != s.Blocked || got.Ready != s.Ready {
			t.Errorf("thread %d, iteration %d: states %+v, and the meter has %+v: %s", it.Thread, it.Seq, got, s, told(h, h.Parts(it)))
		}
	}
	return len(h.Iterations())
}

// addUpTask holds an iteration of a task, which no meter of a thread knows, against its
// latency.
func addUpTask(t *testing.T, h *History, it *Iteration) {
	t.Helper()
	sum := int64(0)
	for _, p := range h.Parts(it) {
		sum += p.NS
		if p.NS < 0 || p.Count < 1 || p.Culprit == it.Thread || int(p.Culprit) >= len(h.Threads()) {
			t.Errorf("%s: part %+v", h.Threads()[it.Thread].Group, p)
		}
	}
	if sum != it.Latency() {
		t.Errorf("%s, iteration %d: the parts are %d ns of %d", h.Threads()[it.Thread].Group, it.Seq, sum, it.Latency())
	}
}

// stateOf returns the state that a cause is part of.
func stateOf(s *trace.Sample, c Cause) *int64 {
	switch {
	case c == Work:
		return &s.Run
	case c == Ready:
		return &s.Ready
	case c == NoGIL:
		return &s.NoGIL
	case slices.Contains([]Cause{IO, Sleep, Oversleep, Yield}, c):
		return &s.Blocked
	}
	return &s.WaitGIL
}
