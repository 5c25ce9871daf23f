package policy

func init() {
	register(&Spec{
		Name:   "none",
		Title:  "no lock: every thread runs when it likes",
		Source: "the control that separates the lock from everything else",
		New:    func(Values) Policy { return none{} },
	})
}

// none grants everything at once.
type none struct{}

func (none) Traits() Traits { return Traits{None: true} }

func (none) Step(in Input, out []Decision) []Decision {
	if in.Kind == Take {
		out = append(out, Decision{Kind: Grant, Thread: in.Thread, Prev: Nobody})
	}
	return out
}
