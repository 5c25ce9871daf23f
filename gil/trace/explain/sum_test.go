package explain

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/internal/locktest"
	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
)

// Whatever the emulated locks do, the parts of every iteration are its latency, and
// those of each state are what the meter counted for it. The threads are in virtual
// time and do things at random.
func TestPartsAddUpUnderEveryLock(t *testing.T) {
	seen := map[Cause]bool{}
	for seed := range uint64(20) {
		for name, open := range map[string]func() policy.Policy{
			"cpython-3 fifo":  func() policy.Policy { return lock(t, "cpython-3", map[string]any{"wake_order": "fifo"}) },
			"cpython-3 glibc": func() policy.Policy { return lock(t, "cpython-3", nil) },
			"cpython-2":       func() policy.Policy { return lock(t, "cpython-2", nil) },
			"none":            func() policy.Policy { return lock(t, "none", nil) },
			"handoff": func() policy.Policy {
				return locktest.NewHandoff(10*time.Millisecond.Nanoseconds(), 100*time.Millisecond.Nanoseconds())
			},
		} {
			log := randomRun(t, open(), seed)
			if n := addUp(t, log); n < 20 {
				t.Errorf("%s, seed %d: %d iterations", name, seed, n)
			}
			h := New(log)
			for i := range h.Iterations() {
				for _, p := range h.Parts(&h.Iterations()[i]) {
					seen[p.Cause] = true
					if p.Culprit == h.Iterations()[i].Thread {
						t.Errorf("%s, seed %d: a thread is to blame for itself: %+v", name, seed, p)
					}
				}
			}
			if t.Failed() {
				t.Fatalf("%s, seed %d", name, seed)
			}
		}
	}
	// In virtual time a thread that was woken is there at once, so that no race is lost
	// and no hand-shake takes any time, and has a CPU.
	for _, c := range []Cause{Work, Interval, Notice, Held, Queue, PassedOver, NoGIL, IO, Sleep} {
		if !seen[c] {
			t.Errorf("nothing was put down to %s", c)
		}
	}
}

func lock(t *testing.T, name string, params map[string]any) policy.Policy {
	t.Helper()
	p, err := policy.New(name, params)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// randomRun lets five threads work, sleep, block, compute without the lock and keep
// it in C code, for random times and in virtual time.
func randomRun(t *testing.T, lock policy.Policy, seed uint64) *trace.Log {
	t.Helper()
	var log *trace.Log
	synctest.Test(t, func(t *testing.T) {
		rt, err := gil.New(lock, gil.Options{Park: gil.ParkGoroutine, Keep: true})
		if err != nil {
			t.Fatal(err)
		}
		defer rt.Close()
		var threads []trace.Thread
		for id := range 5 {
			random := rand.New(rand.NewPCG(seed, uint64(id)))
			threads = append(threads, trace.Thread{Group: "t", Worker: id})
			rt.Go("t", func(t *gil.Thread) {
				for seq := range int64(10) {
					t.Lane().Begin(seq, t.Now(), t.Now())
					planned := int64(0)
					for range 1 + random.IntN(4) {
						planned += step(t, random)
					}
					t.Lane().End(t.Now(), planned, "")
				}
			})
		}
		if err := rt.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		log = rt.Log(threads)
		for _, err := range trace.Check(log, log.Rules) {
			t.Error(err)
		}
	})
	return log
}

// step does one thing and returns the sleep that it asked for.
func step(t *gil.Thread, random *rand.Rand) (planned int64) {
	d := time.Duration(random.IntN(8000)) * time.Microsecond
	switch random.IntN(6) {
	case 0:
		t.Sleep(int64(d))
		return int64(d)
	case 1:
		t.Blocking(func() { time.Sleep(d) })
	case 2:
		t.NoGIL(func() { time.Sleep(d) })
	case 3:
		time.Sleep(d) // keeps the lock and does not look
		t.Checkpoint()
	default:
		for end := t.Now() + int64(d); t.Now() < end; t.Tick(40) {
			time.Sleep(100 * time.Microsecond)
			t.Checkpoint()
		}
	}
	return 0
}

// Nor does it take a log that makes sense: the sums hold for events at random.
func TestPartsAddUpInNonsense(t *testing.T) {
	iterations := 0
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 0))
		log := &trace.Log{Threads: make([]trace.Thread, 4)}
		open, next := [4]bool{}, [4]int64{}
		now, seq := int64(0), int64(0)
		for range 400 {
			now += random.Int64N(3)
			e := trace.Event{Time: now, Kind: trace.Kind(random.IntN(int(trace.Shaken) + 1)), Thread: int32(random.IntN(4)), Other: int32(random.IntN(5)) - 1}
			switch {
			case e.Kind == trace.IterBegin && open[e.Thread], e.Kind == trace.IterEnd && !open[e.Thread]:
				continue
			case e.Kind == trace.IterBegin:
				open[e.Thread], e.Arg = true, next[e.Thread]
				next[e.Thread]++
			case e.Kind == trace.IterEnd:
				open[e.Thread], e.Arg = false, random.Int64N(10)
			case e.Kind == trace.StateChange:
				e.Arg = random.Int64N(int64(trace.Done))
			default:
				seq++
				e.Seq, e.Arg = seq, random.Int64N(3)
			}
			log.Events = append(log.Events, e)
		}
		// A thread that has not begun is in no state that a meter counts.
		for th := range 4 {
			first := trace.Event{Kind: trace.StateChange, Thread: int32(th), Other: -1, Arg: int64(trace.Run)}
			log.Events = append([]trace.Event{first}, log.Events...)
		}
		if iterations += addUp(t, log); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if iterations < 1000 {
		t.Errorf("%d iterations", iterations)
	}
}
