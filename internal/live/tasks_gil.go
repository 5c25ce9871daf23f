package live

import (
	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// gilHost is the thread of a loop under the interpreter lock.
type gilHost struct {
	*thread
	selector selector
}

func (h *gilHost) pause(until int64) { h.t.Sleep(until - h.t.Now()) }

// poll lets the lock go even where it does not wait.
func (h *gilHost) poll(ns int64) (woken bool) {
	h.t.Blocking(func() { woken = h.selector.wait(ns, h.t.Runtime().Aborting) })
	return woken
}

// drain reads until there is nothing left, which takes one system call more than
// there is to read (Lib/asyncio/selector_events.py, _read_from_self).
func (h *gilHost) drain() {
	for more := true; more; {
		h.t.Blocking(func() { more = h.selector.read() })
	}
}

// startLoops makes the threads of all event loops. What they wait on is the caller's
// to close, when they have ended.
func startLoops(rt *gil.Runtime, p *workloads.Program, tools tools, shared *gilShared, values *valueLog) ([]trace.GroupReport, error) {
	loops, groups := loopsOf(p, values)
	for i, l := range loops {
		l.selector = newChannelSelector()
		if l.kind == workloads.AsyncioTask && rt.Park() != gil.ParkGoroutine {
			var err error
			if l.selector, err = newEpollSelector(); err != nil {
				return nil, err
			}
		}
		shared.selectors = append(shared.selectors, l.selector)
		rt.Go(workerName(l.group(), 0), func(t *gil.Thread) {
			defer shared.waits.exit()
			defer shared.release(l.pools)
			t.Lane().Use(serverMeter(window(p)))
			w := newThread(t, tools)
			w.shared, w.me.order = shared, p.Workers()+i
			l.host, l.lane, l.now, l.epoch, l.me = &gilHost{w, l.selector}, t.Lane(), t.Now, rt.Epoch(), &w.me
			t.Blocking(func() { t.SleepUntil(rt.Epoch() + l.start()) })
			l.run()
		})
	}
	return groups, nil
}
