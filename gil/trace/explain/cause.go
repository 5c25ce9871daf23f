package explain

import (
	"cmp"
	"slices"
)

// Cause is what a part of an iteration was spent on.
type Cause uint8

const (
	Work       Cause = iota // ran
	Interval                // waited out switch intervals against the thread that had the lock
	Notice                  // had asked, and the holder had not let go yet: it was between two checkpoints, or in C code
	Held                    // waited for a holder that then let go of its own accord
	Queue                   // another was served that had asked for the lock before
	PassedOver              // another was served that had asked later, or not at all
	LostRace                // was woken, and another took the lock first
	WakeUp                  // was woken, until it had the lock
	Shake                   // had let go on request, until another had the lock
	Lock                    // the way through the lock itself, between its waits
	Ready                   // runnable without a CPU
	NoGIL                   // computed without the lock
	IO                      // waited for a socket or a file
	Sleep                   // slept as long as it had asked to
	Oversleep               // slept beyond that
	Yield                   // calls of sleep(0)
	Network                 // a request while its server waited for it, and after that had replied: network, kernel, client
	Behind                  // a task, until another let it go on
	Loop                    // a task, for the loop's own code
	causes
)

var causeNames = [...]string{
	"work", "interval", "notice", "held", "queue", "passed_over", "lost_race", "wake_up", "shake",
	"lock", "ready", "nogil", "io", "sleep", "oversleep", "yield", "network", "behind", "loop",
}

// String returns the cause's name in JSON.
func (c Cause) String() string { return causeNames[c] }

// Part is a share of the time of one iteration.
type Part struct {
	Cause   Cause
	Culprit int32 // number in [History.Threads] of who caused it; -1: nobody in particular
	NS      int64 // of the iteration's latency

	// Count is how often that happened: waits, or for Queue, PassedOver and LostRace
	// the times that the culprit had the lock.
	Count int64

	episode int32 // what was counted last
}

// parts collects the shares of one iteration.
type parts []Part

// add charges ns. What belongs to one episode is counted once.
func (p *parts) add(c Cause, culprit int32, ns int64, episode int32) {
	for i := range *p {
		if q := &(*p)[i]; q.Cause == c && q.Culprit == culprit {
			q.NS += ns
			if q.episode != episode {
				q.Count++
				q.episode = episode
			}
			return
		}
	}
	*p = append(*p, Part{Cause: c, Culprit: culprit, NS: ns, Count: 1, episode: episode})
}

// sort puts the largest first.
func (p parts) sort() {
	slices.SortFunc(p, func(a, b Part) int {
		return cmp.Or(cmp.Compare(b.NS, a.NS), cmp.Compare(a.Cause, b.Cause), cmp.Compare(a.Culprit, b.Culprit))
	})
}

// splitSleep divides the time in sleep into what was asked for and what came on top.
func (p *parts) splitSleep(planned int64) {
	i := slices.IndexFunc(*p, func(q Part) bool { return q.Cause == Sleep })
	if i < 0 {
		return
	}
	s := &(*p)[i]
	if planned == 0 {
		s.Cause = Yield
		return
	}
	if beyond := s.NS - planned; beyond > 0 {
		s.NS = planned
		*p = append(*p, Part{Cause: Oversleep, Culprit: nobody, NS: beyond, Count: s.Count})
	}
}
