package gil

import (
	"sync"
	"time"
)

// goroutineParker waits on a channel and a timer. The mutex is never held
// across a wait, so that time can pass in a synctest bubble.
type goroutineParker struct{ mu sync.Mutex }

func (g *goroutineParker) lock()          { g.mu.Lock() }
func (g *goroutineParker) unlock()        { g.mu.Unlock() }
func (g *goroutineParker) onThread() bool { return false }
func (g *goroutineParker) open(s *seat)   { s.ch = make(chan struct{}, 1) }
func (g *goroutineParker) destroy()       {}
func (g *goroutineParker) mark(*seat)     {}

func (g *goroutineParker) wait(s *seat, timeout int64, ask *Breaker) (timedOut bool) {
	ask.raiseAny()
	var over <-chan time.Time
	if timeout > 0 {
		timer := time.NewTimer(time.Duration(timeout))
		defer timer.Stop()
		over = timer.C
	}
	// A wake that came after its wait had timed out leaves a token behind, so
	// only the mark says that this wait is over.
	for !s.marked && !timedOut {
		g.mu.Unlock()
		select {
		case <-s.ch:
		case <-over:
			timedOut = true
		}
		g.mu.Lock()
	}
	return timedOut
}

func (g *goroutineParker) wake(s *seat) {
	select {
	case s.ch <- struct{}{}:
	default: // a token is there already, and the sleeper will look
	}
}
