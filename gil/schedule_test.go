package gil_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/internal/locktest"
	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
)

const interval = int64(5 * time.Millisecond)

// plans are schedules of different character: mostly computing, mostly blocking,
// many ties, slow wake-ups.
func plan(seed uint64) locktest.Plan {
	p := locktest.Plan{
		Threads: 2 + int(seed%5), Steps: 400, Seed: seed, Grain: 1000,
		Compute: 20e6, Block: 20e6, Latency: 50e3, Look: 100e3,
		Meter: func(int) *trace.Meter { return trace.NewMeter(trace.Window{Start: 10e6, End: 500e6}, 0, 0) },
	}
	switch seed % 7 {
	case 1:
		p.Compute = 300e6
	case 2:
		p.Compute, p.Look = 200e3, 20e3
	case 3:
		p.Grain, p.Look, p.Latency = 1e6, 1e6, 3e6
	case 4:
		p.Latency = 9e6
	case 5:
		p.Grain, p.Latency, p.Look, p.Block = 100, 4000, 600, 30e3
	case 6:
		p.Grain, p.Latency, p.Look, p.Compute, p.Block = 5e6, 5e6, 5e6, 20e6, 10e6
	}
	return p
}

func open(t *testing.T, name string, given map[string]any) policy.Policy {
	t.Helper()
	p, err := policy.New(name, given)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// locks are all locks that must obey the invariants.
var locks = map[string]func(t *testing.T) policy.Policy{
	"cpython-3 fifo": func(t *testing.T) policy.Policy {
		return open(t, "cpython-3", map[string]any{"wake_order": "fifo"})
	},
	"cpython-3 glibc": func(t *testing.T) policy.Policy {
		return open(t, "cpython-3", map[string]any{"wake_order": "glibc-2.36"})
	},
	"cpython-3 host": func(t *testing.T) policy.Policy {
		return policy.WithHostOrder(open(t, "cpython-3", nil))
	},
	"cpython-2": func(t *testing.T) policy.Policy {
		return open(t, "cpython-2", map[string]any{"check_interval": 5})
	},
	"handoff": func(*testing.T) policy.Policy { return locktest.NewHandoff(1e6, 5e6) },
}

// Over random schedules no lock breaks an invariant, and the fold of the log is
// what the meters found.
func TestRandomSchedules(t *testing.T) {
	seeds := uint64(700)
	if testing.Short() {
		seeds = 70
	}
	for name, lock := range locks {
		t.Run(name, func(t *testing.T) {
			takes, forced := 0, 0
			for seed := range seeds {
				p := plan(seed)
				out := locktest.Run(lock(t), p)
				if found := trace.Check(out.Log, out.Log.Rules); found != nil {
					t.Fatalf("seed %d: %v", seed, errors.Join(found...))
				}
				if !reflect.DeepEqual(out.Log.Fold(p.Meter), out.Meters) {
					t.Fatalf("seed %d: the fold of the log is not what the meters found", seed)
				}
				for i := range out.Log.Events {
					switch out.Log.Events[i].Kind {
					case trace.Take:
						takes++
					case trace.Forced:
						forced++
					}
				}
			}
			if takes < 10*int(seeds) || forced < int(seeds) {
				t.Errorf("%d takes, %d of them forced, in %d schedules: they show too little", takes, forced, seeds)
			}
		})
	}
}

// cpython-3 and its oracle make the same history out of the same schedule.
func TestHistoryOfOracle(t *testing.T) {
	for _, order := range []policy.WakeOrder{policy.FIFO, policy.Glibc236} {
		for seed := range uint64(150) {
			a := locktest.Run(open(t, "cpython-3", map[string]any{"wake_order": string(order)}), plan(seed))
			b := locktest.Run(&locktest.Timed{Interval: interval, Order: order}, plan(seed))
			if !reflect.DeepEqual(a.Log, b.Log) {
				t.Fatalf("%s, seed %d: two histories", order, seed)
			}
		}
	}
}

// Policies that are wrong in one rule are found, each by the invariant of that rule.
func TestWrongPoliciesAreFound(t *testing.T) {
	cases := []struct {
		bug  locktest.Bug
		want trace.Invariant
	}{
		{locktest.NewestFirst, trace.WakeOrderKept},
		{locktest.NoShake, trace.DropperWaits},
		{locktest.RequestSurvives, trace.RequestWiped},
		{locktest.HastyRequest, trace.TimeoutFullInterval},
		{locktest.ShortWait, trace.TimeoutFullInterval},
		{locktest.NoWake, trace.WakeOrderKept},
		{locktest.TwoHolders, trace.OneHolder},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.want, c.bug), func(t *testing.T) {
			found := 0
			const seeds = 70
			for seed := range uint64(seeds) {
				lock := &locktest.Timed{Interval: interval, Order: policy.FIFO, Bug: c.bug}
				for i, err := range trace.Check(locktest.Run(lock, plan(seed)).Log, locktest.Rules(lock.Traits())) {
					var v *trace.Violation
					if i == 0 && errors.As(err, &v) && v.Invariant == c.want {
						found++
					}
				}
			}
			if found < seeds/10 {
				t.Errorf("found first in %d of %d schedules", found, seeds)
			}
		})
	}
}

// The same schedule gives the same history, event by event.
func TestSchedulesAreDeterministic(t *testing.T) {
	for name, lock := range locks {
		a, b := locktest.Run(lock(t), plan(17)), locktest.Run(lock(t), plan(17))
		if !reflect.DeepEqual(a.Log, b.Log) {
			t.Errorf("%s: two histories", name)
		}
	}
}
