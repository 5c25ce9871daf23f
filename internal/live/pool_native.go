package live

import (
	"sync"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// nativePool is a pool of worker processes as a Go program has it: a goroutine that
// submits a task waits for a channel.
type nativePool struct {
	crew *crew

	mu      sync.Mutex
	last    uint64
	pending map[uint64]func(*result)
}

func newNativePool(c *crew) *nativePool {
	p := &nativePool{crew: c, pending: map[uint64]func(*result){}}
	c.deliver = p.deliver
	return p
}

// deliver takes a result from the goroutine that attends its process.
func (p *nativePool) deliver(message []byte) {
	r, err := decodeResult(message)
	if err != nil {
		panic("live: a pool's own result cannot be read: " + err.Error())
	}
	p.mu.Lock()
	then := p.pending[r.id]
	delete(p.pending, r.id)
	p.mu.Unlock()
	if then != nil {
		then(r)
	}
}

// start submits a task and calls then, on a goroutine of the pool, when it is done.
func (p *nativePool) start(body []workloads.Op, s workloads.Stream, then func(*result)) {
	t := task{body: body, stream: s}
	p.mu.Lock()
	p.last++
	t.id = p.last
	p.pending[t.id] = then
	p.mu.Unlock()
	p.crew.put(&errand{id: t.id, message: t.encode()})
}

// do submits a task and waits for its result.
func (p *nativePool) do(w *goroutine, body []workloads.Op, s *workloads.Stream) *result {
	w.lane.To(trace.IO, w.now())
	done := make(chan *result, 1)
	p.start(body, *s, func(r *result) { done <- r })
	var r *result
	select {
	case r = <-done:
	case <-w.stopped:
		panic(gil.ErrAborted)
	}
	now := w.now()
	chargeWork(r, w.lane, gil.Monotonic()-now, now)
	w.lane.To(trace.Run, w.now())
	if r.problem == "" {
		*s = r.stream
	}
	return r
}
