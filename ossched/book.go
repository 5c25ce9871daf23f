package ossched

// phase is where a task is in its life.
type phase uint8

const (
	away    phase = iota // added, or blocked
	queued               // runnable
	running              // the current task of a CPU
	gone                 // exited
)

// book knows, for every policy, where the tasks are and what the CPUs run. It
// refuses what the contract rules out, so that neither a policy nor a driver can
// lose a task or have it twice.
type book struct {
	phases []phase
	homes  []CPU  // by task: the CPU it queues or runs on, or did last; NoCPU: none yet
	cur    []Task // by CPU
	idle   int    // CPUs without a current task
}

func newBook(cpus int) book {
	b := book{cur: make([]Task, cpus), idle: cpus}
	for c := range b.cur {
		b.cur[c] = NoTask
	}
	return b
}

func (b *book) add(t Task) {
	if int(t) != len(b.phases) {
		panic("ossched: tasks are added in the order of their numbers")
	}
	b.phases = append(b.phases, away)
	b.homes = append(b.homes, NoCPU)
}

// enqueue notes that t becomes runnable on c.
func (b *book) enqueue(c CPU, t Task, why Why) {
	if b.phases[t] != away {
		panic("ossched: a task becomes runnable that is so already, or is over")
	}
	if why != Created && why != Wakeup {
		panic("ossched: a task becomes runnable because it is Created or by Wakeup")
	}
	b.phases[t] = queued
	b.homes[t] = c
}

// pick notes that c, without a current task, runs t, and returns it. NoTask
// changes nothing.
func (b *book) pick(c CPU, t Task) Task {
	if b.cur[c] != NoTask {
		panic("ossched: a CPU picks a task before it has put the one it has")
	}
	if t == NoTask {
		return t
	}
	if b.phases[t] != queued {
		panic("ossched: a task is picked that is not queued")
	}
	b.phases[t] = running
	b.homes[t] = c
	b.cur[c] = t
	b.idle--
	return t
}

// put notes that the current task of c stops, and returns it.
func (b *book) put(c CPU, why Why) Task {
	t := b.cur[c]
	if t == NoTask {
		panic("ossched: a CPU puts a task and has none")
	}
	switch why {
	case Preempted, Yielded:
		b.phases[t] = queued
	case Blocked:
		b.phases[t] = away
	case Exited:
		b.phases[t] = gone
	default:
		panic("ossched: a task stops because it is Preempted, Yielded, Blocked or Exited")
	}
	b.cur[c] = NoTask
	b.idle++
	return t
}

// current returns the task of c, which has to have one.
func (b *book) current(c CPU) Task {
	t := b.cur[c]
	if t == NoTask {
		panic("ossched: a tick on a CPU without a task")
	}
	return t
}
