package ossched

// What Linux's two fair schedulers have in common: the weights of nice values, a
// queue for each CPU, and how tasks get from one queue to another.
//
// A task that wakes queues where it ran last if that CPU is idle, else on an idle
// CPU if there is one, else where it ran last or, if there is less load, on the
// CPU of its waker. Kernels that pack come before that (pack.go). A CPU that runs
// dry takes one task from the longest queue. From time to time each CPU compares
// its load with that of the busiest one and takes a task if it has clearly less. Nobody takes a task that ran a moment ago:
// the cache of its old CPU is still warm.
//
// This is a small model of one group of CPUs that share a cache: no hyperthreads,
// no NUMA, no load that decays, no push of running tasks.
//
// Source: Linux kernel/sched/core.c (sched_prio_to_weight), kernel/sched/fair.c
// (select_task_rq_fair, wake_affine, sched_balance_newidle, sched_balance_rq,
// can_migrate_task, get_update_sysctl_factor).

// weights are those of the nice values from -20 to 19. A step is a factor of about
// 1.25.
var weights = [40]int64{
	88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916,
	9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277,
	1024, 820, 655, 526, 423, 335, 272, 215, 172, 137,
	110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
}

const (
	leastNice  = -20
	weightZero = 1024 // of nice 0, for which virtual time is real time

	// hotTime is how long after it ran a task counts as hot: sysctl_sched_migration_cost.
	hotTime = 500_000
	// busyTime is how long a busy CPU waits between two looks at the balance, for
	// each CPU there is: a millisecond, times busy_factor.
	busyTime = 16_000_000
	// imbalance is how much more load, in percent, the busiest CPU has to have.
	imbalance = 117
	// affineBias favours the waker's CPU, in percent: half the imbalance.
	affineBias = 100 + (imbalance-100)/2
	// mostLooks bounds how many queued tasks are looked at for one to take:
	// sysctl_sched_nr_migrate.
	mostLooks = 32
)

// scale returns the factor by which time slices grow with the number of CPUs:
// 1 + log2(min(CPUs, 8)), rounded down.
func scale(cpus int) int64 {
	factor := int64(1)
	for n := min(cpus, 8); n > 1; n /= 2 {
		factor++
	}
	return factor
}

// virtual turns real into virtual time.
func virtual(ns, weight int64) int64 { return ns * weightZero / weight }

// fairTask is what both schedulers know of a task.
type fairTask struct {
	weight int64
	v      int64 // virtual run time, in ns
	rest   int64 // of the division that made v: v grows by the same in whatever pieces time is charged
	ran    int64 // when it ran last
	never  bool  // it has not run yet
}

// advance adds real to virtual run time.
func (t *fairTask) advance(ns int64) {
	t.rest += ns * weightZero
	t.v += t.rest / t.weight
	t.rest %= t.weight
}

// until returns how long the task has to run until its virtual run time is v.
func (t *fairTask) until(v int64) int64 {
	if v <= t.v {
		return 0
	}
	return ((v-t.v)*t.weight - t.rest + weightZero - 1) / weightZero
}

// fairCPU is what both schedulers know of a CPU.
type fairCPU struct {
	queue   queue // all queued tasks but the current one
	n       int   // runnable tasks, the current one included
	load    int64 // their weights
	since   int64 // until when the current task has been charged
	picked  int64 // since when it has run
	prev    Task  // who ran until the Put that was not followed by a Pick yet, and can go on
	resched bool  // the driver was told to reschedule
	ticked  int64 // time of the latest tick
	balance int64 // time of the next periodic balance while busy
	failed  bool  // that found a task to take only among those that cannot go yet
}

type fair struct {
	book
	nodes
	ties       ties
	tick       int64
	tasks      []fairTask
	cpus       []fairCPU
	overloaded int // CPUs with two runnable tasks or more
	// crowded says that there was one since somebody looked for such and found none, what the
	// kernel goes by (rd->overloaded). Here nobody looks at ticks as long as nobody waits.
	crowded bool
	noise   chance
	packing *packing // nil: a task does not wake on a busy CPU while another is idle
}

