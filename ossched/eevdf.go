package ossched

import "time"

// Earliest eligible virtual deadline first: Linux 6.6 and later, here as of 6.12
// to 6.18.
//
// Each task has a virtual run time v: the time that it has run, divided by its
// weight. V is the mean of all v, weighted: what v would be had everybody got
// exactly their share. V - v is a task's lag: what it is owed. The lags of all,
// weighted, add up to nothing. A task with a lag of 0 or more is eligible.
//
// Each task also asks for the CPU in slices. Its virtual deadline d is where v will
// be when the slice has been used up. Among the eligible tasks the one with the
// earliest deadline runs: who asks for little at a time is served sooner, but
// nobody gets more than their share.
//
// What else decides:
//   - Time is charged in ticks (and when something happens on the CPU), so that a
//     slice lasts until the first tick after its end.
//   - Run to parity: the running task is protected, while it is eligible, up to its
//     deadline, or for the shortest slice in the queue if that is less.
//   - A task that wakes up preempts when it would be picked: it needs the earlier
//     deadline, and the protection to have ended. A shorter slice, asked for with
//     sched_setattr, ends the protection. Delayed tasks whose turn it would be are
//     no obstacle, but leave: so 7.0, and 6.18 as of 2026.
//   - Lag outlives sleep. A task that blocks with a debt stays in the queue, delayed,
//     until it would be picked: so it pays back by waiting. If it wakes before, it
//     goes on from there; if it is owed something by then, it starts afresh.
//   - A wake-up charges the current task before the new one is placed, but after a
//     delayed one is: that one finds V as of the last tick. What the current task
//     has run since moves V ahead of it, and is a lag that it is given.
//   - Of two equal deadlines the task that runs loses.
//   - A CPU that runs dry looks for a task elsewhere in proportion to its success in
//     the past (newidle.go): since January 2026, and not in eevdf-6.6.
//   - Threads of a session or a container are a group, and a CPU is divided among
//     groups as it is among tasks. Where others are queued beside the group, if only to
//     pay a debt, the slice of the group is over at each tick, and the tick reschedules.
//     Then the group goes on, but the task in it only if it is eligible (entity_tick,
//     pick_task_fair). That is all of groups that is here, as grouped.
//
// Left out: what share a group gets, SCHED_BATCH and SCHED_IDLE, HRTICK and NEXT_BUDDY,
// which are off.
//
// Source: Linux kernel/sched/fair.c and features.h, 6.12 to 6.18; Stoica and
// Abdel-Wahab, Earliest Eligible Virtual Deadline First, 1995.

var eevdfScheduler = Scheduler{
	Name:   "eevdf",
	Title:  "Linux as of 2026: earliest eligible virtual deadline first",
	Source: "Linux kernel/sched/fair.c, 6.12 to 6.18 and the stable kernels of January 2026",
	Params: eevdfParams,
	build: func(c Config, v values) Policy {
		e := newEEVDF(c, v)
		e.newidle = newNewidle(c.CPUs)
		return e
	},
}

// eevdfBefore is what it was before a CPU that runs dry looked in proportion to its success.
var eevdfBefore = Scheduler{
	Name:   "eevdf-6.6",
	Title:  "Linux 6.6 until the end of 2025: eevdf whose CPUs always look for work when they run dry",
	Source: "Linux kernel/sched/fair.c, 6.12 to 6.18",
	Params: eevdfParams,
	build:  func(c Config, v values) Policy { return newEEVDF(c, v) },
}

var eevdfParams = []Param{
	{Name: "base_slice", Default: 700 * time.Microsecond, Min: time.Microsecond, Max: 100 * time.Millisecond,
		Doc: "time slice on one CPU; it grows with the logarithm of their number up to 8"},
	{Name: "run_to_parity", Default: true,
		Doc: "protect the running task up to its deadline; without, for 0.7 ms"},
	{Name: "preempt_short", Default: true,
		Doc: "a task with a shorter slice may preempt before the protection ends"},
	{Name: "delay_dequeue", Default: true,
		Doc: "a task that blocks with a debt stays in the queue until it is paid"},
	{Name: "grouped", Default: false,
		Doc: "the tasks are a session or a container, with others queued beside it: every tick reschedules"},
	packParam,
}

func newEEVDF(c Config, v values) *eevdf {
	return &eevdf{
		fair: newFair(c, v), base: v.duration("base_slice") * scale(c.CPUs),
		parity: v.bool("run_to_parity"), short: v.bool("preempt_short"), delay: v.bool("delay_dequeue"),
		grouped: v.bool("grouped"),
		queues:  make([]eevdfQueue, c.CPUs),
	}
}

