package exact

import (
	"math"
	"slices"
	"testing"

	"github.com/fibsim/fibsim/internal/race"
)

// What holds on every path, not only on average, and so to the nanosecond.

// First come, first served on one server: a customer waits for what the one before
// had left when it came (Lindley's recursion).
func TestLindley(t *testing.T) {
	for seed := 1; seed <= 5; seed++ {
		m := model{policy: "fifo", load: .8, law: hyper}
		visits := m.draw(seed, 5000)
		m.serve(t, visits)
		wait := int64(0)
		for i, v := range visits {
			if i > 0 {
				wait = max(0, wait+visits[i-1].demand-(v.came-visits[i-1].came))
			}
			if got := v.left - v.came - v.demand; got != wait {
				t.Fatalf("seed %d: customer %d waits %d ns, want %d", seed, i, got, wait)
			}
		}
	}
}

// The same with several servers: a customer goes to the one that is free first
// (Kiefer and Wolfowitz's recursion).
func TestKieferWolfowitz(t *testing.T) {
	for _, cpus := range []int{2, 4, 8} {
		m := model{policy: "fifo", cpus: cpus, load: .8, law: hyper}
		visits := m.draw(1, 5000)
		m.serve(t, visits)
		free := make([]int64, cpus)
		for i, v := range visits {
			first := slices.Index(free, slices.Min(free))
			free[first] = max(free[first], v.came) + v.demand
			if v.left != free[first] {
				t.Fatalf("%d servers: customer %d leaves at %d ns, want %d", cpus, i, v.left, free[first])
			}
		}
	}
}

// everyPolicy lists the policies with one queue for all CPUs, and on one CPU the others.
func everyPolicy(cpus int) []string {
	policies := []string{"fifo", "rr", "sjf", "srtf", "mlfq", "priority"}
	if cpus == 1 {
		policies = append(policies, "eevdf", "cfs")
	}
	return policies
}

// Over a time that begins and ends empty, what stays in the system adds up to the same
// however it is counted: customers over time, or time over customers (Little's law).
// The servers work for as long as they are asked to; none is idle while somebody
// waits; and customers are served for exactly as long as they wanted.
func TestWorkIsConserved(t *testing.T) {
	race.SkipComputing(t)
	for _, cpus := range []int{1, 2, 4} {
		for _, policy := range everyPolicy(cpus) {
			m := model{policy: policy, params: turns[policy], cpus: cpus, load: .8, law: hyper}
			visits := m.draw(2, 1000)
			s := m.serve(t, visits)
			stays, work := int64(0), int64(0)
			for i, v := range visits {
				stays += v.left - v.came
				work += v.demand
				if c := s.customers[i]; c.left != 0 || c.ran != v.demand {
					t.Errorf("%s on %d CPUs: customer %d was served for %d ns of %d", policy, cpus, i, c.ran, v.demand)
				}
			}
			if s.area != stays {
				t.Errorf("%s on %d CPUs: customers over time are %d ns, stays add up to %d", policy, cpus, s.area, stays)
			}
			if s.busy != work || s.wasted != 0 {
				t.Errorf("%s on %d CPUs: servers worked for %d ns of %d, and idled for %d while somebody waited",
					policy, cpus, s.busy, work, s.wasted)
			}
		}
	}
}

// One server without idle time while there is work is busy and idle at the same times
// whatever its policy: each busy period begins with the same customer and ends at the
// same nanosecond.
func TestBusyPeriods(t *testing.T) {
	race.SkipComputing(t)
	periods := func(policy string) (ends []int64) {
		m := model{policy: policy, params: turns[policy], load: .8, law: hyper}
		visits := m.draw(3, 1000)
		m.serve(t, visits)
		end := int64(-1)
		for _, v := range visits {
			if end >= 0 && v.came > end {
				ends = append(ends, end)
			}
			end = max(end, v.left)
		}
		return append(ends, end)
	}
	want := periods("fifo")
	if len(want) < 100 {
		t.Fatalf("only %d busy periods", len(want))
	}
	for _, policy := range everyPolicy(1) {
		if got := periods(policy); !slices.Equal(got, want) {
			t.Errorf("%s has other busy periods than fifo", policy)
		}
	}
}

// On one server nobody has a shorter mean time in the system than shortest remaining
// time first, on any trace (Schrage 1968).
func TestShortestRemainingIsBest(t *testing.T) {
	race.SkipComputing(t)
	for seed := 1; seed <= seeds; seed++ {
		best := math.Inf(1)
		for _, policy := range append([]string{"srtf"}, everyPolicy(1)...) {
			m := model{policy: policy, params: turns[policy], load: .9, law: hyper}
			visits := m.draw(seed, 300)
			m.serve(t, visits)
			sum := 0.0
			for i := range visits {
				v, _ := sojourn(&visits[i])
				sum += v
			}
			if policy == "srtf" {
				best = sum
			} else if sum < best-1e-6 {
				t.Errorf("seed %d: %s has a shorter mean, %g, than srtf, %g", seed, policy, sum, best)
			}
		}
	}
}

// A server is busy for a part of the time that is the load.
func TestUtilisation(t *testing.T) {
	race.SkipComputing(t)
	const customers = 100_000
	for _, load := range []float64{.3, .8} {
		for seed := 1; seed <= 5; seed++ {
			m := model{policy: "fifo", cpus: 2, load: load, law: exponential}
			s := m.serve(t, m.draw(seed, customers))
			got := float64(s.busy) / 2 / float64(s.now)
			// The sums of as many gaps and services are off by 1/√n each, 3 of which is
			// as good as never.
			if limit := 3 * math.Sqrt(2.0/customers) * load; math.Abs(got-load) > limit {
				t.Errorf("load %g, seed %d: busy for %.5f of the time", load, seed, got)
			}
		}
	}
}