// mover is the part of moving tasks that the two schedulers do differently.
type mover interface {
	// charge accounts for the time that the current task of a CPU has run.
	charge(c CPU, now int64)
	// move takes a queued task from one CPU to another.
	move(t Task, from, to CPU, now int64)
	// waits reports whether a task in the queue of a CPU can be taken away, were it
	// not for its cache; ready, whether it should be.
	waits(t Task) (can, ready bool)
}

func newFair(c Config, v values) fair {
	f := fair{
		book: newBook(c.CPUs), ties: newTies(c.Ties), tick: c.Tick, cpus: make([]fairCPU, c.CPUs),
		packing: newPacking(c.CPUs, v),
	}
	for i := range f.cpus {
		f.cpus[i] = fairCPU{queue: newQueue(), prev: NoTask, ticked: -1}
	}
	return f
}

// Traits has one tick of a CPU as the time between two looks at the balance, if
// there is more than one.
func (f *fair) Traits() Traits {
	t := Traits{Ticked: true, Obeys: []string{"nice"}}
	if len(f.cpus) > 1 {
		t.BalanceEvery = f.tick
	}
	return t
}

func (f *fair) addTask(t Task, a Attr) {
	f.add(t)
	if a.Nice < leastNice || a.Nice >= leastNice+len(weights) {
		panic("ossched: a nice value is from -20 to 19")
	}
	f.tasks = append(f.tasks, fairTask{weight: weights[a.Nice-leastNice], never: true})
	f.nodes = append(f.nodes, node{})
	if f.packing != nil {
		f.packing.tasks = append(f.packing.tasks, past{})
	}
}

// count notes that a task becomes runnable on a CPU, or ceases to be.
func (f *fair) count(c CPU, t Task, change int) {
	q := &f.cpus[c]
	before := q.n >= 2
	q.n += change
	q.load += int64(change) * f.tasks[t].weight
	if after := q.n >= 2; after != before {
		if after {
			f.overloaded++
			f.crowded = true
		} else {
			f.overloaded--
		}
	}
}

// begin makes a queued task the current one. A task that goes on after a Put
// counts as not having been interrupted; fresh reports that this one does not.
func (f *fair) begin(c CPU, t Task, now int64) (fresh bool) {
	q := &f.cpus[c]
	f.remove(&q.queue, t)
	f.pick(c, t)
	f.starts(t, c, now)
	fresh = t != q.prev
	if fresh {
		q.picked = now
	}
	q.since, q.prev, q.resched = now, NoTask, false
	f.tasks[t].never = false
	return fresh
}

// end takes the current task off a CPU, and returns it.
func (f *fair) end(c CPU, now int64, why Why) Task {
	t, q := f.put(c, why), &f.cpus[c]
	q.prev, q.resched = NoTask, false
	f.tasks[t].ran = now
	f.stops(t, c, now, why)
	return t
}

// later returns a time that Next wants, as soon as a tick can come.
func (q *fairCPU) later(at, now int64) int64 { return max(at, now, q.ticked+1) }

// empty reports whether a CPU has nothing to do.
func (f *fair) empty(c CPU) bool { return f.cur[c] == NoTask && f.cpus[c].n == 0 }

// anyEmpty returns the next CPU that has nothing to do, c being the last to be
// looked at; NoCPU: all have.
func (f *fair) anyEmpty(c CPU) CPU {
	if f.idle == 0 {
		return NoCPU
	}
	for i := range f.cpus {
		if d := f.after(c, i+1); f.empty(d) {
			return d
		}
	}
	return NoCPU
}

func (f *fair) after(c CPU, steps int) CPU { return CPU((int(c) + steps) % len(f.cpus)) }

