package ossched

import "time"

// The completely fair scheduler: Linux 2.6.23 to 6.5, here as of 6.2 to 6.5.
//
// Each task has a virtual run time v: the time that it has run, divided by its
// weight. The task with the least v runs. In a period, which is 6 ms or, with many
// tasks, 0.75 ms for each, everybody is to have a slice in proportion to their
// weight. On several CPUs these times are longer.
//
// A task that slept does not keep the v it left with: it would have the CPU to
// itself until it had caught up. It comes back with at most half a period less than
// the least v of all. That is still so much that a task that mostly sleeps preempts
// whoever runs nearly each time it wakes. This kindness to sleepers is what EEVDF
// did away with.
//
// What else decides:
//   - Time is looked at in ticks. A task makes way when it has run longer than its
//     slice, or when it has run for the minimum and is ahead of the first in the
//     queue by more than its slice.
//   - A task that wakes preempts when it is behind the current one by more than the
//     wake-up granularity, 1 ms, by its own weight.
//   - A new task begins a slice after the least v.
//   - Buddies: the one that preempted is picked next, with 8 tasks or more the one
//     that was preempted after it, and one that yields is passed over, if that puts
//     nobody back by more than the wake-up granularity.
//
// Left out: groups, SCHED_BATCH and SCHED_IDLE, and HRTICK and NEXT_BUDDY, which
// are off.
//
// Source: Linux kernel/sched/fair.c and features.h, 6.2 to 6.5.

var cfsScheduler = Scheduler{
	Name:   "cfs",
	Title:  "Linux 2.6.23 to 6.5: completely fair scheduler",
	Source: "Linux kernel/sched/fair.c, 6.2 to 6.5",
	Params: []Param{
		{Name: "latency", Default: 6 * time.Millisecond, Min: time.Microsecond, Max: time.Second,
			Doc: "period in which each task runs once; this and the next two on one CPU, they grow with the logarithm of the CPUs up to 8"},
		{Name: "min_granularity", Default: 750 * time.Microsecond, Min: time.Microsecond, Max: time.Second,
			Doc: "shortest slice; where the period would have shorter ones it grows"},
		{Name: "wakeup_granularity", Default: time.Millisecond, Min: time.Duration(0), Max: time.Second,
			Doc: "how far behind a task that wakes has to be to preempt"},
		packParam,
	},
	build: func(c Config, v values) Policy {
		s := &cfs{fair: newFair(c, v), queues: make([]cfsQueue, c.CPUs)}
		factor := scale(c.CPUs)
		s.latency, s.shortest, s.lead = v.duration("latency")*factor, v.duration("min_granularity")*factor, v.duration("wakeup_granularity")*factor
		s.many = int(max(s.latency/s.shortest, 1))
		for i := range s.queues {
			s.queues[i] = cfsQueue{next: NoTask, last: NoTask, skip: NoTask}
		}
		return s
	},
}

type cfs struct {
	fair
	latency, shortest, lead int64 // ns
	many                    int   // tasks that fit into a period: sched_nr_latency
	queues                  []cfsQueue
}

type cfsQueue struct {
	least            int64 // the least v of all tasks so far; it never falls
	next, last, skip Task  // buddies
}

func (s *cfs) Add(t Task, a Attr) { s.addTask(t, a) }

// Place looks for an idle CPU.
func (s *cfs) Place(t Task, waker CPU, now int64) CPU { return s.place(t, waker, now) }

func (s *cfs) Enqueue(c CPU, t Task, now int64, why Why) CPU {
	old := s.homes[t]
	s.wakes(t, now)
	s.belongs(t, c, now)
	s.enqueue(c, t, why)
	s.charge(c, now)
	f, all := &s.tasks[t], &s.queues[c]
	if why == Created {
		f.v = all.least + virtual(s.slice(s.cpus[c].n+1, s.cpus[c].load+f.weight, f.weight), f.weight)
	} else {
		if old != c && old != NoCPU {
			s.charge(old, now)
			f.v += all.least - s.queues[old].least
		}
		f.v = max(f.v, all.least-s.latency/2)
	}
	s.sort(c, t)
	s.count(c, t, +1)
	return s.preempt(c, t)
}

// preempt returns c when t, which has just been queued there, is to run at once.
func (s *cfs) preempt(c CPU, t Task) CPU {
	cur, q, all := s.cur[c], &s.cpus[c], &s.queues[c]
	if cur == NoTask || q.resched {
		return c
	}
	if !s.ahead(cur, t) {
		return NoCPU
	}
	all.next = t
	if q.n >= s.many {
		all.last = cur
	}
	q.resched = true
	return c
}

// ahead reports whether a has had more than b by so much that b may take its place.
func (s *cfs) ahead(a, b Task) bool {
	return s.tasks[a].v-s.tasks[b].v > virtual(s.lead, s.tasks[b].weight)
}

// slice returns the part of a period that is due to a weight, when n tasks weigh
// load. It has been at least the minimum since 5.13.
func (s *cfs) slice(n int, load, weight int64) int64 {
	period := s.latency
	if n > s.many {
		period = int64(n) * s.shortest
	}
	return max(period*weight/load, s.shortest)
}

