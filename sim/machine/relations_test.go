package machine

import (
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// Relations between runs that hold whatever the figures are.

// scaled returns the costs with all of them k times as large.
func scaled(c *Costs, k int64) *Costs {
	out := *c
	for _, f := range out.Fields() {
		switch v := f.Value.(type) {
		case *int64:
			*v *= k
		case *float64:
			*v *= float64(k)
		case *Spread:
			*v = Spread{v.Min * k, v.P10 * k, v.P50 * k, v.P90 * k, v.P99 * k, v.Max * k}
		}
	}
	return &out
}

// steady returns the default costs without their spread: with it, rounding to a
// whole nanosecond would differ between scales.
func steady() *Costs {
	c := DefaultCosts()
	c.ReleaseTake = 46 // even, since one half is charged at each end
	for _, f := range c.Fields() {
		if s, ok := f.Value.(*Spread); ok {
			*s = Exactly(s.P50)
		}
	}
	return c
}

// All times, costs and the pace scaled by k scale the results by k, on a scheduler
// whose own times are none.
func TestScaling(t *testing.T) {
	const k = 3
	run := func(k int64) *trace.Report {
		d := func(d time.Duration) time.Duration { return d * time.Duration(k) }
		p := withClients(underLock("cpython-3", d(200*ms),
			groupOf("hog", 2, fibOf(14), loopOf(2, holdFor(d(300*us)))),
			groupOf("poll", 1, sleepFor(d(1*ms)), fibOf(6)),
			groupOf("ext", 1, nogilFor(d(700*us)), yieldTimes(1))),
			workloads.Client{Name: "fast", Count: 2, Request: 8})
		p.Interpreter.Pace.NS = float64(25 * k)
		p.Interpreter.Params = map[string]any{"switch_interval": d(5 * ms)}
		return runs(t, p, Config{Scheduler: "fifo", Costs: scaled(steady(), k)})
	}
	one, many := run(1), run(k)
	for _, g := range one.Groups {
		for w := range g.Workers {
			a, b := rows(one, g.Name, w), rows(many, g.Name, w)
			if len(a) != len(b) {
				t.Errorf("%s-%d: %d rows, and %d when all is %d times as long", g.Name, w, len(a), len(b), k)
				continue
			}
			for i := range a {
				if a[i].Start*k != b[i].Start || a[i].End*k != b[i].End || a[i].Run*k != b[i].Run || a[i].WaitGIL*k != b[i].WaitGIL {
					t.Errorf("%s-%d, iteration %d: %+v, scaled %+v", g.Name, w, i, a[i], b[i])
					break
				}
			}
		}
	}
}

// Where nothing is drawn, renaming groups changes nothing but names.
func TestRenaming(t *testing.T) {
	run := func(a, b, c string) *trace.Report {
		p := withClients(underLock("cpython-3", 200*ms, groupOf(a, 2, fibOf(14)), groupOf(b, 1, sleepFor(1*ms), fibOf(6))),
			workloads.Client{Name: c, Count: 2, Request: 8})
		return runs(t, p, Config{Scheduler: "rr", Costs: steady()})
	}
	x, y := run("hog", "poll", "fast"), run("zebra", "ant", "cat")
	for i, g := range x.Groups {
		for w := range g.Workers {
			if !slices.Equal(rows(x, g.Name, w), rows(y, y.Groups[i].Name, w)) {
				t.Errorf("%s-%d changes with its name", g.Name, w)
			}
		}
	}
	if fact(x, "event_hash") != fact(y, "event_hash") {
		t.Error("the events change with the names")
	}
}

// Adding a group changes no random duration of another: its planned sleeps stay the
// same, one by one.
func TestAddingAGroupChangesNoDraws(t *testing.T) {
	planned := func(groups ...workloads.Group) []int64 {
		var out []int64
		for _, s := range rows(runs(t, underLock("none", 500*ms, groups...), Config{Scheduler: "rr"}), "quick", 0) {
			out = append(out, s.Planned)
		}
		return out
	}
	quick := groupOf("quick", 1, sleepExp(5*ms))
	alone, mixed := planned(quick), planned(groupOf("other", 3, sleepExp(3*ms), fibOf(10)), quick)
	if n := min(len(alone), len(mixed)); n < 50 || !slices.Equal(alone[:n], mixed[:n]) {
		t.Errorf("%d and %d iterations; the draws differ", len(alone), len(mixed))
	}
}

// The convoy: a client in a closed loop next to threads that compute gets
// 1/(s + w·k·(I + h)) requests a second, where each of its w releases loses the
// lock: a call without it takes longer than a wake-up. Each turn
// of the others lasts the interval I and what a hand-over costs, h. With one hog
// that is exact to what a wake-up costs; W is 2, the recv and the send.
func TestConvoy(t *testing.T) {
	for _, interval := range []time.Duration{5 * ms, 1 * ms, 20 * ms} {
		p := withClients(underLock("cpython-3", 3*time.Second, groupOf("hog", 1, spinFor(time.Hour))),
			workloads.Client{Name: "fast", Count: 1, Request: 1})
		p.Interpreter.Params = map[string]any{"switch_interval": interval}
		costs := &Costs{Send: 20_000, Recv: 20_000, Loopback: 10_000, WakeIdle: Exactly(5000), WakeDeep: Exactly(5000)}
		r := runs(t, p, Config{CPUs: 4, Scheduler: "fifo", Costs: costs})
		// A wait: the interval, up to 1 µs to the next look, the wake-up, twice. Beside
		// the waits there are the client's and the server's calls, of which the server's
		// send overlaps the wait that follows it by nothing: it comes before.
		wait := int64(interval) + 1000 + 5000
		least, most := 2*wait, 2*wait+4*20_000+2*10_000+2*5000
		s := total(r, "fast")
		if mean := s.LatencySum / s.Iterations; mean < least || mean > most {
			t.Errorf("interval %v: a request takes %d ns, want from %d to %d", interval, mean, least, most)
		}
	}
}

// The product of calls and pace is exact where it passes 64 bits.
func TestFibTime(t *testing.T) {
	calls, pace := workloads.FibCalls(45), int64(1e12)
	want := new(big.Int).Div(new(big.Int).Mul(big.NewInt(calls), big.NewInt(pace)), big.NewInt(1000))
	if got := fibTime(calls, pace); got != want.Int64() {
		t.Errorf("%d calls of %d ps take %d ns, want %d", calls, pace, got, want)
	}
}
