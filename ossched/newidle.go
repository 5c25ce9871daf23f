package ossched

// newidle is how often it was worth while for a CPU that ran dry to look for a task
// elsewhere. Linux looks in proportion to that, and so leaves a task where it waits more
// often the less there was to take (sched/fair: Proportional newidle balance, of January 2026,
// in stable kernels from 6.18.5 and 6.12.65 on). Then the task has its turn at a tick, when
// its own CPU is to be shared, or a CPU without work comes to look.
//
// Left out: that a CPU looks more often if it seldom runs dry (NI_RATE, of 7.1), and not at all
// where it is expected to be idle for less than a look takes.
//
// Source: Linux kernel/sched/fair.c (sched_balance_newidle, update_newidle_stats).
type newidle struct {
	calls, successes int
	ratio            int // successes in newidleSides calls
}

const newidleSides = 1024 // of the dice

// newNewidle returns what Linux begins with: half of the calls were a success.
func newNewidle(cpus int) []newidle {
	all := make([]newidle, cpus)
	for i := range all {
		all[i] = newidle{calls: newidleSides / 2, successes: newidleSides / 4, ratio: newidleSides / 2}
	}
	return all
}

// throws decides whether to look. A success then counts for the calls that did not.
func (n *newidle) throws(dice *chance) (weight int, looks bool) {
	share := 1 + n.ratio
	if dice.below(newidleSides) > share {
		return 0, false
	}
	return (newidleSides + share/2) / share, true
}

func (n *newidle) note(successes int) {
	n.calls++
	n.successes += successes
	if n.calls >= newidleSides {
		n.ratio = n.successes
		n.calls /= 2
		n.successes /= 2
	}
}

// runsDry gives a CPU that has nothing to do a task of another, if it looks and there is one.
func (e *eevdf) runsDry(c CPU, now int64) (found bool) {
	if e.newidle == nil {
		return e.pull(e, c, now)
	}
	if !e.crowded {
		return false
	}
	n := &e.newidle[c]
	weight, looks := n.throws(&e.noise)
	if !looks {
		n.note(0)
		return false
	}
	if found = e.pull(e, c, now); !found {
		weight = 0
	}
	n.note(weight)
	return found
}
