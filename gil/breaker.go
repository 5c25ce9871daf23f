package gil

import "sync/atomic"

// Breaker is the flag that running code looks at, CPython's eval breaker. It is
// down nearly always, so that a look costs a load and a branch.
type Breaker struct {
	raised atomic.Uint32
	urgent urgent            // what to do at once when it is up
	broken func(locked bool) // and then; called by the running code, which says whether it has the parker's mutex
}

// NewBreaker returns a Breaker that calls f, on the goroutine that looks, each
// time a look finds it raised.
func NewBreaker(f func()) *Breaker { return &Breaker{broken: func(bool) { f() }} }

// Check is the look.
func (b *Breaker) Check() {
	if b.raised.Load() != 0 {
		b.trip()
	}
}

// trip does first what cannot wait. It is kept out of Check, so that the look can be part
// of its callers.
//
//go:noinline
func (b *Breaker) trip() { b.broken(b.urgent.do()) }

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
