package ossched

// packing is that a task wakes on a busy CPU although another is idle. Some kernels for
// virtual machines do so, since a virtual CPU that sleeps is dear to wake: its host has to
// run it first.
//
// A CPU has room for a task if it has one runnable task, and that one and all that belong there have
// used no more than a part of its time lately, that of the task counted in. A task stays on the CPU
// where it ran last if that is busy and has room. If it is idle, and who wakes the task
// runs on another that has room, the task goes there.
//
// This is no rule of mainline Linux. It was found by experiment on a virtual machine that boots Linux
// 6.18.44 with sched_vcpu_pack=15, in November 2026: of 2,925 wake-ups of threads of CPython on a
// CPU with one runnable task, the other CPU being idle, 97 % were as by this rule with 0.70. Two threads that
// compute nothing else moved away from a thread that had run for more than some 57 ms, and stayed before.
//
// Left out: that Linux counts a new task as half of what is free, and a task by what it is expected to
// use when that is more.
type packing struct {
	most  int64 // parts of peltFull of a CPU's time; at least 1
	tasks []pelt
	cpus  []pelt // of the tasks that belong to each
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
		p.tasks[t].until(now, false)
		used += p.tasks[t].share()
	}
	return min(used, peltFull) <= p.most
}

// belongs notes that a task that does not run is about to queue on a CPU.
func (f *fair) belongs(t Task, c CPU, now int64) {
	p, old := f.packing, f.homes[t]
	if p == nil || old == c {
		return
	}
	p.tasks[t].until(now, false)
	if old != NoCPU {
		f.forgets(t, old, now)
	}
	p.cpus[c].until(now, f.cur[c] != NoTask)
	p.cpus[c].sum += p.tasks[t].sum
}

// forgets takes the past of a task off that of a CPU.
func (f *fair) forgets(t Task, c CPU, now int64) {
	cpu := &f.packing.cpus[c]
	cpu.until(now, f.cur[c] != NoTask)
	cpu.sum = max(0, cpu.sum-f.packing.tasks[t].sum) // both are rounded
}

// starts notes that the task of a CPU begins to run.
func (f *fair) starts(t Task, c CPU, now int64) {
	if p := f.packing; p != nil {
		p.tasks[t].until(now, false)
		p.cpus[c].until(now, false)
	}
}

// stops notes that the task of a CPU has ceased to run.
func (f *fair) stops(t Task, c CPU, now int64, why Why) {
	p := f.packing
	if p == nil {
		return
	}
	p.tasks[t].until(now, true)
	p.cpus[c].until(now, true)
	if why == Exited {
		f.forgets(t, c, now)
	}
}
