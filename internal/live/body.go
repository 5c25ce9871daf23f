package live

import (
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// worker does the steps of a body. Lengths are in nanoseconds.
type worker interface {
	fib(n int) uint64
	spin(ns int64)
	sleep(ns int64)
	yield()
	nogilSpin(ns int64)
	nogilHash(bytes int64)
	hold(ns int64)
	jump() // a backward jump of the interpreter, where it looks at its eval breaker
}

// runBody does one pass of a body and returns the sleep that it asked for.
func runBody(w worker, body []workloads.Op, s *workloads.Stream) (planned int64) {
	for i := range body {
		op := &body[i]
		switch op.Kind {
		case workloads.OpFib:
			w.fib(op.N)
		case workloads.OpSpin:
			w.spin(op.For.Draw(s))
		case workloads.OpSleep:
			ns := op.For.Draw(s)
			planned += ns
			w.sleep(ns)
		case workloads.OpYield:
			for range op.N {
				w.yield()
			}
		case workloads.OpNoGILSpin:
			w.nogilSpin(op.For.Draw(s))
		case workloads.OpNoGILHash:
			w.nogilHash(op.Bytes)
		case workloads.OpHold:
			w.hold(op.For.Draw(s))
		case workloads.OpLoop:
			for range op.N {
				planned += runBody(w, op.Body, s)
				w.jump()
			}
		}
	}
	return planned
}

// iterate repeats the body of a group until it has been done Times times, or the
// window is over: an iteration that starts after its end is not begun.
func iterate(g *workloads.Group, id int, seed uint64, end int64, l *trace.Lane, now func() int64, w worker) {
	s := workloads.NewStream(seed, g.Name, id, "body")
	for seq := int64(0); g.Times == 0 || seq < int64(g.Times); seq++ {
		start := now()
		if start >= end {
			return
		}
		l.Begin(seq, start, start)
		planned := runBody(w, g.Body, &s)
		l.End(now(), planned, "")
		w.jump()
	}
}
