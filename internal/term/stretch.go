package term

import "github.com/fibsim/fibsim/gil/trace/timeline"

// Stretch is a part of a run.
type Stretch struct {
	From, To int64
	Why      string // why that one; empty where the user said so
}

// stretchIntervals is how many switch intervals a stretch shows by default, and
// stretchBefore how many of them come before what it is about.
const (
	stretchIntervals = 8
	stretchBefore    = 2
)

// Telling returns a stretch of the runs that shows what their lock does: that
// around the first forced switch after a time, such as the end of the warm-up, in
// the first of the runs that has one, otherwise around the first hand-off, and
// otherwise what comes right after that time. Interval is the switch interval of
// the lock, in nanoseconds; length is that of the stretch, 0 for eight intervals.
func Telling(lines []*timeline.Timeline, after, interval, length int64) Stretch {
	if length == 0 {
		length = stretchIntervals * interval
	}
	around := func(at int64, why string) Stretch {
		from := max(0, at-length*stretchBefore/stretchIntervals)
		return Stretch{From: from, To: from + length, Why: why}
	}
	for _, forced := range []bool{true, false} {
		for _, line := range lines {
			for _, h := range line.Handoffs {
				switch {
				case h.Released < after || forced && !h.Forced:
				case forced:
					return around(h.Released, "around the first forced switch after the warm-up")
				default:
					return around(h.Released, "around the first hand-off after the warm-up")
				}
			}
		}
	}
	return Stretch{From: after, To: after + length, Why: "the beginning of the measured window"}
}
