package gil

import "sync/atomic"

// Breaker is the flag that running code looks at, CPython's eval breaker. It is
// down nearly always, so that a look costs a load and a branch.
type Breaker struct {
	raised atomic.Uint32
	broken func() // what to do when it is up; called by the running code
}

// NewBreaker returns a Breaker that calls f, on the goroutine that looks, each
// time a look finds it raised.
func NewBreaker(f func()) *Breaker { return &Breaker{broken: f} }

// Check is the look.
func (b *Breaker) Check() {
	if b.raised.Load() != 0 {
		b.broken()
	}
}

// Raise puts the flag up. Any goroutine may call it.
func (b *Breaker) Raise() { b.raised.Store(1) }

// raiseAny is Raise for a flag that may be none.
func (b *Breaker) raiseAny() {
	if b != nil {
		b.Raise()
	}
}

// Lower takes the flag down.
func (b *Breaker) Lower() {
	if b.raised.Load() != 0 { // a store costs ten times the load
		b.raised.Store(0)
	}
}
