package gil

import "sync/atomic"

// futexSema waits in futex(2), as the sem_wait of glibc 2.21 and later does
// (nptl/sem_waitcommon.c): a word that says whether it is free, and the number of
// those who wait, so that a Post for nobody is no system call.
type futexSema struct {
	word    uint32 // semaFree, semaEnded
	waiters atomic.Int32
	_       [120]byte // has its cache lines to itself, as the mutex of futexParker
}

const (
	semaFree  = 1
	semaEnded = 2 // nobody waits any more
)

func newFutexSema(free bool) sema {
	s := new(futexSema)
	if free {
		s.word = semaFree
	}
	return s
}

func (f *futexParker) semaphore(free bool) sema { return newFutexSema(free) }

func (s *futexSema) try() bool  { return atomic.CompareAndSwapUint32(&s.word, semaFree, 0) }
func (s *futexSema) free() bool { return atomic.LoadUint32(&s.word)&semaFree != 0 }

func (s *futexSema) wait() {
	s.waiters.Add(1)
	waitFutex(&s.word, 0, 0)
	s.waiters.Add(-1)
}

func (s *futexSema) post() {
	atomic.OrUint32(&s.word, semaFree)
	if s.waiters.Load() > 0 {
		wakeFutex(&s.word)
	}
}

func (s *futexSema) end() {
	atomic.OrUint32(&s.word, semaEnded)
	wakeFutexes(&s.word, 1<<31-1)
}
