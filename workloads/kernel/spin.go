package kernel

import (
	"crypto/sha256"
	"math"
	"time"
)

// Spinner computes for a length of CPU time: turns of churn, as many as this
// host makes in a microsecond. Time that a thread waits, for the lock or for
// a CPU, does not count, since no turns are made meanwhile. It belongs to one
// thread.
type Spinner struct {
	perMicrosecond uint32
	mill           mill
}

// CalibrateSpin finds out how fast this host spins at its best, so that a length is at
// least as long as was asked for, as that of a sleep is: 4 % longer where the host's
// clock interrupts it. It takes less than a tenth of a second, and nothing when it is
// called again, up to the next Renew.
func CalibrateSpin() Spinner {
	nominal.Lock()
	defer nominal.Unlock()
	if nominal.spins == 0 {
		best := sampled(spinning)[0]
		nominal.spins = max(1, uint32(math.Round(float64(spinTurns)*1000/float64(max(best, 1)))))
	}
	return NewSpinner(nominal.spins)
}

// spinTurns take about a tenth of a millisecond: some of so few are not interrupted.
const spinTurns = 100_000

// spinning returns the shortest time of ten in which that many turns are made.
func spinning() time.Duration {
	var m mill
	best := time.Duration(math.MaxInt64)
	for range 10 {
		start := time.Now()
		m.churn(spinTurns)
		best = min(best, time.Since(start))
	}
	return best
}

// NewSpinner returns a Spinner that makes that many turns in a microsecond, as another
// process on this host has found out.
func NewSpinner(perMicrosecond uint32) Spinner { return Spinner{perMicrosecond: perMicrosecond} }

// PerMicrosecond returns how many turns s makes in a microsecond.
func (s *Spinner) PerMicrosecond() uint32 { return s.perMicrosecond }

// Spin computes for ns nanoseconds and calls each after every microsecond of it.
func (s *Spinner) Spin(ns int64, each func()) {
	for ; ns >= 1000; ns -= 1000 {
		s.mill.churn(s.perMicrosecond)
		each()
	}
	s.mill.churn(uint32(ns) * s.perMicrosecond / 1000)
}

// SpinTicks is how many ticks CPython 2.7 counts in a microsecond of a plain
// loop: about one each 40 ns on a machine that calls fib in 45.
const SpinTicks = 25

// Hash computes SHA-256 over n bytes and calls each after every MiB.
func Hash(n int64, each func()) [sha256.Size]byte {
	h := sha256.New()
	for ; n > int64(len(block)); n -= int64(len(block)) {
		h.Write(block)
		each()
	}
	h.Write(block[:n])
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	return sum
}

// block is what Hash reads, again and again.
var block = make([]byte, 1<<20)
