package trace

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// life makes a thread live a random life on its lane.
func life(random *rand.Rand, l *Lane) {
	now, seq := random.Int64N(50), int64(0)
	legal := func(from State) State {
		for {
			if s := State(random.IntN(int(Done))); s != from && follows[from][s] {
				return s
			}
		}
	}
	for range 20 + random.IntN(200) {
		switch random.IntN(9) {
		case 0:
			if l.open {
				fail := ""
				if random.IntN(5) == 0 {
					fail = "no reply"
				}
				l.End(now, random.Int64N(20), fail)
			}
		case 1:
			if !l.open {
				l.Begin(seq, now-random.Int64N(30), now)
				seq++
			}
		case 2:
			l.Record(Event{Time: now, Kind: Take, Thread: l.thread, Other: int32(random.IntN(4)) - 1, Arg: random.Int64N(2)})
		case 3:
			l.Record(Event{Time: now, Kind: []Kind{Request, Forced, Release, Shake}[random.IntN(4)], Thread: l.thread})
		default:
			l.To(legal(l.State()), now)
		}
		now += random.Int64N(40)
	}
}

// samplesOf works out the iterations of one thread the long way: for each, it goes
// through all events of the thread and cuts each state to the iteration.
func samplesOf(events []Event) []Sample {
	var out []Sample
	for i, b := range events {
		if b.Kind != IterBegin {
			continue
		}
		s := Sample{Seq: b.Arg, Intended: b.Arg2, Start: b.Time, End: -1}
		for _, e := range events[i:] {
			switch e.Kind {
			case IterEnd:
				s.End, s.Planned, s.Err = e.Time, e.Arg, e.Err
			case Request:
				s.Requests++
			case Forced:
				s.Forced++
			case Take:
				s.Barges += e.Arg
				if e.Other >= 0 && e.Other != e.Thread {
					s.Switches++
				}
			}
			if s.End >= 0 {
				break
			}
		}
		if s.End < 0 {
			continue // it was cut off
		}
		for _, d := range spans(events) {
			length := max(0, min(d.to, s.End)-max(d.from, s.Start))
			switch d.state {
			case Run:
				s.Run += length
			case WaitGIL:
				s.WaitGIL += length
			case NoGIL:
				s.NoGIL += length
			case Sleep, IO:
				s.Blocked += length
			case Ready:
				s.Ready += length
			}
		}
		out = append(out, s)
	}
	return out
}

type span struct {
	state    State
	from, to int64
}

func spans(events []Event) []span {
	out := []span{{state: Done}}
	for _, e := range events {
		if e.Kind == StateChange {
			out[len(out)-1].to = e.Time
			out = append(out, span{state: State(e.Arg), from: e.Time})
		}
	}
	out[len(out)-1].to = events[len(events)-1].Time
	return out
}

// The meter that runs along, the fold of the log, and the long way round give the
// same figures.
func TestThreeWaysToTheFigures(t *testing.T) {
	for seed := range uint64(200) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			window := Window{Start: 500, End: 2500}
			meter := func(int) *Meter { return NewMeter(window, 0, 0) }
			var lanes []*Lane
			var threads []Thread
			for i := range 3 {
				lanes = append(lanes, NewLane(int32(i), meter(i), true))
				threads = append(threads, Thread{"t", i})
				life(random, lanes[i])
			}
			folded := NewLog(threads, lanes).Fold(meter)
			for i, l := range lanes {
				if !reflect.DeepEqual(folded[i], l.Meter()) {
					t.Errorf("thread %d: the fold is %+v, the meter %+v", i, folded[i], l.Meter())
				}
				compare(t, l.Meter(), samplesOf(l.Events()), window)
			}
		})
	}
}

func compare(t *testing.T, m *Meter, want []Sample, w Window) {
	t.Helper()
	var got []Sample
	m.Rows(func(s *Sample) { got = append(got, *s) })
	before := slices.DeleteFunc(slices.Clone(want), func(s Sample) bool { return s.Intended >= w.End })
	if !slices.Equal(got, before) {
		t.Errorf("rows %+v, want %+v", got, before)
	}
	ended := int64(0)
	for _, p := range []Phase{Warmup, Measure} {
		var total Total
		latencies := []int64{}
		for _, s := range before {
			inside := s.Intended >= w.Start
			switch {
			case inside != (p == Measure):
				continue
			case s.Err != "":
				total.Failed++
				continue
			}
			if w.Start <= s.End && s.End <= w.End {
				ended++
			}
			latencies = append(latencies, s.End-s.Start)
			total.Iterations++
			total.LatencySum += s.End - s.Start
			total.DelaySum += s.End - s.Start - s.Planned
			total.PlannedSum += s.Planned
			total.Run += s.Run
			total.WaitGIL += s.WaitGIL
			total.NoGIL += s.NoGIL
			total.Blocked += s.Blocked
			total.Ready += s.Ready
			total.Counts.Add(s.Counts)
		}
		have := *m.Total(p)
		slices.Sort(latencies)
		for k, v := range latencies {
			if have.Latency.Rank(int64(k)) != v {
				t.Errorf("latency of rank %d is %d, want %d", k, have.Latency.Rank(int64(k)), v)
			}
		}
		have.Latency, have.Response, have.Delay = Sketch{}, Sketch{}, Sketch{}
		if !reflect.DeepEqual(have, total) {
			t.Errorf("phase %d: %+v, want %+v", p, have, total)
		}
	}
	if m.EndedInWindow() != ended {
		t.Errorf("%d ended inside the window, want %d", m.EndedInWindow(), ended)
	}
}

// A lane with neither meter nor log costs and does nothing.
func TestIdleLane(t *testing.T) {
	l := NewLane(0, nil, false)
	l.To(Run, 5)
	if l.Events() != nil || l.State() != Done {
		t.Error("it has kept something")
	}
}
