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
// clock interrupts it. Where neighbours never leave it a moment to itself, a yardstick
// says how fast it would be. It takes some 20 ms, 60 on such a host, and nothing when it is
// called again, up to the next Renew.
func CalibrateSpin() Spinner {
	length := unit()
	nominal.Lock()
	defer nominal.Unlock()
	if nominal.spins == 0 {
		nominal.spins = uint32(math.Ceil(1000 * spinTurns / spinCost(length, yardstick, spinning)))
		measured.Add(1)
	}
	return NewSpinner(nominal.spins)
}

// spinCost returns how many nanoseconds spinTurns take at best, on a host whose yardstick
// takes length. Spinning returns how long they took, the shortest and the mean of some.
func spinCost(length time.Duration, yardstick func() time.Duration, spinning func() (best, mean float64)) float64 {
	least := math.Inf(1)
	r, _ := ratio(spinTimes, length, yardstick, func() (float64, error) {
		best, mean := spinning()
		least = min(least, best)
		return mean, nil
	})
	return min(least, r*float64(length))
}

const (
	spinTurns = 100_000 // take about a tenth of a millisecond: some of so few are not interrupted
	spinTimes = 9
	spinOften = 10 // in each of these times
)

// spinning makes turns as often as that.
func spinning() (best, mean float64) {
	var m mill
	best = math.Inf(1)
	for range spinOften {
		start := time.Now()
		m.churn(spinTurns)
		took := float64(max(time.Since(start), 1))
		best = min(best, took)
		mean += took / spinOften
	}
	return best, mean
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
	s.mill.churn((uint32(ns)*s.perMicrosecond + 999) / 1000)
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
