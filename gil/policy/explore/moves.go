package explore

import "github.com/fibsim/fibsim/gil/policy"

type moveKind uint8

const (
	passes   moveKind = iota // a grain of time
	takes                    // a thread asks for the lock
	letsGo                   // the holder lets go of its own accord
	givesWay                 // the holder does what it was asked to
	exits                    // the holder ends
	checks                   // a countdown of the holder ends
	expires                  // the patience of a waiter ends
	arrives                  // a waiter, or who shook hands, gets to the lock
	rings                    // the policy's timer
)

// move is one thing that the world can do next.
type move struct {
	kind   moveKind
	thread policy.Thread
	choice policy.Thread // whom the host wakes, where that is up to it
}

// moves returns everything that can happen now, and reports whether a thread could
// go on: in a prompt world it does so before time passes.
func (w *world) moves(out []move) (all []move, urgent bool) {
	due := w.timer == w.now
	if due {
		out = append(out, move{kind: rings, thread: policy.Nobody, choice: policy.Nobody})
	}
	urgent = due
	for i := range w.threads {
		t, id := &w.threads[i], policy.Thread(i)
		one := move{thread: id, choice: policy.Nobody}
		switch {
		case t.phase == back || t.phase == away:
			one.kind = takes
			out = append(out, one)
			urgent = urgent || t.phase == back
		case t.phase == holding:
			out = w.ofHolder(t, id, out)
			urgent = urgent || t.flag
		case t.underway() || t.phase == shaking && t.marked:
			one.kind = arrives
			out = append(out, one)
			urgent = true
		case t.phase == parked && t.deadline == w.now:
			one.kind = expires
			out = append(out, one)
			due, urgent = true, true
		}
	}
	if !due {
		out = append(out, move{kind: passes, thread: policy.Nobody, choice: policy.Nobody})
	}
	return out, urgent
}

// ofHolder appends what the thread that has the lock can do.
func (w *world) ofHolder(t *thread, id policy.Thread, out []move) []move {
	role := w.config.Roles[id]
	if w.config.traits.Ticks > 0 && !t.flag && w.wanted() {
		out = append(out, move{checks, id, policy.Nobody})
	}
	ends := role.Turns > 0 && t.turns >= role.Turns
	for _, choice := range w.choices() {
		if t.flag {
			out = append(out, move{givesWay, id, choice})
		}
		if ends {
			out = append(out, move{exits, id, choice})
		} else if role.Blocks {
			out = append(out, move{letsGo, id, choice})
		}
	}
	return out
}

// wanted reports whether a thread waits for the lock.
func (w *world) wanted() bool {
	for i := range w.threads {
		if w.threads[i].waits() {
			return true
		}
	}
	return false
}

// choices returns whom a release may wake, where the host chooses: any waiter
// whose wait is not over yet. Otherwise that is up to the policy.
func (w *world) choices() []policy.Thread {
	var out []policy.Thread
	if w.config.traits.WakeOrder == policy.HostOrder {
		for i := range w.threads {
			if t := &w.threads[i]; t.phase == parked && !t.underway() {
				out = append(out, policy.Thread(i))
			}
		}
	}
	if len(out) == 0 {
		return []policy.Thread{policy.Nobody}
	}
	return out
}

// stuck says what is wrong when nothing that a thread does can ever end a wait:
// the lock is free, and nobody is on the way to it.
func (w *world) stuck() string {
	if w.holder != policy.Nobody {
		return ""
	}
	waiter, shaker := false, false
	for i := range w.threads {
		t := &w.threads[i]
		switch {
		case t.phase == back || t.underway() || t.phase == shaking && t.marked:
			return ""
		case t.phase == parked:
			waiter = true
		case t.phase == shaking:
			shaker = true
		}
	}
	switch {
	case waiter:
		return "lost wake-up: the lock is free, a thread sleeps for it, and nobody is on the way to it"
	case shaker:
		return "a shake without end: the lock is free, and nobody is there to take it"
	}
	return ""
}
