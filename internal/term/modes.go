package term

import (
	"fmt"
	"strings"

	"github.com/fibsim/fibsim/internal/results"
)

// A closed loop next to CPU-bound work has two modes. In one its thread wins the
// lock back after each short system call; in the other it loses it and waits a
// switch interval each time. The host decides which, and may change its mind from
// one repetition to the next, so that a median would hide both.

// collapsedLost is the share of lost re-takes from which on a repetition counts
// as collapsed, and collapsedRate the part of its rate alone that a group then has
// at most, for backends that do not see the lock.
const (
	collapsedLost = 0.5
	collapsedRate = 0.1
)

// modes writes, for each closed loop that was repeated, the rate of every
// repetition, its share of re-takes of the lock that were lost, and its mode.
func (s Screen) modes(b *strings.Builder) {
	for _, variant := range s.Set.Variants {
		for _, group := range s.Closed {
			for _, backend := range s.Set.Backends {
				key := results.Key{Variant: variant, Backend: backend, Group: group}
				if rows := s.Set.Select(key); len(rows) > 1 {
					key.Alone = true
					alone, _ := s.Set.Median(key, "throughput_per_s").Value()
					name := strings.TrimPrefix(variant+": "+group, ": ")
					s.paragraph(b, "  ", name+", "+backend+", by repetition: "+repetitions(rows, alone))
				}
			}
		}
	}
}

func repetitions(rows []*results.Row, alone float64) string {
	var parts []string
	for _, r := range rows {
		parts = append(parts, repetition(r, alone))
	}
	return strings.Join(parts, ", ")
}

// repetition says how one went, such as "195/s (99 % lost, collapsed)".
func repetition(r *results.Row, alone float64) string {
	rate, ok := r.Get("throughput_per_s").Value()
	if !ok {
		return "none"
	}
	text := digits(rate) + "/s"
	iterations, _ := r.Get("iterations").Value()
	switches, seen := r.Get("switches").Value()
	forced, _ := r.Get("forced_switches").Value() // were no system calls
	switch {
	case seen && iterations > 0:
		lost := min(1, max(0, switches-forced)/iterations)
		return fmt.Sprintf("%s (%.0f %% lost, %s)", text, 100*lost, mode(lost >= collapsedLost))
	case alone > 0:
		return fmt.Sprintf("%s (%s)", text, mode(rate < collapsedRate*alone))
	}
	return text
}

func mode(collapsed bool) string {
	if collapsed {
		return "collapsed"
	}
	return "won back"
}
