package cpython

import (
	"slices"
	"testing"
	"time"

	"github.com/fibsim/fibsim/workloads"
)

// drawAsRun draws as a worker does that executes the body: the oracle of what
// drawAll hands over.
func drawAsRun(body []workloads.Op, s *workloads.Stream) (drawn []int64, planned int64) {
	for _, op := range body {
		switch op.Kind {
		case workloads.OpLoop:
			for range op.N {
				d, p := drawAsRun(op.Body, s)
				drawn, planned = append(drawn, d...), planned+p
			}
		case workloads.OpSpin, workloads.OpSleep, workloads.OpNoGILSpin, workloads.OpHold:
			ns := op.For.Draw(s)
			if op.For.Random() {
				drawn = append(drawn, ns)
			}
			if op.Kind == workloads.OpSleep {
				planned += ns
			}
		}
	}
	return drawn, planned
}

// The durations handed to Python, and the sleep that is planned, are those that
// a worker of any other backend draws.
func TestDrawsAreThoseOfTheStream(t *testing.T) {
	const times = 40
	p := &workloads.Program{Seed: 9, UntilDone: true, Threads: []workloads.Group{
		{Name: "steady", Count: 3, Times: times, Body: []workloads.Op{{Kind: workloads.OpSleep, For: fixed(time.Second)}}},
		{Name: "all", Count: 2, Times: times, Body: everything},
	}}
	draws, err := drawAll(p)
	if err != nil {
		t.Fatal(err)
	}
	if len(draws) != 2 {
		t.Fatalf("draws for %d workers, want those of the one random group", len(draws))
	}
	for worker, got := range draws {
		s := workloads.NewStream(p.Seed, "all", worker, "body")
		plan := newPlanner(p.Seed, &p.Threads[1], worker)
		var want []int64
		for range times {
			d, planned := drawAsRun(everything, &s)
			want = append(want, d...)
			if got := plan.next(); got != planned {
				t.Fatalf("planned %d, want %d", got, planned)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("worker %d: %v, want %v", worker, got, want)
		}
	}
}

// Where the time is limited and not the number of iterations, the draws last for
// the window and the grace, and are no more than that takes.
func TestDrawsLast(t *testing.T) {
	body := []workloads.Op{{Kind: workloads.OpSleep, For: exponential(10 * time.Millisecond)}}
	long := []workloads.Op{{Kind: workloads.OpLoop, N: 1 << 40, Body: body}}
	for _, c := range []struct {
		body []workloads.Op
		last time.Duration
	}{{body, time.Second}, {long, time.Second + grace}} {
		p := &workloads.Program{Seed: 1, Duration: time.Second, Threads: []workloads.Group{{Name: "g", Count: 1, Body: c.body}}}
		draws, err := drawAll(p)
		if err != nil {
			t.Fatal(err)
		}
		sum := int64(0)
		for _, ns := range draws[0][:len(draws[0])-1] {
			sum += ns
		}
		if last := draws[0][len(draws[0])-1]; sum > int64(c.last) || sum+last < int64(c.last) {
			t.Errorf("the draws last %d ns, %d without the last, want %d to lie between", sum+last, sum, c.last)
		}
	}
}

// The other work of a body counts, so that short random durations next to long
// work need few draws.
func TestDrawsNextToWork(t *testing.T) {
	body := []workloads.Op{{Kind: workloads.OpSleep, For: exponential(1)}, {Kind: workloads.OpFib, N: 30}}
	p := &workloads.Program{Duration: time.Second, Threads: []workloads.Group{{Name: "g", Count: 1, Body: body}}}
	draws, err := drawAll(p)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(draws[0]); n > 2000 || n < 1000 {
		t.Errorf("%d draws for a second of fib(30), want one for each 0.8 ms that the fastest takes", n)
	}
}
