package calibrate

import (
	"slices"
	"time"
)

// leastStall is longer than a timer or a wake-up takes on a CPU that nobody else was given.
const leastStall = 500 * time.Microsecond

// withoutStalls takes out of rounds what took so long that a host must have given the CPU to
// others, and returns how much longer that was than usual, and how often it was in a round: the
// median, lest a burst of other work makes a host look as busy all the time. Where all timers
// are as late, nothing is taken out.
func withoutStalls(rounds []Sample) (rest []Sample, stalls Sample, times int) {
	usual := sorted(rounds...).Median()
	limit := max(int64(leastStall), 5*usual)
	var counts []int64
	for _, r := range rounds {
		n, _ := slices.BinarySearch(r, limit+1)
		rest = append(rest, r[:n])
		for _, took := range r[n:] {
			stalls = append(stalls, took-usual)
		}
		counts = append(counts, int64(len(r)-n))
	}
	return rest, sorted(stalls), int(sorted(counts).Median())
}
