package ossched

// Go's scheduler of goroutines, as of Go 1.24 to 1.26. The tasks are goroutines
// and the CPUs are Ps, the licences to run Go code.
//
// Each P has a ring of up to 256 goroutines and a slot for the one to run next. A
// goroutine that is woken or made goes into that slot of the P that did it, and
// throws out who was there to the tail of the ring; from a full ring half moves to
// the tail of the global queue. An idle P is woken whenever there is new work.
//
// A P that looks for work takes the first that it finds: every 61st time one from
// the global queue; from its slot; from its ring; from the global queue a fair
// share, of which it runs the first; half the ring of another P, of which it runs
// the last; the slot of another P.
//
// Time slices have no timer. A thread of the runtime, sysmon, looks at all Ps every
// 10 ms. It notes when it first sees that a P has begun a slice, and asks for
// preemption once it sees the same slice 10 ms later: a slice that begins at a
// random time lasts 10 to 20 ms, and one that begins right after a look lasts 20.
// A goroutine from the slot inherits the slice, so that a pair that wakes each
// other cannot keep out the rest for longer. Who is preempted, or yields, goes to
// the tail of the global queue.
//
// Nothing here can tell a timer or a network event from each other: who is woken by
// neither goes to an idle P, or else to the slot of the P where it ran last, which
// gets to it when it schedules next. How long an idle P takes to wake, among it the
// 3 µs for which a thief leaves a slot alone, is the driver's; so is a system call,
// which is a Put with Blocked, and the rounding of timers. Left out: sysmon's shorter
// looks while system calls last long, spinning threads, garbage collection.
//
// Source: Go, src/runtime/proc.go (schedule, findRunnable, runqput, runqgrab,
// globrunqget, retake), 1.26.

var goScheduler = Scheduler{
	Name:   "go",
	Title:  "Go's runtime: a run queue for each P, work stealing, preemption after 10 to 20 ms",
	Source: "Go, src/runtime/proc.go, 1.26",
	build: func(c Config, _ values) Policy {
		g := &goroutines{book: newBook(c.CPUs), ps: make([]processor, c.CPUs), ties: c.Ties != 0, random: chance(c.Ties)}
		if g.ties {
			g.offset = int64(g.random.next() % lookEvery)
		}
		for i := range g.ps {
			g.ps[i] = processor{next: NoTask, due: -1}
		}
		return g
	},
}

const (
	localSize   = 256        // goroutines in the ring of a P
	globalEvery = 61         // times that a P schedules between two looks at the global queue
	lookEvery   = 10_000_000 // ns between two looks of sysmon
	forceAfter  = 10_000_000 // ns after which a slice that was seen is ended: forcePreemptNS
)

type goroutines struct {
	book
	ps     []processor
	global ring
	queued int   // goroutines in all queues
	ties   bool  // at random: where a thief looks first, and when sysmon looks
	offset int64 // of sysmon's looks
	random chance
}

// processor is a P.
type processor struct {
	next   Task // the slot
	local  ring
	ticks  uint32 // slices begun
	due    int64  // when sysmon will ask for preemption
	coming bool   // without a goroutine, and about to pick one
}

// Traits says that tasks are goroutines.
func (g *goroutines) Traits() Traits { return Traits{Goroutines: true} }

func (g *goroutines) Add(t Task, _ Attr) { g.add(t) }

// Place returns the waker's P. Without one it is an idle P, that where the
// goroutine ran last before others, or else that one although it is busy.
func (g *goroutines) Place(t Task, waker CPU, _ int64) CPU {
	if waker != NoCPU {
		return waker
	}
	home := max(g.homes[t], 0)
	if c := g.anyFree(home); c != NoCPU {
		return c
	}
	return home
}

// anyFree returns an idle P that is not about to pick, c before others; NoCPU:
// there is none.
func (g *goroutines) anyFree(c CPU) CPU {
	if g.idle == 0 {
		return NoCPU
	}
	for i := range g.ps {
		d := CPU((int(c) + i) % len(g.ps))
		if g.cur[d] == NoTask && !g.ps[d].coming {
			return d
		}
	}
	return NoCPU
}

