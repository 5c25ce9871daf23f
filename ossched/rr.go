package ossched

import "time"

// Round robin. The ready tasks stand in a circle, and each runs for one quantum,
// or until it blocks. A task whose quantum ends while nobody waits starts another
// one, so that a newcomer never waits longer than a quantum. A newcomer that
// arrives in the very instant in which a quantum ends is ahead of the task that it
// ends for.
//
// With a quantum that goes to 0 this becomes processor sharing: everybody runs at
// once, each at an equal part of the speed.
//
// Source: Arpaci-Dusseau, Operating Systems: Three Easy Pieces, chapter 7, and its
// simulator scheduler.py.

var rrScheduler = Scheduler{
	Name:   "rr",
	Title:  "round robin: equal turns in a circle",
	Source: "Arpaci-Dusseau, Operating Systems: Three Easy Pieces, chapter 7",
	Params: []Param{{
		Name: "quantum", Default: 10 * time.Millisecond, Min: time.Duration(1), Max: 1000 * time.Second,
		Doc: "how long a turn lasts",
	}},
	build: func(c Config, v values) Policy {
		return &rr{shared: newShared(c.CPUs), quantum: v.duration("quantum"), due: make([]int64, c.CPUs)}
	},
}

type rr struct {
	shared
	quantum int64
	queue   ring
	due     []int64 // by CPU: when the quantum ends
}

func (r *rr) Add(t Task, _ Attr) { r.add(t) }

func (r *rr) Enqueue(c CPU, t Task, _ int64, why Why) CPU {
	r.enqueue(c, t, why)
	r.queue.push(t)
	return r.kick(c)
}

func (r *rr) Pick(c CPU, now int64) Task {
	r.due[c] = now + r.quantum
	return r.picks(c, r.queue.pop())
}

func (r *rr) Put(c CPU, _ int64, why Why) {
	if t := r.puts(c, why); r.phases[t] == queued {
		r.queue.push(t)
	}
}

// Tick ends a quantum: another one begins, of the next task if there is one.
func (r *rr) Tick(c CPU, now int64) bool {
	r.current(c)
	if now < r.due[c] {
		return false
	}
	if r.queue.n > 0 {
		return true
	}
	r.due[c] = now + r.quantum
	return false
}

// Next is the end of the quantum, even if nobody waits: somebody may come.
func (r *rr) Next(c CPU, now int64) int64 {
	r.current(c)
	return max(r.due[c], now)
}
