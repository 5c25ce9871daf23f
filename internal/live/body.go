package live

import (
	"errors"
	"slices"

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
	read(bytes int64) error
	send(queue int)
	recv(queue int)
	lock(lock int)
	unlock(lock int)
	submit(op *workloads.Op, s *workloads.Stream) *result
	script(source string) error
	jump() // a backward jump of the interpreter, where it looks at its eval breaker
}

// pass is what one pass of a body has come to so far.
type pass struct {
	planned int64 // sleep that it asked for
	problem error // why it ended early
	held    []int // locks that it has taken and not let go of
}

// begin begins the next pass.
func (p *pass) begin() { p.planned, p.problem, p.held = 0, nil, p.held[:0] }

// take adds what a worker process has done for the pass.
func (p *pass) take(r *result) {
	p.planned += r.planned
	if r.problem != "" {
		p.problem = errors.New(r.problem)
	}
}

// end ends a pass and returns what went wrong, if anything did. The locks that it has
// then left taken are let go, as the with statement does.
func (p *pass) end(w worker) (problem string) {
	if p.problem == nil {
		return ""
	}
	for _, ref := range p.held {
		w.unlock(ref)
	}
	return p.problem.Error()
}

// runBody does one pass of a body. It returns early, and false, when an operation
// fails.
func runBody(w worker, body []workloads.Op, s *workloads.Stream, p *pass) bool {
	for i := range body {
		op := &body[i]
		if op.Kind != workloads.OpLoop {
			if execute(w, op, s, p); p.problem != nil {
				return false
			}
			continue
		}
		for range op.N {
			if !runBody(w, op.Body, s, p) {
				return false
			}
			w.jump()
		}
	}
	return true
}

// execute does one operation that is no loop.
func execute(w worker, op *workloads.Op, s *workloads.Stream, p *pass) {
	switch op.Kind {
	case workloads.OpFib:
		w.fib(op.N)
	case workloads.OpSpin:
		w.spin(op.For.Draw(s))
	case workloads.OpSleep:
		ns := op.For.Draw(s)
		p.planned += ns
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
	case workloads.OpRead:
		p.problem = w.read(op.Bytes)
	case workloads.OpSend:
		w.send(op.Ref)
	case workloads.OpRecv:
		w.recv(op.Ref)
	case workloads.OpLock:
		w.lock(op.Ref)
		p.held = append(p.held, op.Ref)
	case workloads.OpUnlock:
		w.unlock(op.Ref)
		if i := slices.Index(p.held, op.Ref); i >= 0 {
			p.held = slices.Delete(p.held, i, i+1)
		}
	case workloads.OpSubmit:
		p.take(w.submit(op, s))
	case workloads.OpScript:
		p.problem = w.script(op.Source)
	}
}

// iterate repeats the body of a group until it has been done Times times, or the
// window is over: an iteration that starts after its end is not begun.
func iterate(g *workloads.Group, id int, seed uint64, end int64, l *trace.Lane, now func() int64, w worker) {
	s := workloads.NewStream(seed, g.Name, id, "body")
	var p pass
	for seq := int64(0); g.Times == 0 || seq < int64(g.Times); seq++ {
		start := now()
		if start >= end {
			return
		}
		l.Begin(seq, start, start)
		p.begin()
		runBody(w, g.Body, &s, &p)
		problem := p.end(w)
		l.End(now(), p.planned, problem)
		w.jump()
	}
}
