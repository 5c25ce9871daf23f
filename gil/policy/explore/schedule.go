package explore

import (
	"fmt"
	"strings"
	"time"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
)

// schedule tells the moves of a history one by one, up to the one in which the
// event of a number falls.
func (g *graph) schedule(moves []move, until int64) []string {
	w := newWorld(g.config)
	var out []string
	for _, m := range moves {
		n := narrator{names: threads(g.config.Roles), before: w.copy()}
		out = append(out, n.tell(w.play(m)))
		if w.seq >= until {
			break
		}
	}
	return out
}

// called returns the name of a thread.
func called(t trace.Thread) string { return fmt.Sprintf("%s-%d", t.Group, t.Worker) }

// narrator says in a sentence what a step was.
type narrator struct {
	names  []trace.Thread
	before *world
}

func (n *narrator) name(t policy.Thread) string {
	if t < 0 || int(t) >= len(n.names) {
		return "nobody"
	}
	return called(n.names[t])
}

func (n *narrator) tell(s *step) string {
	who := n.name(s.move.thread)
	var parts []string
	say := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	switch s.move.kind {
	case passes:
		say("%v pass", time.Duration(n.before.config.Grain))
	case expires:
		say("the wait of %s times out", who)
	case takes:
		say("%s wants the lock", who)
	case letsGo:
		say("%s lets go", who)
	case givesWay:
		say("%s does as it was asked and lets go", who)
	case exits:
		say("%s ends and lets go", who)
	case checks:
		say("%s has counted down", who)
	case rings:
		say("the timer of the lock goes off")
	case arrives:
		say("%s", n.arrival(s, who))
	}
	for i := range s.decisions {
		parts = append(parts, n.decision(s, &s.decisions[i]))
	}
	return strings.Join(parts, ", ")
}

func (n *narrator) arrival(s *step, who string) string {
	switch {
	case s.shaken:
		return who + " goes on"
	case s.late:
		return who + " is there, timed out and signalled at once"
	case n.before.threads[s.move.thread].timedOut:
		return who + " is there, timed out"
	}
	return who + " is there, woken"
}

func (n *narrator) decision(s *step, d *policy.Decision) string {
	switch d.Kind {
	case policy.Grant:
		if d.Barged {
			return "takes the lock ahead of one that was woken"
		}
		return "takes the lock"
	case policy.Park:
		if d.Timeout > 0 {
			return fmt.Sprintf("finds it taken, waits for %v at most", time.Duration(d.Timeout))
		}
		return "finds it taken, waits"
	case policy.Wake:
		if d.Thread == policy.Anyone {
			return "wakes " + n.name(s.move.choice)
		}
		return "wakes " + n.name(d.Thread)
	case policy.Ask:
		if d.Thread == s.move.thread {
			return "is to let go"
		}
		return "asks " + n.name(d.Thread) + " to let go"
	case policy.Shake:
		return "waits until another has taken the lock"
	}
	return fmt.Sprintf("sets its timer to %v", time.Duration(d.Timeout))
}