// turn returns how long the current task may run: its slice, but since 6.2 no more
// than a period.
func (s *cfs) turn(c CPU, t Task) int64 {
	q := &s.cpus[c]
	return min(s.slice(q.n, q.load, s.tasks[t].weight), s.latency)
}

// sort puts a task into the sorted queue.
func (s *cfs) sort(c CPU, t Task) {
	n := &s.nodes[t]
	n.key, n.tie = s.tasks[t].v, s.ties.next()
	s.insert(&s.cpus[c].queue, t)
}

// charge accounts for the time that the current task of c has run.
func (s *cfs) charge(c CPU, now int64) {
	t, q := s.cur[c], &s.cpus[c]
	if t == NoTask || now <= q.since {
		return
	}
	s.tasks[t].advance(now - q.since)
	q.since = now
	s.follow(c)
}

// follow lets the least v follow that of the tasks.
func (s *cfs) follow(c CPU) {
	least := Never
	if t := s.cur[c]; t != NoTask {
		least = s.tasks[t].v
	}
	if t := s.first(s.cpus[c].queue); t != NoTask {
		least = min(least, s.tasks[t].v)
	}
	if least != Never {
		s.queues[c].least = max(s.queues[c].least, least)
	}
}

func (s *cfs) Pick(c CPU, now int64) Task {
	if s.cpus[c].n == 0 && !s.pull(s, c, now) {
		return s.pick(c, NoTask)
	}
	t := s.choose(c)
	s.begin(c, t, now)
	s.forget(c, t)
	return t
}

// choose returns the first in the queue, or a buddy that is not far behind it.
func (s *cfs) choose(c CPU) Task {
	q, all := s.cpus[c].queue, &s.queues[c]
	first := s.first(q)
	t := first
	if all.skip == first {
		if second := s.second(q); second != NoTask && !s.ahead(second, first) {
			t = second
		}
	}
	switch {
	case all.next != NoTask && !s.ahead(all.next, first):
		t = all.next
	case all.last != NoTask && !s.ahead(all.last, first):
		t = all.last
	}
	return t
}

// forget ends what a task is a buddy for.
func (s *cfs) forget(c CPU, t Task) {
	all := &s.queues[c]
	for _, buddy := range [...]*Task{&all.next, &all.last, &all.skip} {
		if *buddy == t {
			*buddy = NoTask
		}
	}
}

func (s *cfs) Tick(c CPU, now int64) bool {
	t, q := s.current(c), &s.cpus[c]
	s.charge(c, now)
	q.ticked = now
	if q.resched || q.n < 2 {
		return q.resched
	}
	turn, ran := s.turn(c, t), now-q.picked
	over := ran > turn
	if !over && ran >= s.shortest {
		over = s.tasks[t].v-s.tasks[s.first(q.queue)].v > turn
	}
	if over {
		q.resched = true
		s.forget(c, t)
	}
	return over
}

// Next is when the slice has been used up, or when the task is ahead of the first
// by that much. Where so many wait that the period has grown, it is the end of the
// minimum: one that leaves for another CPU would make the period shorter.
func (s *cfs) Next(c CPU, now int64) int64 {
	t, q := s.current(c), &s.cpus[c]
	if q.resched {
		return q.later(now, now)
	}
	if q.n < 2 {
		return Never
	}
	soonest := q.picked + s.shortest
	if q.n > s.many {
		return q.later(soonest, now)
	}
	turn := s.turn(c, t)
	lead := q.since + s.tasks[t].until(s.tasks[s.first(q.queue)].v+turn+1)
	return q.later(min(q.picked+turn+1, max(lead, soonest)), now)
}

func (s *cfs) Put(c CPU, now int64, why Why) {
	s.charge(c, now)
	t, q := s.end(c, now, why), &s.cpus[c]
	if why == Preempted || why == Yielded {
		if why == Yielded && q.n > 1 {
			s.forget(c, t)
			s.queues[c].skip = t
		}
		s.sort(c, t)
		q.prev = t
		return
	}
	s.forget(c, t)
	s.count(c, t, -1)
	s.follow(c)
}

// move takes a queued task to another CPU, where it is as far from the least as it
// was.
func (s *cfs) move(t Task, from, to CPU, now int64) {
	s.charge(from, now)
	s.charge(to, now)
	s.remove(&s.cpus[from].queue, t)
	s.forget(from, t)
	s.count(from, t, -1)
	if s.cpus[from].prev == t {
		s.cpus[from].prev = NoTask
	}
	s.tasks[t].v += s.queues[to].least - s.queues[from].least
	s.follow(from)
	s.belongs(t, to, now)
	s.homes[t] = to
	s.sort(to, t)
	s.count(to, t, +1)
}

// waits says that every queued task may be taken.
func (s *cfs) waits(Task) (can, ready bool) { return true, true }

// Balance looks at the load of other CPUs.
func (s *cfs) Balance(c CPU, now int64) bool { return s.rebalance(s, c, now) }