// Enqueue puts t into the slot of c and wakes an idle P, c before others. The new
// work may be picked by c before that one is awake.
func (g *goroutines) Enqueue(c CPU, t Task, _ int64, why Why) CPU {
	g.enqueue(c, t, why)
	g.queued++
	p := &g.ps[c]
	if p.next != NoTask {
		g.push(p, p.next)
	}
	p.next = t
	free := g.anyFree(c)
	if free != NoCPU {
		g.ps[free].coming = true
	}
	return free
}

// push puts a goroutine at the tail of a ring.
func (g *goroutines) push(p *processor, t Task) {
	if p.local.n < localSize {
		p.local.push(t)
		return
	}
	for range localSize / 2 {
		g.global.push(p.local.pop())
	}
	g.global.push(t)
}

func (g *goroutines) Pick(c CPU, now int64) Task {
	p := &g.ps[c]
	p.coming = false
	if g.queued == 0 {
		return g.pick(c, NoTask)
	}
	t, inherits := g.find(c)
	g.queued--
	if !inherits {
		p.ticks++
		p.due = g.look(now) + forceAfter
	} else if p.due < now {
		p.due = g.look(now) // sysmon saw this slice begin long ago
	}
	return g.pick(c, t)
}

// look returns the time of sysmon's first look after now.
func (g *goroutines) look(now int64) int64 {
	return now - (now+lookEvery-g.offset)%lookEvery + lookEvery
}

// find takes a goroutine from the first place that has one. There is one.
func (g *goroutines) find(c CPU) (t Task, inherits bool) {
	p := &g.ps[c]
	if p.ticks%globalEvery == 0 && g.global.n > 0 {
		return g.global.pop(), false
	}
	if t = p.next; t != NoTask {
		p.next = NoTask
		return t, true
	}
	if p.local.n > 0 {
		return p.local.pop(), false
	}
	if g.global.n > 0 {
		return g.batch(p), false
	}
	return g.steal(c), false
}

// batch takes a fair share of the global queue, and returns the first of it.
func (g *goroutines) batch(p *processor) Task {
	n := min(g.global.n, g.global.n/len(g.ps)+1, localSize/2)
	t := g.global.pop()
	for range n - 1 {
		p.local.push(g.global.pop())
	}
	return t
}

// steal takes half of the first ring that is not empty, or if all are, what is in
// the first slot.
func (g *goroutines) steal(c CPU) Task {
	start := int(c) + 1
	if g.ties {
		start = g.random.below(len(g.ps))
	}
	for i := range g.ps {
		victim := &g.ps[(start+i)%len(g.ps)]
		if n := (victim.local.n + 1) / 2; n > 0 {
			for range n - 1 {
				g.ps[c].local.push(victim.local.pop())
			}
			return victim.local.pop()
		}
	}
	for i := range g.ps {
		victim := &g.ps[(start+i)%len(g.ps)]
		if t := victim.next; t != NoTask {
			victim.next = NoTask
			return t
		}
	}
	panic("ossched: a goroutine is queued nowhere")
}

func (g *goroutines) Put(c CPU, _ int64, why Why) {
	t := g.put(c, why)
	g.ps[c].coming = true
	if g.phases[t] == queued {
		g.queued++
		g.global.push(t)
	}
}

// Tick is sysmon's request to preempt. If the same slice goes on, with another
// goroutine, the next look repeats it.
func (g *goroutines) Tick(c CPU, now int64) bool {
	g.current(c)
	if now < g.ps[c].due {
		return false
	}
	g.ps[c].due = g.look(now)
	return true
}

// Next is when sysmon will ask, whether or not another goroutine waits.
func (g *goroutines) Next(c CPU, now int64) int64 {
	g.current(c)
	return max(g.ps[c].due, now)
}

// Balance has nothing to do: Ps steal.
func (g *goroutines) Balance(CPU, int64) bool { return false }
