package live

import "time"

// runAsyncio is the loop of asyncio (CPython 3.11, Lib/asyncio/base_events.py,
// _run_once). A turn selects, for no time at all if something is ready, else until
// the first timer; queues what has come; and then does what was ready, and nothing
// that becomes so meanwhile. Whatever ends a wait does not go on with the task but
// queues that, so a task that has slept goes on a turn, and a select, after its timer.
func (l *eventLoop) runAsyncio() {
	for l.live > 0 {
		l.receive()
		if l.host.poll(l.timeout()) {
			l.ready.push(handle{kind: readWaker})
		}
		l.due(resolveTask)
		for n := l.ready.len(); n > 0 && l.live > 0; n-- {
			l.handle(l.ready.pop())
			l.host.jump()
		}
	}
}

func (l *eventLoop) handle(h handle) {
	switch h.kind {
	case stepTask:
		l.step(h.task)
	case resolveTask:
		l.ready.push(handle{stepTask, h.task})
	case readWaker:
		l.host.drain()
	}
}

// timeout returns for how long select may wait; a negative one: without end.
func (l *eventLoop) timeout() int64 {
	switch {
	case l.ready.len() > 0:
		return 0
	case len(l.timers) == 0:
		return -1
	}
	return max(0, l.timers[0].at-l.now())
}

// deliver gives a task what it has waited for. Any thread may call it; it has to wake
// the loop then.
func (l *eventLoop) deliver(t *coroutine, r *result) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t.result = r
	if l.lane.Keeps() {
		t.since = l.now()
	}
	l.inbox = append(l.inbox, t)
}

// receive queues what other threads have made ready.
func (l *eventLoop) receive() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range l.inbox {
		l.ready.push(handle{resolveTask, t})
	}
	l.inbox = l.inbox[:0]
}

// selector is what a loop waits on: select, and the two ends of the socket by which
// other threads wake it.
type selector interface {
	// wait blocks for ns nanoseconds, without end if they are negative, or until stop
	// says so, which it asks every tenth of a second, or until there has been a wake
	// that nobody has read; then it returns true.
	wait(ns int64, stop func() bool) (woken bool)
	// read takes wakes. It returns false when there was none.
	read() bool
	wake()
	close()
}

// waitSlice bounds how long a wait does not notice that it has to stop.
const waitSlice = 100 * time.Millisecond

// channelSelector waits on a channel and a timer.
type channelSelector struct{ woken chan struct{} }

func newChannelSelector() selector { return &channelSelector{make(chan struct{}, 1)} }

func (p *channelSelector) wait(ns int64, stop func() bool) bool {
	if ns == 0 {
		return p.read()
	}
	until := time.Now().Add(time.Duration(ns))
	for {
		slice := waitSlice
		if ns > 0 {
			slice = min(slice, time.Until(until))
		}
		timer := time.NewTimer(slice)
		select {
		case <-p.woken:
			timer.Stop()
			return true
		case <-timer.C:
		}
		if ns > 0 && !time.Now().Before(until) || stop() {
			return false
		}
	}
}

// read finds nothing after a wait, which takes the wake.
func (p *channelSelector) read() bool {
	select {
	case <-p.woken:
		return true
	default:
		return false
	}
}

func (p *channelSelector) wake() {
	select {
	case p.woken <- struct{}{}:
	default: // the loop has yet to notice the one before
	}
}

func (p *channelSelector) close() {}