// place chooses the CPU of a task that wakes or begins.
func (f *fair) place(t Task, waker CPU, now int64) CPU {
	home := f.homes[t]
	switch {
	case home == NoCPU:
		return f.placeNew(max(waker, 0))
	case f.empty(home):
		if waker != NoCPU && f.room(waker, t, now) {
			return waker
		}
		return home
	case f.room(home, t, now):
		return home
	}
	if c := f.anyEmpty(home); c != NoCPU {
		return c
	}
	if waker != NoCPU && (f.cpus[waker].load+f.tasks[t].weight)*100 < f.cpus[home].load*affineBias {
		return waker
	}
	return home
}

// placeNew chooses the CPU with the fewest runnable tasks, that of the parent
// among equals.
func (f *fair) placeNew(parent CPU) CPU {
	best := parent
	for i := range f.cpus {
		if c := f.after(parent, i); f.cpus[c].n < f.cpus[best].n {
			best = c
		}
	}
	return best
}

// takable returns the last task in the queue of a CPU that can be taken and weighs
// no more than most. Ripe alone: only those that should be taken.
func (f *fair) takable(m mover, c CPU, most, now int64, ripe bool) Task {
	m.charge(c, now)
	found, looks := NoTask, 0
	f.backward(f.cpus[c].queue.root, func(t Task) bool {
		looks++
		x := &f.tasks[t]
		can, ready := m.waits(t)
		hot := !x.never && now-x.ran < hotTime
		if can && (ready || !ripe) && !hot && x.weight <= most {
			found = t
		}
		return found != NoTask || looks == mostLooks
	})
	return found
}

// pull takes one task from the longest queue that has one to take, for a CPU that
// has nothing to do.
func (f *fair) pull(m mover, c CPU, now int64) bool {
	if f.overloaded == 0 {
		f.crowded = false
		return false
	}
	task, from, most := NoTask, NoCPU, 1
	for i := range f.cpus {
		d := f.after(c, i+1)
		if d == c || f.cpus[d].n <= most {
			continue
		}
		if t := f.takable(m, d, Never, now, false); t != NoTask {
			task, from, most = t, d, f.cpus[d].n
		}
	}
	if task == NoTask {
		return false
	}
	m.move(task, from, c, now)
	return true
}

// rebalance is what a CPU does from time to time: an idle one takes what it finds, at
// each tick, and a busy one looks for the CPU with the highest load, every 16 ms for
// each CPU there is. In a kernel noise sees to it that this is not in step with the
// time slices, so that it is not always the same task that moves. Here the time is
// drawn from half of that to all of it.
func (f *fair) rebalance(m mover, c CPU, now int64) bool {
	if f.overloaded == 0 {
		f.crowded = false
		return false
	}
	q := &f.cpus[c]
	if q.n == 0 {
		return f.cur[c] == NoTask && f.pull(m, c, now)
	}
	if now < q.balance {
		return false
	}
	f.schedule(c, now)
	from := f.busiest(c)
	if from == NoCPU {
		return false
	}
	gap := f.cpus[from].load - q.load
	t := f.takable(m, from, gap, now, !q.failed)
	q.failed = t == NoTask
	if t == NoTask {
		return false
	}
	m.move(t, from, c, now)
	f.schedule(from, now) // lest it take the task back
	return true
}

// schedule draws the time of the next periodic balance of a busy CPU.
func (f *fair) schedule(c CPU, now int64) {
	most := max(int64(len(f.cpus))*busyTime/f.tick, 2)
	ticks := most - int64(f.noise.below(int(most/2)))
	f.cpus[c].balance = now + ticks*f.tick
}

// busiest returns the CPU with the highest load if it has a task to give and
// clearly more load than c; otherwise NoCPU.
func (f *fair) busiest(c CPU) CPU {
	from := NoCPU
	most := f.cpus[c].load * imbalance / 100
	for i := range f.cpus {
		d := f.after(c, i+1)
		if f.cpus[d].n >= 2 && f.cpus[d].load > most {
			from, most = d, f.cpus[d].load
		}
	}
	return from
}
