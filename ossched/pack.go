package ossched

// packing is that a task wakes on a busy CPU although another is idle. Some kernels for
// virtual machines do so, since a virtual CPU that sleeps is dear to wake: its host has to
// run it first.
//
// A task stays on the CPU where it ran last if that is busy and has room. If it is idle, and who wakes the
// task runs on another that has room, the task goes there. A CPU has room if it has one runnable task, and the time
// that all who belong there have used lately is no more than a part of it. For one who comes from elsewhere that is
// counted together with its own, and each by what is to be expected where that is more (past).
//
// This is no rule of mainline Linux. It was found by experiment on a virtual machine that boots Linux
// 6.18.44 with sched_vcpu_pack=15, in November 2026: of 2,925 wake-ups of threads of CPython on a
// CPU with one runnable task, the other CPU being idle, 97 % were as by this rule with 0.70 by what had been used alone. Two threads that
// compute nothing else moved away from a thread that had run for more than some 57 ms, and stayed before. Of
// 15,051 wake-ups of threads of CPython and package gil by one on a CPU with no other runnable task, next to three and four
// that compute, their own CPU being idle, 95 to 98 % were as by this rule, and 80 to 90 % by what they had used alone. Who stays
// is counted by that: 86 to 96 % of 23,624, which is no more where what is expected counts.
//
// Left out: that Linux counts a new task as half of what is free.
type packing struct {
	most  int64 // parts of peltFull of a CPU's time; at least 1
	tasks []past
	cpus  []pelt // of the tasks that belong to each
}

// past is that of a task. What it is expected to run when it wakes is what it had run when it went to sleep, or more if
// that was more before: then by a quarter of the difference less at each time, but not where it has waited for its CPU
// meanwhile.
//
// Left out: that it stays as it is for a task that sleeps twice within a period.
//
// Source: Linux kernel/sched/fair.c (util_est_update, UTIL_EST_WEIGHT_SHIFT, UTIL_EST_MARGIN).
type past struct {
	ran, runnable pelt
	expected      int64 // parts of peltFull
}

const expectMargin = peltFull / 100 // differences below do not count

// sleeps notes that a task that has run goes to sleep.
func (p *past) sleeps(now int64) {
	p.runnable.until(now, true)
	ran := p.ran.share()
	switch less := p.expected - ran; {
	case less <= 0:
		p.expected = ran
	case less >= expectMargin && ran+expectMargin >= p.runnable.share():
		p.expected -= less / 4
	}
}

// packParam is a parameter of the fair schedulers.
var packParam = Param{Name: "pack", Default: 0, Min: 0, Max: 100,
	Doc: "percent of a CPU's time up to which a task wakes where it ran last, or where its waker runs, though that CPU is busy and another idle; 0: never"}

func newPacking(cpus int, v values) *packing {
	most := int64(v.int(packParam.Name)) * peltFull / 100
	if most == 0 {
		return nil
	}
	return &packing{most: most, cpus: make([]pelt, cpus)}
}

// room reports whether a busy CPU takes a task that wakes.
func (f *fair) room(c CPU, t Task, now int64) bool {
	p := f.packing
	if p == nil || f.cur[c] == NoTask || f.cpus[c].n != 1 {
		return false
	}
	p.cpus[c].until(now, true)
	used := p.cpus[c].share()
	if f.homes[t] != c {
		used = max(used, p.tasks[f.cur[c]].expected) + p.tasks[t].expected
	}
	return min(used, peltFull) <= p.most
}

// wakes notes that a task that slept is about to be runnable.
func (f *fair) wakes(t Task, now int64) {
	if p := f.packing; p != nil {
		p.tasks[t].runnable.until(now, false)
	}
}

// belongs notes that a task that does not run is about to queue on a CPU.
func (f *fair) belongs(t Task, c CPU, now int64) {
	p, old := f.packing, f.homes[t]
	if p == nil || old == c {
		return
	}
	p.tasks[t].ran.until(now, false)
	if old != NoCPU {
		f.forgets(t, old, now)
	}
	p.cpus[c].until(now, f.cur[c] != NoTask)
	p.cpus[c].sum += p.tasks[t].ran.sum
}

// forgets takes the past of a task off that of a CPU.
func (f *fair) forgets(t Task, c CPU, now int64) {
	cpu := &f.packing.cpus[c]
	cpu.until(now, f.cur[c] != NoTask)
	cpu.sum = max(0, cpu.sum-f.packing.tasks[t].ran.sum) // both are rounded
}

// starts notes that the task of a CPU begins to run.
func (f *fair) starts(t Task, c CPU, now int64) {
	if p := f.packing; p != nil {
		p.tasks[t].ran.until(now, false)
		p.cpus[c].until(now, false)
	}
}

// stops notes that the task of a CPU has ceased to run.
func (f *fair) stops(t Task, c CPU, now int64, why Why) {
	p := f.packing
	if p == nil {
		return
	}
	p.tasks[t].ran.until(now, true)
	p.cpus[c].until(now, true)
	switch why {
	case Blocked:
		p.tasks[t].sleeps(now)
	case Exited:
		f.forgets(t, c, now)
	}
}
