package ossched

// shared is what the textbook policies have in common: one queue feeds all CPUs,
// as in the models of queueing theory, and the clock is exact. So a task belongs
// to no CPU, and a CPU never idles while a task waits.
type shared struct {
	book
	coming []bool // by CPU: it has no task and is about to pick one, unasked or because it was told to
}

func newShared(cpus int) shared {
	return shared{book: newBook(cpus), coming: make([]bool, cpus)}
}

// Traits says that time is exact and that there is nothing to balance.
func (s *shared) Traits() Traits { return Traits{} }

// Place returns the CPU on which the task ran last when that is idle, else
// another idle one, else the waker's.
func (s *shared) Place(t Task, waker CPU, _ int64) CPU {
	home := s.homes[t]
	if home != NoCPU && s.free(home) {
		return home
	}
	if c := s.anyFree(); c != NoCPU {
		return c
	}
	if waker != NoCPU {
		return waker
	}
	return max(home, 0)
}

// Next is never for policies that do not look at the clock.
func (s *shared) Next(CPU, int64) int64 { return Never }

// Tick does nothing for them.
func (s *shared) Tick(c CPU, _ int64) bool {
	s.current(c)
	return false
}

// Balance has nothing to do where all CPUs share a queue.
func (s *shared) Balance(CPU, int64) bool { return false }

// free reports whether c is idle and not about to pick.
func (s *shared) free(c CPU) bool { return s.cur[c] == NoTask && !s.coming[c] }

func (s *shared) anyFree() CPU {
	if s.idle == 0 {
		return NoCPU
	}
	for c := range s.cur {
		if s.free(CPU(c)) {
			return CPU(c)
		}
	}
	return NoCPU
}

// kick returns a free CPU, which the driver is to make pick: c when it is free.
// NoCPU: there is none.
func (s *shared) kick(c CPU) CPU {
	if !s.free(c) {
		c = s.anyFree()
	}
	if c != NoCPU {
		s.coming[c] = true
	}
	return c
}

// puts notes that the task of c stops, and returns it. A pick follows.
func (s *shared) puts(c CPU, why Why) Task {
	s.coming[c] = true
	return s.put(c, why)
}

// picks notes that c runs t.
func (s *shared) picks(c CPU, t Task) Task {
	s.coming[c] = false
	return s.pick(c, t)
}

// ring is a queue of tasks that grows as it has to.
type ring struct {
	tasks []Task // a power of two
	head  int    // of the first
	n     int
}

func (r *ring) push(t Task) {
	if r.n == len(r.tasks) {
		r.grow()
	}
	r.tasks[(r.head+r.n)&(len(r.tasks)-1)] = t
	r.n++
}

// pop returns the first, or NoTask.
func (r *ring) pop() Task {
	if r.n == 0 {
		return NoTask
	}
	t := r.tasks[r.head]
	r.head = (r.head + 1) & (len(r.tasks) - 1)
	r.n--
	return t
}

func (r *ring) grow() {
	bigger := make([]Task, max(2*len(r.tasks), 8))
	for i := range r.n {
		bigger[i] = r.tasks[(r.head+i)&(len(r.tasks)-1)]
	}
	r.tasks, r.head = bigger, 0
}
