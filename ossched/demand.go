package ossched

// demand knows, or guesses, how much CPU time each task needs until it blocks.
// Where nobody has said it with Expect, the guess is the mean of the guess before
// and the burst that followed it, so that what is long past counts little; before
// the first burst it is 0.
type demand struct{ needs []need }

type need struct {
	left  int64 // of the burst
	ran   int64
	guess int64
	told  bool // for the coming burst or the present one
}

// Expect tells the CPU time in ns that a task needs until it blocks next.
func (d *demand) Expect(t Task, ns int64) {
	d.needs[t].told, d.needs[t].left = true, ns
}

// arm begins a burst.
func (d *demand) arm(t Task) {
	n := &d.needs[t]
	n.ran = 0
	if !n.told {
		n.left = n.guess
	}
}

// charge accounts for time run. A burst that is longer than guessed counts as
// about to end.
func (d *demand) charge(t Task, ns int64) {
	n := &d.needs[t]
	n.ran += ns
	n.left = max(n.left-ns, 0)
}

// done ends a burst.
func (d *demand) done(t Task) {
	n := &d.needs[t]
	n.guess = n.guess/2 + n.ran/2
	n.told = false
}
