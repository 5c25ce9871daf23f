package policy

// waiters holds the parked threads of a lock in the order that its WakeOrder
// needs, and says whom a signal reaches.
//
// FIFO is one queue: the signal goes to the thread that has been in it longest;
// who times out or is overtaken queues again at the tail.
//
// Glibc236 is the rule of the condition variable of glibc 2.25 to 2.40
// (nptl/pthread_cond_wait.c, __condvar_quiesce_and_switch_g1). Threads queue in
// the newer of two groups. A signal belongs to the older group; when nobody is
// left there, the newer group becomes the older one. The signal is a count, not
// a message to a chosen sleeper: whoever of the older group looks first takes
// it. The sleepers look in their order, and need a wake-up before they do. But a
// thread that has just queued looks once more before it goes to sleep: so long
// as it has not, it takes a signal at once, ahead of all who sleep. That is the
// very thread whose time-out made the request, and why others starve. The sleeper that
// the signal has woken in vain sleeps once more, behind the others of its group: Linux
// queues who calls futex(2) at the tail.
//
// Left out is that such a sleeper is awake for some 20 µs then, and would take a signal
// that comes meanwhile; and that a signaller which makes the newer group the older one
// first waits until the signalled threads of that one have woken, which decides nothing.
type waiters struct {
	order  WakeOrder
	settle func(Thread) int64 // ns after queueing in which a thread still takes a signal

	older, newer list // FIFO uses older alone
	nodes        []node
	signalled    int // threads, or with HostOrder signals, that are on their way
	parked       int // HostOrder: threads that wait
}

type node struct {
	next, prev Thread
	in         *list
	awake      int64 // until when it takes a signal itself
	signalled  bool
}

// list is a queue of threads through the nodes that they own.
type list struct {
	head, tail Thread
	size       int
}

func newWaiters(order WakeOrder, settle func(Thread) int64) *waiters {
	w := &waiters{order: order, settle: settle}
	w.older = list{head: Nobody, tail: Nobody}
	w.newer = w.older
	return w
}

// queue adds a thread that is about to park.
func (w *waiters) queue(t Thread, now int64) {
	switch w.order {
	case HostOrder:
		w.parked++
		return
	case FIFO:
		w.push(&w.older, t)
	case Glibc236:
		w.push(&w.newer, t)
		w.nodes[t].awake = now + w.settle(t)
	}
}

// leave takes out a thread whose wait has ended, however it ended, and reports
// whether a signal had been sent to it.
func (w *waiters) leave(t Thread, woken bool) (signalled bool) {
	if w.order == HostOrder {
		w.parked--
		if woken && w.signalled > 0 {
			w.signalled--
		}
		// A signal cannot outlive the last thread that could take it.
		w.signalled = min(w.signalled, w.parked)
		return woken
	}
	n := &w.nodes[t]
	if n.signalled {
		n.signalled = false
		w.signalled--
		return true
	}
	w.unlink(t)
	return false
}

// signal chooses the thread that a signal reaches: Nobody when no thread waits,
// Anyone when the host chooses. Vain is the sleeper that is woken for it, and finds
// that another has taken it: Nobody, where that is not so.
func (w *waiters) signal(now int64) (t, vain Thread) {
	if w.order == HostOrder {
		w.signalled = min(w.signalled+1, w.parked)
		return Anyone, Nobody
	}
	if w.older.size == 0 {
		w.older, w.newer = w.newer, w.older
		w.adopt(&w.older)
	}
	t, vain = w.older.head, Nobody
	if t == Nobody {
		return t, vain
	}
	if last := w.older.tail; w.order == Glibc236 && now < w.nodes[last].awake && t != last {
		t, vain = last, t
		w.unlink(vain)
		w.push(&w.older, vain)
	}
	w.unlink(t)
	w.nodes[t].signalled = true
	w.signalled++
	return t, vain
}

// signalledTo reports whether t was woken and has not arrived yet.
func (w *waiters) signalledTo(t Thread) bool { return w.nodes[t].signalled }

// underway reports whether a thread was woken and has not arrived yet.
func (w *waiters) underway() bool { return w.signalled > 0 }

// waiting reports whether a thread waits that no signal has reached.
func (w *waiters) waiting() bool {
	return w.older.size+w.newer.size > 0 || w.parked > w.signalled
}

func (w *waiters) push(l *list, t Thread) {
	for int(t) >= len(w.nodes) {
		w.nodes = append(w.nodes, node{})
	}
	n := &w.nodes[t]
	if n.in != nil || n.signalled {
		panic("policy: a thread queues that is queued already")
	}
	n.in, n.prev, n.next = l, l.tail, Nobody
	if l.tail == Nobody {
		l.head = t
	} else {
		w.nodes[l.tail].next = t
	}
	l.tail = t
	l.size++
}

func (w *waiters) unlink(t Thread) {
	n := &w.nodes[t]
	l := n.in
	if l == nil {
		panic("policy: a thread leaves a queue that it is not in")
	}
	if n.prev == Nobody {
		l.head = n.next
	} else {
		w.nodes[n.prev].next = n.next
	}
	if n.next == Nobody {
		l.tail = n.prev
	} else {
		w.nodes[n.next].prev = n.prev
	}
	n.in = nil
	l.size--
}

// adopt makes the threads of a list that has moved point to where it is now.
func (w *waiters) adopt(l *list) {
	for t := l.head; t != Nobody; t = w.nodes[t].next {
		w.nodes[t].in = l
	}
}
