package cpython

import (
	"fmt"
	"math"

	"github.com/fibsim/fibsim/workloads"
)

// drawsMost bounds the random durations of a run, 8 bytes each.
const drawsMost = 4 << 20

// drawAll returns the random durations of each worker of each group that has
// any, in nanoseconds and in the order in which the worker uses them: those that
// every backend draws. They are drawn before the run, since the arithmetic would
// be slow and visible in Python.
func drawAll(p *workloads.Program) ([][]int64, error) {
	var all [][]int64
	left := drawsMost
	for _, g := range groupsOf(p) {
		if !isRandom(g.Body) {
			continue
		}
		for worker := range g.Count {
			s := workloads.NewStream(p.Seed, g.Name, worker, "body")
			d := drawer{stream: &s, most: left, begin: math.Inf(1), end: math.Inf(1)}
			if !p.UntilDone {
				// Iterations begin until the end and may go on through the grace.
				d.begin = float64(p.Warmup + p.Duration)
				d.end = d.begin + float64(grace)
			}
			if !d.iterations(g.Body, g.Times) {
				return nil, fmt.Errorf("%s: body: a run may need more than %d random durations, the most that the python backend hands over; make them longer, the run shorter, or run without --python", g.key, drawsMost)
			}
			left -= len(d.out)
			all = append(all, d.out)
		}
	}
	return all, nil
}

// drawer draws what one worker may need. It adds up how long the worker takes at
// the very least, and so knows when there is enough. Times are in ns; they are
// floats because nested loops pass any integer.
type drawer struct {
	stream *workloads.Stream
	out    []int64
	most   int
	spent  float64
	begin  float64 // no iteration begins later
	end    float64 // none goes on for longer
}

// iterations draws for a number of iterations, 0 as many as the time allows, and
// reports whether the durations are few enough.
func (d *drawer) iterations(body []workloads.Op, times int) bool {
	for n := 0; times == 0 || n < times; n++ {
		if d.spent > d.begin {
			break
		}
		d.spent += leastIteration
		d.pass(body)
		if len(d.out) > d.most {
			return false
		}
	}
	return true
}

// full reports whether there is enough, or too much.
func (d *drawer) full() bool { return d.spent > d.end || len(d.out) > d.most }

// pass draws for one pass of a body, as far as it can get in time.
func (d *drawer) pass(body []workloads.Op) {
	for i := range body {
		op := &body[i]
		switch {
		case d.full():
			return
		case op.Kind == workloads.OpLoop && isRandom(op.Body):
			for n := 0; n < op.N && !d.full(); n++ {
				d.pass(op.Body)
			}
		case op.Kind == workloads.OpSubmit:
			d.submit(op.Body)
		case timed(op.Kind) && op.For.Random():
			ns := op.For.Draw(d.stream)
			d.out = append(d.out, ns)
			d.spent += leastOf(op.Kind, ns)
		default:
			d.spent += leastOp(op)
		}
	}
}

// submit draws what is handed over to a worker of a pool: all of it at once, before
// the first of it is done.
func (d *drawer) submit(body []workloads.Op) {
	end := d.end
	d.end = math.Inf(1)
	d.pass(body)
	d.end = end
}

// No interpreter, compiled at run time or not, is faster than this, in ns.
const (
	leastIteration = 20
	leastFibCall   = 0.5
	leastHashByte  = 0.1
	leastSleep     = 100 // a system call
)

// leastOp returns how long an operation without random durations takes at least.
func leastOp(op *workloads.Op) float64 {
	switch op.Kind {
	case workloads.OpFib:
		return float64(workloads.FibCalls(op.N)) * leastFibCall
	case workloads.OpYield, workloads.OpCount:
		// In a deque of generators it is no system call.
		return float64(op.N) * leastIteration
	case workloads.OpSend, workloads.OpRecv, workloads.OpLock, workloads.OpUnlock, workloads.OpRead, workloads.OpScript:
		return leastIteration
	case workloads.OpSubmit:
		return leastSleep
	case workloads.OpNoGILHash:
		return float64(op.Bytes) * leastHashByte
	case workloads.OpLoop:
		ns := 0.0
		for i := range op.Body {
			ns += leastOp(&op.Body[i])
		}
		return ns * float64(op.N)
	}
	return leastOf(op.Kind, op.For.Mean)
}

// leastOf returns how long an operation of that length takes at least. C code is
// calibrated, and may end early by what the calibration is wrong.
func leastOf(kind workloads.OpKind, ns int64) float64 {
	switch kind {
	case workloads.OpSleep:
		return float64(max(ns, leastSleep))
	case workloads.OpSpin:
		return float64(ns)
	}
	return float64(ns) / 2
}

// timed reports whether an operation has a length.
func timed(kind workloads.OpKind) bool {
	switch kind {
	case workloads.OpSpin, workloads.OpSleep, workloads.OpNoGILSpin, workloads.OpHold:
		return true
	}
	return false
}

// isRandom reports whether a body draws.
func isRandom(body []workloads.Op) bool {
	for i := range body {
		op := &body[i]
		if timed(op.Kind) && op.For.Random() || isRandom(op.Body) {
			return true
		}
	}
	return false
}

// lengthsOf returns how many lengths one pass of a body draws, at most drawsMost + 1.
func lengthsOf(body []workloads.Op) int {
	n := 0
	for i := range body {
		op := &body[i]
		switch {
		case op.Kind == workloads.OpLoop:
			if inner := lengthsOf(op.Body); inner > 0 && op.N > drawsMost/inner {
				n = drawsMost + 1
			} else {
				n += inner * op.N
			}
		case timed(op.Kind) && op.For.Random():
			n++
		}
	}
	return min(n, drawsMost+1)
}

// planner tells the sleep that each iteration of a worker asks for. It draws what
// the driver was given, once more, so that nothing has to be noted during a run.
type planner struct {
	body   []workloads.Op
	stream workloads.Stream
	random bool
	fixed  int64
}

func newPlanner(seed uint64, g *workloads.Group, worker int) *planner {
	p := &planner{body: g.Body, stream: workloads.NewStream(seed, g.Name, worker, "body"), random: isRandom(g.Body)}
	if !p.random {
		p.fixed = p.sum(g.Body)
	}
	return p
}

// next returns the sleep that the next iteration asks for, in nanoseconds.
func (p *planner) next() int64 {
	if !p.random {
		return p.fixed
	}
	return p.sum(p.body)
}

func (p *planner) sum(body []workloads.Op) int64 {
	ns := int64(0)
	for i := range body {
		op := &body[i]
		switch {
		case op.Kind == workloads.OpSubmit:
			ns += p.sum(op.Body)
		case op.Kind == workloads.OpLoop && !isRandom(op.Body):
			ns += p.sum(op.Body) * int64(op.N)
		case op.Kind == workloads.OpLoop:
			for range op.N {
				ns += p.sum(op.Body)
			}
		case timed(op.Kind):
			length := op.For.Draw(&p.stream)
			if op.Kind == workloads.OpSleep {
				ns += length
			}
		}
	}
	return ns
}
