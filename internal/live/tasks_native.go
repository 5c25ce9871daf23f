package live

import (
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// nativeHost is the goroutine of a loop.
type nativeHost struct {
	*goroutine
	selector selector
}

func (h *nativeHost) pause(until int64) { h.sleep(until - h.now()) }

func (h *nativeHost) poll(ns int64) bool {
	if ns == 0 {
		return h.selector.read()
	}
	h.lane.To(trace.IO, h.now())
	woken := h.selector.wait(ns, h.aborted.Load)
	h.lane.To(trace.Run, h.now())
	h.breaker.Check()
	return woken
}

// drain has nothing to read: what waits on a channel has taken it.
func (h *nativeHost) drain() {}

// startLoops makes the goroutines of all event loops.
func (r *nativeRun) startLoops(p *workloads.Program, tools tools) []trace.GroupReport {
	loops, groups := loopsOf(p, r.values)
	for i, l := range loops {
		w := r.worker(l.group(), 0, serverMeter(window(p)), tools)
		w.me.order = p.Workers() + i
		l.selector = newChannelSelector()
		l.host, l.lane, l.now, l.epoch, l.me = &nativeHost{w, l.selector}, w.lane, r.now, r.epoch, &w.me
		r.spawn(w, func() {
			defer r.shared.waits.exit()
			w.sleepLong(time.Duration(r.epoch + l.start() - gil.Monotonic()))
			w.breaker.Check()
			w.lane.To(trace.Run, r.now())
			l.run()
		})
	}
	return groups
}
