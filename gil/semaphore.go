package gil

import "sync"

// Semaphore is a binary semaphore: what threads of a program wait for beside the
// lock of their interpreter. CPython builds threading.Lock on one (sem_wait in
// Python/thread_pthread.h up to 3.12).
//
// It knows nothing of the interpreter's lock. A thread tries first, and only when
// that fails lets the lock go and waits: Acquire is that rule (acquire_timed in
// Modules/_threadmodule.c). The semaphore is handed to nobody: whoever comes first
// after a Post has it, and who was woken for it waits again.
type Semaphore struct{ s sema }

// sema is a semaphore in one way to park. Wait returns when the semaphore may be
// free, and at once after end.
type sema interface {
	try() bool
	wait()
	post()
	free() bool
	end()
}

// NewSemaphore returns a semaphore, free or taken. An abort of the runtime wakes all
// who wait for it.
func (rt *Runtime) NewSemaphore(free bool) *Semaphore {
	s := &Semaphore{s: rt.parker.semaphore(free)}
	rt.mu.Lock()
	defer rt.mu.Unlock()
	rt.semaphores = append(rt.semaphores, s)
	if rt.aborting.Load() {
		s.s.end()
	}
	return s
}

// Try takes the semaphore if it is free.
func (s *Semaphore) Try() bool { return s.s.try() }

// Post makes the semaphore free and wakes one of those who wait for it, the one
// that has waited longest.
func (s *Semaphore) Post() { s.s.post() }

// Free reports whether nobody has taken the semaphore.
func (s *Semaphore) Free() bool { return s.s.free() }

// Acquire returns when t has taken the semaphore. While t waits, other threads may
// have the interpreter's lock, and t takes that back only when it has the
// semaphore. It does not return when the runtime aborts.
//
// Before and after, unless they are nil, are called around each stretch for which t
// waits; when after is called, t has not taken the semaphore yet.
func (s *Semaphore) Acquire(t *Thread, before, after func()) {
	if s.s.try() {
		return
	}
	t.Blocking(func() {
		for !s.s.try() && !t.rt.aborting.Load() {
			if before != nil {
				before()
			}
			s.s.wait()
			if after != nil {
				after()
			}
		}
	})
}

// channelSema waits on channels.
type channelSema struct {
	mu      sync.Mutex
	isFree  bool
	ended   bool
	waiters []chan struct{} // the longest first
}

func (g *goroutineParker) semaphore(free bool) sema { return &channelSema{isFree: free} }

func (s *channelSema) try() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.isFree
	s.isFree = false
	return taken
}

func (s *channelSema) wait() {
	s.mu.Lock()
	if s.isFree || s.ended {
		s.mu.Unlock()
		return
	}
	woken := make(chan struct{})
	s.waiters = append(s.waiters, woken)
	s.mu.Unlock()
	<-woken
}

func (s *channelSema) post() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isFree = true
	if len(s.waiters) > 0 {
		close(s.waiters[0])
		s.waiters = s.waiters[1:]
	}
}

func (s *channelSema) free() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.isFree
}

func (s *channelSema) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	for _, w := range s.waiters {
		close(w)
	}
	s.waiters = nil
}
