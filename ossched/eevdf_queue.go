package ossched

import "math/bits"

// The queue of EEVDF: how a task joins it and leaves it, and with what lag.

// settlePlace sets the virtual times of a task that is about to join: it comes with
// the lag that it left with. Joining moves V towards the task, which would take a
// part of the lag away, so it is made larger by as much. A new task gets half a
// slice first.
func (e *eevdf) settlePlace(c CPU, t Task, created bool) {
	x, f, all := &e.entities[t], &e.tasks[t], &e.queues[c]
	lag := int64(0)
	if all.n > 0 {
		lag = scaled(x.lag, all.weight+f.weight, all.weight)
	}
	f.v, f.rest = all.mean-lag, 0
	if x.relative {
		x.relative = false
		x.d += f.v
		return
	}
	slice := virtual(x.slice, f.weight)
	if created {
		slice /= 2
	}
	x.d = f.v + slice
}

// scaled returns x·a/b, rounded towards 0, for positive a and b.
func scaled(x, a, b int64) int64 {
	negative := x < 0
	if negative {
		x = -x
	}
	high, low := bits.Mul64(uint64(x), uint64(a))
	quotient, _ := bits.Div64(high, low, uint64(b))
	if negative {
		return -int64(quotient)
	}
	return int64(quotient)
}

// join adds a placed task to the queue of c.
func (e *eevdf) join(c CPU, t Task) {
	f, all := &e.tasks[t], &e.queues[c]
	all.n++
	all.weight += f.weight
	all.sum += f.weight * (f.v - all.mean)
	all.settle()
	e.sort(c, t, e.ties.next())
}

// sort puts a task that is counted already into the sorted queue.
func (e *eevdf) sort(c CPU, t Task, tie uint64) {
	n, x := &e.nodes[t], &e.entities[t]
	n.key, n.tie, n.value, n.slice = x.d, tie, e.tasks[t].v, x.slice
	e.insert(&e.cpus[c].queue, t)
}

// leave takes a task out of the count; it is not in the sorted queue any more.
func (e *eevdf) leave(c CPU, t Task) {
	f, all := &e.tasks[t], &e.queues[c]
	all.n--
	all.weight -= f.weight
	all.sum -= f.weight * (f.v - all.mean)
	all.settle()
}

// owed returns the lag of a task in the queue of c, within one slice and a tick.
func (e *eevdf) owed(c CPU, t Task) int64 {
	longest := e.entities[t].slice
	if cur := e.cur[c]; cur != NoTask {
		longest = max(longest, e.entities[cur].slice)
	}
	if root := e.cpus[c].queue.root; root != NoTask {
		longest = max(longest, e.nodes[root].maxSlice)
	}
	limit := virtual(longest+e.tick, e.tasks[t].weight)
	return min(max(e.queues[c].mean-e.tasks[t].v, -limit), limit)
}

// finish ends the stay of a delayed task. Its debt may have shrunk by the wait; it
// is not owed anything for it.
func (e *eevdf) finish(c CPU, t Task) {
	x := &e.entities[t]
	x.delayed = false
	e.queues[c].asleep--
	x.lag = min(max(e.owed(c, t), x.lag), 0)
	e.remove(&e.cpus[c].queue, t)
	e.leave(c, t)
}

// rejoin wakes a delayed task in its queue. If it has paid its debt, it starts
// afresh with a lag of 0.
func (e *eevdf) rejoin(c CPU, t Task) {
	x := &e.entities[t]
	x.delayed = false
	e.queues[c].asleep--
	if e.owed(c, t) <= 0 {
		return
	}
	e.remove(&e.cpus[c].queue, t)
	e.leave(c, t)
	x.lag = 0
	e.settlePlace(c, t, false)
	e.join(c, t)
}

// move takes a queued task to another CPU, with its lag and what is left of its
// slice.
func (e *eevdf) move(t Task, from, to CPU, now int64) {
	e.charge(from, now)
	e.charge(to, now)
	x := &e.entities[t]
	x.lag = e.owed(from, t)
	x.d -= e.tasks[t].v
	x.relative = true
	e.remove(&e.cpus[from].queue, t)
	e.leave(from, t)
	e.count(from, t, -1)
	if e.cpus[from].prev == t {
		e.cpus[from].prev = NoTask
	}
	e.belongs(t, to, now)
	e.homes[t] = to
	e.settlePlace(to, t, false)
	e.join(to, t)
	e.count(to, t, +1)
}

// waits says that a delayed task cannot be taken, since it is asleep, and that one
// with a debt should not.
func (e *eevdf) waits(t Task) (can, ready bool) {
	return !e.entities[t].delayed, e.eligible(e.homes[t], t)
}
