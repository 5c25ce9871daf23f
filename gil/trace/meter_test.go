package trace

import (
	"slices"
	"testing"
)

// An iteration belongs to the phase in which it was meant to start; the window's
// end belongs to the window for those that end.
func TestWindow(t *testing.T) {
	w := Window{Start: 100, End: 200}
	for intended, want := range map[int64]Phase{-5: Warmup, 0: Warmup, 99: Warmup, 100: Measure, 199: Measure, 200: After, 900: After} {
		if got := w.Phase(intended); got != want {
			t.Errorf("phase of %d is %d, want %d", intended, got, want)
		}
	}
	for at, want := range map[int64]bool{99: false, 100: true, 200: true, 201: false} {
		if got := w.Contains(at); got != want {
			t.Errorf("contains %d: %t", at, got)
		}
	}
}

func TestMeterPhases(t *testing.T) {
	m := NewMeter(Window{Start: 100, End: 200}, 0, 0)
	for i, s := range []Sample{
		{Intended: 10, Start: 20, End: 120},               // warm-up, but it ends inside
		{Intended: 100, Start: 110, End: 150, Planned: 5}, // inside
		{Intended: 190, Start: 190, End: 260},             // inside, ends after
		{Intended: 150, Start: 150, End: 160, Err: "x"},   // failed
		{Intended: 200, Start: 200, End: 210},             // after: in no figure
	} {
		s.Seq = int64(i)
		m.Add(&s)
	}
	warm, in := m.Total(Warmup), m.Total(Measure)
	if warm.Iterations != 1 || warm.LatencySum != 100 || warm.Response.Max() != 110 {
		t.Errorf("warm-up %+v", warm)
	}
	if in.Iterations != 2 || in.Failed != 1 || in.LatencySum != 110 || in.DelaySum != 105 || in.PlannedSum != 5 || in.Response.Max() != 70 {
		t.Errorf("measured %+v", in)
	}
	if m.EndedInWindow() != 2 {
		t.Errorf("%d ended inside the window", m.EndedInWindow())
	}
	if got := rows(m); !slices.Equal(got, []int64{0, 1, 2, 3}) {
		t.Errorf("rows %v", got)
	}
}

func rows(m *Meter) []int64 {
	var out []int64
	m.Rows(func(s *Sample) { out = append(out, s.Seq) })
	return out
}

func TestSampling(t *testing.T) {
	all := []int64{0, 1, 2, 3, 4, 5, 6}
	for n, want := range map[int][]int64{-1: nil, 0: all, 1: all, 3: {0, 3, 6}} {
		m := NewMeter(Window{End: 100}, n, 0)
		for i := range int64(7) {
			m.Add(&Sample{Seq: i, End: i})
		}
		if got := rows(m); !slices.Equal(got, want) || m.Total(Measure).Iterations != 7 {
			t.Errorf("every %d: rows %v, want %v; all of 7 count, got %d", n, got, want, m.Total(Measure).Iterations)
		}
		if got, want := m.Stride(), map[int]int64{-1: 0, 0: 1, 1: 1, 3: 3}[n]; got != want {
			t.Errorf("every %d: stride %d, want %d", n, got, want)
		}
	}
}

// A worker that is too fast keeps every second row from then on, then every
// fourth; the summary still covers all.
func TestThinning(t *testing.T) {
	const perSecond, n = 10, 100
	m := NewMeter(Window{End: 1e18}, 0, perSecond)
	for i := range int64(n) {
		m.Add(&Sample{Seq: i, Intended: i, Start: i, End: i})
	}
	got := rows(m)
	if m.Total(Measure).Iterations != n || m.Stride() < 4 || len(got) > 4*perSecond {
		t.Errorf("%d counted, stride %d, %d rows", m.Total(Measure).Iterations, m.Stride(), len(got))
	}
	last := int64(0)
	for i, seq := range got {
		gap := seq - last
		if i > 0 && gap&(gap-1) != 0 || i > perSecond && seq%2 != 0 {
			t.Errorf("rows %v", got)
			break
		}
		last = seq
	}
	// Slow enough: all rows, however many seconds.
	slow := NewMeter(Window{End: 1e18}, 0, perSecond)
	for i := range int64(n) {
		slow.Add(&Sample{Seq: i, End: i * 1e9 / perSecond})
	}
	if slow.Stride() != 1 || len(rows(slow)) != n {
		t.Errorf("stride %d, %d rows of %d", slow.Stride(), len(rows(slow)), n)
	}
}

// Rows are kept in chunks; none is lost at their borders.
func TestManyRows(t *testing.T) {
	m := NewMeter(Window{End: 1e18}, 0, 0)
	const n = 3*chunkRows + 1
	for i := range int64(n) {
		m.Add(&Sample{Seq: i})
	}
	for i, seq := range rows(m) {
		if int64(i) != seq {
			t.Fatalf("row %d has number %d", i, seq)
		}
	}
	if len(rows(m)) != n {
		t.Errorf("%d rows", len(rows(m)))
	}
}

// The totals of two workers merged are those of one that did the work of both.
func TestTotalsMerge(t *testing.T) {
	w := Window{End: 1e18}
	both, one, two := NewMeter(w, -1, 0), NewMeter(w, -1, 0), NewMeter(w, -1, 0)
	for i := range int64(50) {
		s := Sample{Seq: i, Intended: i, Start: i + 1, End: 3*i + 9, Planned: i % 3, Run: i, WaitGIL: 2 * i, NoGIL: 5, Blocked: 7 * i, Ready: 1,
			Counts: Counts{Switches: i, Requests: 1, Forced: i % 2, Barges: 2}}
		if i%7 == 0 {
			s.Err = "x"
		}
		both.Add(&s)
		if i < 20 {
			one.Add(&s)
		} else {
			two.Add(&s)
		}
	}
	a, b := one.Total(Measure), both.Total(Measure)
	a.Merge(two.Total(Measure))
	for k := range a.Latency.Count() {
		if a.Latency.Rank(k) != b.Latency.Rank(k) || a.Response.Rank(k) != b.Response.Rank(k) || a.Delay.Rank(k) != b.Delay.Rank(k) {
			t.Errorf("rank %d differs", k)
		}
	}
	x, y := *a, *b
	x.Latency, x.Response, x.Delay = Sketch{}, Sketch{}, Sketch{}
	y.Latency, y.Response, y.Delay = Sketch{}, Sketch{}, Sketch{}
	if !sameTotals(&x, &y) || b.Iterations == 0 || b.Failed == 0 {
		t.Errorf("merged %+v, want %+v", x, y)
	}
}

func sameTotals(x, y *Total) bool {
	return x.Iterations == y.Iterations && x.Failed == y.Failed && x.LatencySum == y.LatencySum &&
		x.DelaySum == y.DelaySum && x.PlannedSum == y.PlannedSum && x.Run == y.Run && x.WaitGIL == y.WaitGIL &&
		x.NoGIL == y.NoGIL && x.Blocked == y.Blocked && x.Ready == y.Ready && x.Counts == y.Counts
}

// The names are those of states.csv and events.csv; each kind and state has one.
func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for s := range states {
		seen[s.String()] = true
	}
	for k := range kinds {
		seen[k.String()] = true
	}
	if len(seen) != int(states)+int(kinds) || seen[""] {
		t.Errorf("%d names for %d states and %d kinds", len(seen), states, kinds)
	}
}
