package ossched

import "time"

// Fixed priorities. The tasks with the highest priorities run, and a task that
// wakes preempts the running one with the lowest if its own is higher. Among equals
// whoever waits longest comes first, and one that was preempted keeps its place in
// front. Equals never preempt each other. This is SCHED_FIFO of POSIX.
//
// Low priorities starve. Ageing, which is off unless a time is given, helps: a
// waiting task gains one priority each time it has waited that long, and while it
// runs loses them again at the same rate, or all at once when it stops.
//
// Source: POSIX.1 (SCHED_FIFO); Silberschatz, Operating System Concepts, CPU
// scheduling (ageing).

var priorityScheduler = Scheduler{
	Name:   "priority",
	Title:  "fixed priorities: the highest runs, low ones starve",
	Source: "POSIX.1, SCHED_FIFO; ageing: Silberschatz, Operating System Concepts",
	Params: []Param{{
		Name: "ageing", Default: time.Duration(0), Min: time.Duration(0), Max: 1000 * time.Second,
		Doc: "time for which a task waits to gain one priority; 0: it gains none",
	}},
	build: func(c Config, v values) Policy {
		return &priority{
			shared: newShared(c.CPUs), ageing: v.duration("ageing"), ties: newTies(c.Ties),
			queue: newQueue(), risen: make([]int64, c.CPUs), since: make([]int64, c.CPUs),
		}
	},
}

// highest bounds a priority, so that no sum of it overflows.
const highest = 1_000_000

type priority struct {
	shared
	nodes
	ties   ties
	ageing int64
	queue  queue
	tasks  []ranked
	risen  []int64 // by CPU: the priority that its task came with, with what it had gained
	since  []int64 // by CPU: when it came
	front  uint64  // how many went to the front of their equals
}

type ranked struct {
	priority int64
	since    int64 // when it began to wait
}

// Traits are those of one queue for all CPUs, ordered by priority.
func (p *priority) Traits() Traits { return Traits{Obeys: []string{"priority"}} }

func (p *priority) Add(t Task, a Attr) {
	p.add(t)
	if a.Priority < -highest || a.Priority > highest {
		panic("ossched: a priority is from -1000000 to 1000000")
	}
	p.tasks = append(p.tasks, ranked{priority: int64(a.Priority)})
	p.nodes = append(p.nodes, node{})
}

// behind is the first tie of those that queue at the back.
const behind = 1 << 63

// sort queues a task. As all who wait gain at the same rate, their order does not
// change while they wait.
func (p *priority) sort(t Task, now int64, front bool) {
	x, n := &p.tasks[t], &p.nodes[t]
	x.since = now
	n.key = -x.priority
	if p.ageing > 0 {
		n.key = now - x.priority*p.ageing
	}
	n.tie = behind | p.ties.next()
	if front {
		p.front++
		n.tie = behind - p.front
	}
	p.insert(&p.queue, t)
}

// worth returns the priority of a waiting task with what it has gained.
func (p *priority) worth(t Task, now int64) int64 {
	x := &p.tasks[t]
	if p.ageing == 0 {
		return x.priority
	}
	return x.priority + (now-x.since)/p.ageing
}

// keeps returns the priority of the current task of c with what it has not lost yet.
func (p *priority) keeps(c CPU, now int64) int64 {
	if p.ageing == 0 {
		return p.risen[c]
	}
	return max(p.risen[c]-(now-p.since[c])/p.ageing, p.tasks[p.cur[c]].priority)
}

func (p *priority) Enqueue(c CPU, t Task, now int64, why Why) CPU {
	p.enqueue(c, t, why)
	p.sort(t, now, false)
	if free := p.kick(c); free != NoCPU {
		return free
	}
	worst, least := NoCPU, p.tasks[t].priority
	for i, cur := range p.cur {
		if cur == NoTask || p.coming[i] {
			continue
		}
		if has := p.keeps(CPU(i), now); has < least {
			worst, least = CPU(i), has
		}
	}
	if worst != NoCPU {
		p.coming[worst] = true
	}
	return worst
}

func (p *priority) Pick(c CPU, now int64) Task {
	t := p.first(p.queue)
	if t != NoTask {
		p.remove(&p.queue, t)
		p.risen[c], p.since[c] = p.worth(t, now), now
	}
	return p.picks(c, t)
}

func (p *priority) Put(c CPU, now int64, why Why) {
	if t := p.puts(c, why); p.phases[t] == queued {
		p.sort(t, now, why == Preempted)
	}
}

// Tick looks whether somebody has waited long enough to be above the current task.
func (p *priority) Tick(c CPU, now int64) bool {
	p.current(c)
	t := p.first(p.queue)
	return p.ageing > 0 && t != NoTask && p.worth(t, now) > p.keeps(c, now)
}

// Next is when the first of those who wait gains a priority or the current task
// loses one. Who begins to wait later needs at least that long to gain one.
func (p *priority) Next(c CPU, now int64) int64 {
	p.current(c)
	if p.ageing == 0 {
		return Never
	}
	step := func(since int64) int64 { return now + p.ageing - (now-since)%p.ageing }
	at := step(p.since[c])
	if t := p.first(p.queue); t != NoTask {
		if p.worth(t, now) > p.keeps(c, now) {
			return now
		}
		at = min(at, step(p.tasks[t].since))
	}
	return at
}
