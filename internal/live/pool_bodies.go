package live

import (
	"context"
	"slices"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/workloads"
)

// crews are the worker processes of a program's pools, by the number of the pool.
type crews []*crew

// startCrews starts the processes of all pools. When it returns an error it has left
// none behind.
func startCrews(ctx context.Context, p *workloads.Program, command Command, tools tools, native bool) (crews, error) {
	var all crews
	for _, pool := range p.Pools {
		c, err := startPool(ctx, p, "pools."+pool.Name, pool.Workers, command, tools, native)
		if err != nil {
			all.close()
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// close ends the processes. It may be called more than once.
func (cs crews) close() {
	for _, c := range cs {
		c.close()
	}
}

// peakMemory returns what the processes took at most, once they have ended.
func (cs crews) peakMemory() (sum int64) {
	for _, c := range cs {
		sum += c.peakMemory()
	}
	return sum
}

// poolsOf returns the pools that a body submits to.
func poolsOf(body []workloads.Op) (pools []int) {
	for i := range body {
		switch op := &body[i]; op.Kind {
		case workloads.OpSubmit:
			pools = append(pools, op.Ref)
		case workloads.OpLoop:
			pools = append(pools, poolsOf(op.Body)...)
		}
	}
	slices.Sort(pools)
	return slices.Compact(pools)
}

// startPools starts the threads of the pools. They end when all threads whose bodies
// use them have.
func (s *gilShared) startPools(rt *gil.Runtime, p *workloads.Program, crews crews) error {
	users := make([]int, len(p.Pools))
	for i := range p.Threads {
		for _, pool := range poolsOf(p.Threads[i].Body) {
			users[pool] += p.Threads[i].Count
		}
	}
	loops, _ := loopsOf(p, nil)
	for _, l := range loops {
		for _, pool := range l.pools {
			users[pool]++
		}
	}
	for i, c := range crews {
		pool, err := newGILPool(rt, c, users[i])
		if err != nil {
			return err
		}
		s.pools = append(s.pools, pool)
	}
	return nil
}

// release says that a thread which used these pools has ended.
func (s *gilShared) release(pools []int) {
	for _, pool := range pools {
		s.pools[pool].release()
	}
}

func (w *thread) submit(op *workloads.Op, s *workloads.Stream) *result {
	return w.shared.pools[op.Ref].do(w.t, op.Body, s)
}

// start calls then in the manager thread of the pool, which wakes the loop by a byte:
// call_soon_threadsafe.
func (h *gilHost) start(op *workloads.Op, s workloads.Stream, then func(*result)) {
	h.shared.pools[op.Ref].start(h.t, op.Body, s, func(t *gil.Thread, r *result) {
		then(r)
		t.Blocking(h.selector.wake)
	})
}

func (w *goroutine) submit(op *workloads.Op, s *workloads.Stream) *result {
	return w.shared.pools[op.Ref].do(w, op.Body, s)
}

func (h *nativeHost) start(op *workloads.Op, s workloads.Stream, then func(*result)) {
	h.shared.pools[op.Ref].start(op.Body, s, func(r *result) {
		then(r)
		h.selector.wake()
	})
}
