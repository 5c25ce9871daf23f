package machine

import (
	"errors"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// Random small programs, under every lock and on every scheduler, keep every
// invariant, and their log folds to their meters.

// dice makes programs out of a stream of numbers.
type dice struct{ s workloads.Stream }

func (d *dice) below(n int) int { return int(d.s.Uint64() % uint64(n)) }

func (d *dice) length() workloads.Duration {
	mean := int64(1+d.below(50)) * []int64{1, 100, 1000, 20_000, 200_000}[d.below(5)]
	switch d.below(4) {
	case 0:
		return workloads.Duration{Dist: workloads.Exponential, Mean: mean}
	case 1:
		return workloads.Duration{Dist: workloads.UniformDist, Low: mean / 2, High: 2 * mean}
	}
	return workloads.Duration{Mean: mean}
}

func (d *dice) body(depth int) []workloads.Op {
	var ops []workloads.Op
	for range 1 + d.below(4) {
		op := workloads.Op{Kind: workloads.OpKind(d.below(int(workloads.OpLoop) + 1)), For: d.length(), N: 1 + d.below(12), Bytes: int64(d.below(100_000))}
		if op.Kind == workloads.OpLoop {
			if depth == 2 {
				continue
			}
			op.N = d.below(4)
			op.Body = d.body(depth + 1)
		}
		if op.Kind == workloads.OpYield {
			op.N = d.below(4)
		}
		ops = append(ops, op)
	}
	return append(ops, spinFor(1*us)) // so that an iteration takes time
}

func (d *dice) program() *workloads.Program {
	p := underLock(policy.Names()[d.below(len(policy.Names()))], time.Duration(1+d.below(8))*ms)
	p.Seed = d.s.Uint64()
	p.Warmup = time.Duration(d.below(2)) * ms
	p.Interpreter.Pace.NS = []float64{25, 1.7, 46.123}[d.below(3)]
	if p.Interpreter.Lock == "cpython-3" {
		p.Interpreter.Params = map[string]any{
			"switch_interval": []time.Duration{5 * ms, 100 * us, 1 * us}[d.below(3)],
			"wake_order":      []string{"fifo", "glibc-2.36"}[d.below(2)],
		}
	}
	for i := range 1 + d.below(3) {
		g := groupOf(string(rune('a'+i)), 1+d.below(4), d.body(0)...)
		g.Start = time.Duration(d.below(2)*d.below(1000)) * us
		g.Times = d.below(2) * d.below(20)
		p.Threads = append(p.Threads, g)
	}
	if d.below(3) == 0 {
		withClients(p, workloads.Client{Name: "x", Count: 1 + d.below(3), Request: 1 + d.below(15)},
			workloads.Client{Name: "y", Count: 1, Request: 1, Rate: float64(1 + d.below(5000)), Arrivals: workloads.Arrivals(d.below(2))})
	}
	return p
}

func (d *dice) machine() Config {
	c := Config{CPUs: 1 + d.below(4), HZ: []int{100, 250, 1000}[d.below(3)], Ties: d.below(2) == 0, Native: d.below(3) == 0}
	names := schedulers(false)
	c.Kernel = names[d.below(len(names))]
	c.Scheduler = c.Kernel
	if gos := schedulers(true); c.Native && len(gos) > 0 && d.below(3) > 0 {
		c.Scheduler = gos[d.below(len(gos))]
	}
	c.Costs = DefaultCosts()
	if d.below(3) == 0 {
		c.Costs = &Costs{SystemCall: int64(d.below(2) * 100), HashKiB: 1}
	}
	if d.below(4) == 0 {
		c.Costs.Interpreter = DefaultInterpreter()
	}
	return c
}

// play runs one random program and holds the invariants against it.
func play(t *testing.T, seed uint64) {
	d := &dice{workloads.NewStream(seed, "fuzz", 0, "dice")}
	p, c := d.program(), d.machine()
	c.Keep = true
	asked := 0 // some programs would go on through the whole grace
	r, err := Run(p, c, func() bool { asked++; return asked == 6 })
	if err != nil && !errors.Is(err, ErrStopped) {
		t.Fatalf("seed %d: %v", seed, err)
	}
	for i, err := range trace.Check(r.Log, r.Log.Rules) {
		if i < 3 {
			t.Errorf("seed %d, %s on %s (native %t): %v", seed, p.Interpreter.Lock, c.Scheduler, c.Native, err)
		}
	}
	checkFold(t, p, r)
	for _, g := range r.Groups {
		for i := range g.Workers {
			for _, s := range rows(r, g.Name, i) {
				if sum := s.Run + s.WaitGIL + s.NoGIL + s.Blocked + s.Ready; s.End < s.Start || sum > s.Latency() || !g.Client && sum != s.Latency() {
					t.Errorf("seed %d: %s-%d: states of %d ns in %+v", seed, g.Name, i, sum, s)
				}
			}
		}
	}
}

func TestRandomPrograms(t *testing.T) {
	for seed := range uint64(600) {
		play(t, seed)
		if t.Failed() {
			return
		}
	}
}

func FuzzPrograms(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(play)
}