const (
	shortestSlice = 100_000     // ns: what sched_setattr takes at least
	longestSlice  = 100_000_000 // and at most
	// protected is how long a task runs undisturbed without run to parity:
	// normalized_sysctl_sched_base_slice.
	protected = 700_000
)

type eevdf struct {
	fair
	base                 int64 // slice in ns of those who ask for none
	parity, short, delay bool
	grouped              bool
	newidle              []newidle // by CPU; nil: one that runs dry always looks for a task
	entities             []entity
	queues               []eevdfQueue
}

// entity is a task, beside its v. All but the slice is in virtual ns.
type entity struct {
	d        int64 // deadline
	slice    int64 // in real ns
	lag      int64 // while it is not in a queue: what it is owed
	guard    int64 // v up to which it is protected
	delayed  bool  // in the queue, and asleep
	relative bool  // d counts from v: it moved to another CPU with a part of its slice used up
}

// eevdfQueue is all tasks of a CPU: the queued ones, the delayed ones among them,
// and the current one.
type eevdfQueue struct {
	n      int
	asleep int // delayed ones
	weight int64
	// V is mean + sum/weight, and 0 <= sum < weight: sum is Σ w·(v - mean). As v is
	// a whole number, v <= V is v <= mean.
	mean, sum int64
}

// settle restores 0 <= sum < weight.
func (q *eevdfQueue) settle() {
	if q.weight == 0 {
		q.sum = 0
		return
	}
	step := q.sum / q.weight
	if q.sum%q.weight < 0 {
		step--
	}
	q.mean += step
	q.sum -= step * q.weight
}

// Traits are those of the fair schedulers, and each task may have a slice of its own.
func (e *eevdf) Traits() Traits {
	t := e.fair.Traits()
	t.Obeys = append(t.Obeys, "slice")
	return t
}

func (e *eevdf) Add(t Task, a Attr) {
	e.addTask(t, a)
	slice := e.base
	if a.Slice != 0 {
		slice = min(max(a.Slice, shortestSlice), longestSlice)
	}
	e.entities = append(e.entities, entity{slice: slice})
}

// Place leaves a delayed task where it is: it never left.
func (e *eevdf) Place(t Task, waker CPU, now int64) CPU {
	if e.entities[t].delayed {
		return e.homes[t]
	}
	return e.place(t, waker, now)
}

func (e *eevdf) Enqueue(c CPU, t Task, now int64, why Why) CPU {
	if e.entities[t].delayed && e.homes[t] != c {
		e.finish(e.homes[t], t)
	}
	e.wakes(t, now)
	e.belongs(t, c, now)
	e.enqueue(c, t, why)
	if e.entities[t].delayed {
		e.rejoin(c, t)
		e.charge(c, now) // no sooner: enqueue_task_fair does not, requeue_delayed_entity neither
	} else {
		e.charge(c, now)
		e.settlePlace(c, t, why == Created)
		e.join(c, t)
	}
	e.count(c, t, +1)
	return e.preempt(c, t, why)
}

// preempt returns c when t, which has just been queued there, is to run at once.
func (e *eevdf) preempt(c CPU, t Task, why Why) CPU {
	cur, q := e.cur[c], &e.cpus[c]
	if cur == NoTask || q.resched {
		return c
	}
	x := &e.entities[cur]
	if why != Created {
		if e.short && e.beats(c, t, cur) {
			x.guard = e.tasks[cur].v
		}
		if e.chooseAwake(c, cur) == t {
			q.resched = true
			return c
		}
	}
	if e.parity {
		x.guard = min(x.guard, e.tasks[cur].v+virtual(e.shortest(c), e.tasks[cur].weight))
	}
	return NoCPU
}

// beats reports whether t asks for less at a time than the current task, and would
// be chosen before it.
func (e *eevdf) beats(c CPU, t, cur Task) bool {
	a, b := &e.entities[t], &e.entities[cur]
	return a.slice < b.slice && e.eligible(c, t) && (a.d < b.d || !e.eligible(c, cur))
}

func (e *eevdf) eligible(c CPU, t Task) bool { return e.tasks[t].v <= e.queues[c].mean }

// choose returns whom c is to run, when cur runs or has just stopped and could go
// on; NoTask: nobody has.
func (e *eevdf) choose(c CPU, cur Task) Task {
	q := e.cpus[c].queue
	if cur != NoTask && !e.eligible(c, cur) {
		cur = NoTask
	}
	if cur != NoTask && e.tasks[cur].v < e.entities[cur].guard {
		return cur
	}
	best := e.firstWithin(q, e.queues[c].mean)
	if cur != NoTask && e.cur[c] == cur && (best == NoTask || e.entities[cur].d < e.entities[best].d) {
		return cur
	}
	return best
}

