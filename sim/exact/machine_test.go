package exact

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/race"
	"github.com/fibsim/fibsim/sim/machine"
	"github.com/fibsim/fibsim/workloads"
)

// ideal is a machine on which nothing but the work takes time.
func ideal(cpus int, scheduler string, params map[string]any) machine.Config {
	return machine.Config{CPUs: cpus, Scheduler: scheduler, Params: params, HZ: int(second / sharingSlice), Costs: &machine.Costs{}}
}

func run(t testing.TB, p *workloads.Program, c machine.Config) *trace.Report {
	t.Helper()
	r, err := machine.Run(p, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func fixed(ns int64) workloads.Duration { return workloads.Duration{Mean: ns} }
func random(mean time.Duration) workloads.Duration {
	return workloads.Duration{Dist: workloads.Exponential, Mean: int64(mean)}
}

// customers is a program in which each customer is a thread that starts when the
// customer comes, computes once and ends.
func customers(visits []visit, lock string) *workloads.Program {
	p := &workloads.Program{Name: "customers", Seed: 1, UntilDone: true, Interpreter: workloads.Interpreter{Lock: lock}}
	for i, v := range visits {
		p.Threads = append(p.Threads, workloads.Group{
			Name: fmt.Sprint("customer-", i), Count: 1, Start: time.Duration(v.came), Times: 1,
			Body: []workloads.Op{{Kind: workloads.OpSpin, For: fixed(v.demand)}},
		})
	}
	return p
}

// The machine schedules as the station of these tests does: on the same draws each
// customer leaves in the same nanosecond. So what theory says of the station holds for
// the machine.
func TestMachineIsAStation(t *testing.T) {
	race.SkipComputing(t)
	for _, policy := range []string{"fifo", "rr", "sjf", "srtf", "mlfq", "priority", "eevdf", "cfs"} {
		for _, cpus := range []int{1, 2, 4} {
			if cpus > 1 && (policy == "eevdf" || policy == "cfs") {
				continue // they balance the load of the CPUs, and the station does not
			}
			if cpus > 1 && policy == "mlfq" {
				continue // a boost comes on all CPUs in one instant, and which one is told first is open
			}
			for seed := 1; seed <= 3; seed++ {
				m := model{policy: policy, params: turns[policy], cpus: cpus, load: .8, law: hyper}
				visits := m.draw(seed, 300)
				m.serve(t, visits)
				r := run(t, customers(visits, "none"), ideal(cpus, policy, m.params))
				for i, g := range r.Groups {
					if left := g.Workers[0].LastEnd(); left != visits[i].left {
						t.Errorf("%s on %d CPUs, seed %d: customer %d leaves the machine at %d ns, the station at %d ns",
							policy, cpus, seed, i, left, visits[i].left)
						break
					}
				}
			}
		}
	}
}

// The same with the lock in place of the CPU: with a CPU for everybody, and a
// switch interval longer than the run, the lock is a server that takes one after the
// other. Where threads are woken in the order of waiting, that is first come, first
// served.
func TestLockIsAStation(t *testing.T) {
	m := model{policy: "fifo", load: .8, law: exponential}
	visits := m.draw(1, 300)
	m.serve(t, visits)
	p := customers(visits, "cpython-3")
	p.Interpreter.Params = map[string]any{"switch_interval": 100 * time.Second, "wake_order": "fifo"}
	for i := range p.Threads {
		p.Threads[i].Body[0].Kind = workloads.OpHold
	}
	r := run(t, p, ideal(len(visits), "fifo", nil))
	for i, g := range r.Groups {
		if left := g.Workers[0].LastEnd(); left != visits[i].left {
			t.Fatalf("customer %d lets the lock go at %d ns, the station at %d ns", i, left, visits[i].left)
		}
	}
}

// repairs returns how long each of n customers was with the server, in turn, in
// seconds: threads that sleep for 100 ms and compute for 10 ms, both at random.
func repairs(t testing.TB, seed, n, wanted int, p workloads.Interpreter, c machine.Config) []float64 {
	t.Helper()
	const z, s = 100 * time.Millisecond, 10 * time.Millisecond
	// They come at 1/(z + r) each.
	cycle := float64(z) + repair(n, float64(z), float64(s))
	program := &workloads.Program{
		Name: "repair", Seed: uint64(seed), Duration: time.Duration(float64(wanted) * cycle / float64(n)), Interpreter: p,
		Threads: []workloads.Group{{Name: "machine", Count: n, Body: []workloads.Op{
			{Kind: workloads.OpSleep, For: random(z)}, {Kind: workloads.OpSpin, For: random(s)},
		}}},
	}
	r := run(t, program, c)
	return inOrder(r.Groups[0].Workers, func(s *trace.Sample) float64 { return float64(s.Delay()) / 1e9 })
}

// inOrder returns a value of all iterations, in the order in which they ended.
func inOrder(workers []*trace.Meter, value func(*trace.Sample) float64) []float64 {
	var rows []trace.Sample
	for _, w := range workers {
		w.Rows(func(s *trace.Sample) { rows = append(rows, *s) })
	}
	sortByEnd(rows)
	values := make([]float64, len(rows))
	for i := range rows {
		values[i] = value(&rows[i])
	}
	return values
}

func sortByEnd(rows []trace.Sample) {
	slices.SortStableFunc(rows, func(a, b trace.Sample) int { return cmp.Compare(a.End, b.End) })
}

// Machine repair: what mean value analysis says of n threads that sleep and compute
// is what the machine does, with the CPU as the server and with the lock. The lock
// has a CPU for each thread, and an interval longer than the run. As computing is
// exponential, it is all one who is served first, and for how long at a time, as long
// as the policy does not know demand.
func TestMachineRepair(t *testing.T) {
	if race.Enabled {
		t.Skip("nothing here runs beside anything else")
	}
	lock := workloads.Interpreter{Lock: "cpython-3", Params: map[string]any{"switch_interval": 100 * time.Second}}
	wanted := 6000
	if *full {
		wanted = 300_000
	}
	for _, server := range []struct {
		name string
		p    workloads.Interpreter
		c    func(n int) machine.Config
	}{
		{"fifo", workloads.Interpreter{Lock: "none"}, func(int) machine.Config { return ideal(1, "fifo", nil) }},
		{"eevdf", workloads.Interpreter{Lock: "none"}, func(int) machine.Config { return ideal(1, "eevdf", nil) }},
		{"lock", lock, func(n int) machine.Config { return ideal(n, "fifo", nil) }},
	} {
		for _, n := range []int{1, 5, 10, 20} {
			t.Run(fmt.Sprintf("%s n=%d", server.name, n), func(t *testing.T) {
				want := repair(n, .1, .01)
				r := try(want, func(seed int) []float64 { return repairs(t, seed, n, wanted, server.p, server.c(n)) })
				t.Logf("%-18s %-8s N=%-3d R  %9.4f   %s", "machine repair", server.name, n, want, r)
				if !r.judge(t, want) {
					t.Errorf("the interval of all runs, %.4f ± %.4f, misses %.4f", r.all.mean, r.all.half, want)
				}
			})
		}
	}
}

// requests runs one connection of a client in an open loop against a threaded
// server: requests of 1 ms come at random and are served one after the other.
// It returns the responses in seconds and what Lindley's recursion makes of the same
// arrivals.
func requests(t testing.TB, seed, wanted int, lock string) (got, want []float64) {
	t.Helper()
	const rate, service = 500, int64(time.Millisecond)
	p := &workloads.Program{
		Name: "requests", Seed: uint64(seed), Duration: time.Duration(wanted) * time.Second / rate,
		Interpreter: workloads.Interpreter{Lock: lock, Pace: workloads.Pace{NS: float64(service)}}, // fib(1) is one call
		Server:      &workloads.Server{Model: "threads"},
		Clients:     []workloads.Client{{Name: "web", Count: 1, Request: 1, Rate: rate}},
	}
	r := run(t, p, ideal(3, "fifo", nil))
	got = inOrder(r.Groups[0].Workers, func(s *trace.Sample) float64 { return float64(s.Response()) / 1e9 })
	arrivals := workloads.NewArrivalTimes(p.Seed, "web", 0, rate, workloads.Poisson)
	free := int64(0)
	for range got {
		at := arrivals.Next()
		free = max(free, at) + service
		want = append(want, float64(free-at)/1e9)
	}
	return got, want
}

// A server whose only client sends requests of one length at random is an M/D/1
// queue: each response is what Lindley's recursion says, and their mean is that of
// Pollaczek and Khinchine.
func TestRequestsAreAQueue(t *testing.T) {
	if race.Enabled {
		t.Skip("nothing here runs beside anything else")
	}
	wanted := 5000
	if *full {
		wanted = 80_000
	}
	for _, lock := range []string{"none", "cpython-3"} {
		mean := pollaczek(.5, deterministic) / 1000
		r := try(mean, func(seed int) []float64 {
			got, want := requests(t, seed, wanted, lock)
			for i := range got {
				if got[i] != want[i] {
					t.Fatalf("%s, seed %d: request %d takes %g s, want %g s", lock, seed, i, got[i], want[i])
				}
			}
			return got
		})
		t.Logf("%-18s %-8s ρ=0.5 R %9.6f   %s", "M/D/1 requests", lock, mean, r)
		if !r.judge(t, mean) {
			t.Errorf("%s: the interval of all runs, %.6f ± %.6f, misses %.6f", lock, r.all.mean, r.all.half, mean)
		}
	}
}
