package calibrate

import (
	"math"
	"slices"
	"time"
)

// leastStall is longer than a timer or a wake-up takes on a CPU that nobody else was given.
const leastStall = 500 * time.Microsecond

// withoutStalls takes out of rounds what took so long that a host must have given the CPU to
// others. Where all timers are as late, nothing is taken out. It returns how much longer that
// was than usual, but for the round with the most, lest a burst of other work makes a host
// look as busy all the time; and how often it was in each of those rounds.
func withoutStalls(rounds []Sample) (rest []Sample, stalls Sample, perRound float64) {
	usual := sorted(rounds...).Median()
	limit := max(int64(leastStall), 5*usual)
	worst := Sample(nil)
	for _, r := range rounds {
		n, _ := slices.BinarySearch(r, limit+1)
		rest = append(rest, r[:n])
		late := r[n:]
		if len(late) > len(worst) {
			late, worst = worst, late
		}
		for _, took := range late {
			stalls = append(stalls, took-usual)
		}
	}
	return rest, sorted(stalls), float64(len(stalls)) / float64(max(1, len(rounds)-1))
}

// takenEvery returns after how many ns of sleep a host takes a CPU, which it keeps for length in
// the mean, where sleeps of such lengths end in that many stalls: the reverse of what package
// machine says of them. 0: there is none.
func takenEvery(stalls, length float64, sleeps map[time.Duration]int) float64 {
	if stalls == 0 || length == 0 {
		return 0
	}
	certain := 0.0 // how many it would be if the host had the CPU as soon as it can have it
	for slept, n := range sleeps {
		certain += float64(n) * -math.Expm1(-float64(slept)/length)
	}
	return length / -math.Log1p(-min(stalls/certain, 0.9))
}