// chooseAwake is choose, but that delayed tasks whose turn it would be leave: a
// wake-up looks past them (wakeup_preempt_fair, which picks as a schedule does).
func (e *eevdf) chooseAwake(c CPU, cur Task) Task {
	for {
		t := e.choose(c, cur)
		if t == NoTask || !e.entities[t].delayed {
			return t
		}
		e.finish(c, t)
	}
}

func (e *eevdf) Pick(c CPU, now int64) Task {
	for {
		if e.queues[c].n == 0 && !e.runsDry(c, now) {
			return e.pick(c, NoTask)
		}
		t := e.cpus[c].queue.root
		if e.queues[c].n > 1 {
			t = e.choose(c, e.cpus[c].prev)
		}
		if e.entities[t].delayed {
			e.finish(c, t)
			continue
		}
		if e.begin(c, t, now) {
			e.protect(c, t)
		}
		return t
	}
}

// protect sets how long a task that begins runs undisturbed.
func (e *eevdf) protect(c CPU, t Task) {
	x := &e.entities[t]
	x.guard = x.d
	slice := int64(protected)
	if e.parity {
		slice = e.shortest(c)
	}
	if slice < x.slice {
		x.guard = min(x.guard, e.tasks[t].v+virtual(slice, e.tasks[t].weight))
	}
}

// shortest returns the shortest slice of all tasks of a CPU.
func (e *eevdf) shortest(c CPU) int64 {
	least := int64(longestSlice)
	if t := e.cur[c]; t != NoTask {
		least = e.entities[t].slice
	}
	if root := e.cpus[c].queue.root; root != NoTask {
		least = min(least, e.nodes[root].minSlice)
	}
	return least
}

// charge accounts for the time that the current task of c has run. It notes when
// that task has to make way.
func (e *eevdf) charge(c CPU, now int64) {
	t, q, all := e.cur[c], &e.cpus[c], &e.queues[c]
	if t == NoTask || now <= q.since {
		return
	}
	x, f := &e.entities[t], &e.tasks[t]
	before := f.v
	f.advance(now - q.since)
	q.since = now
	all.sum += f.weight * (f.v - before)
	all.settle()
	over := f.v >= x.d
	if over {
		x.d = f.v + virtual(x.slice, f.weight)
	}
	if all.n > 1 && (over || f.v >= x.guard) {
		q.resched = true
	}
}

func (e *eevdf) Tick(c CPU, now int64) bool {
	e.current(c)
	e.charge(c, now)
	q := &e.cpus[c]
	q.ticked = now
	q.resched = q.resched || e.restless(c)
	return q.resched
}

// restless reports whether every tick reschedules: the slice of the group is over, and
// others wait for its CPU.
func (e *eevdf) restless(c CPU) bool { return e.grouped && e.queues[c].n > 1 }

// Next is when the protection ends, or the slice; even a task that is alone then
// gets a new deadline. While there are delayed tasks it is the next tick, since they
// see what has been charged.
func (e *eevdf) Next(c CPU, now int64) int64 {
	t, q := e.current(c), &e.cpus[c]
	if q.resched || e.queues[c].asleep > 0 || e.restless(c) {
		return q.later(now, now)
	}
	end := e.entities[t].d
	if e.queues[c].n > 1 {
		end = min(end, e.entities[t].guard)
	}
	return q.later(q.since+e.tasks[t].until(end), now)
}

func (e *eevdf) Put(c CPU, now int64, why Why) {
	e.charge(c, now)
	t := e.end(c, now, why)
	switch {
	case why == Yielded && e.queues[c].n > 1 && e.eligible(c, t):
		e.forfeit(c, t)
		fallthrough
	case why == Preempted || why == Yielded:
		e.sort(c, t, e.ties.after()) // of two equal deadlines it loses
		e.cpus[c].prev = t
		return
	case why == Blocked && e.delay && !e.eligible(c, t):
		e.entities[t].delayed = true
		e.queues[c].asleep++
		e.entities[t].lag = e.owed(c, t)
		e.sort(c, t, e.ties.next())
	default:
		e.entities[t].lag = e.owed(c, t)
		e.leave(c, t)
	}
	e.count(c, t, -1)
}

// forfeit gives up what is left of the slice of a task that yields.
func (e *eevdf) forfeit(c CPU, t Task) {
	x, f, all := &e.entities[t], &e.tasks[t], &e.queues[c]
	all.sum += f.weight * (x.d - f.v)
	all.settle()
	f.v = x.d
	x.d += virtual(x.slice, f.weight)
}

// Balance looks at the load of other CPUs.
func (e *eevdf) Balance(c CPU, now int64) bool { return e.rebalance(e, c, now) }
