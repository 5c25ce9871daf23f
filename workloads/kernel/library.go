package kernel

import (
	"math/rand/v2"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/workloads"
)

// Library is the Python code of a library, in parts. A part takes as long as a number of
// calls of fib, and lies in memory of its own, as bytecode and the objects it uses do: it
// is slower where others have used the caches since it ran last. Any number of threads may
// run it.
type Library struct{ parts []part }

// part is a list of lines, each of which says which is next, in an order that nothing can
// foresee.
type part struct {
	calls int
	lines []cacheLine
}

type cacheLine struct {
	next uint32
	_    [60]byte
}

// linesOf returns how many cache lines are used in the time of so many calls of fib: three
// for two. It is fitted: then a fast request to a pool 20 times a second takes 0.9 to 1.03
// of what it takes CPython 3.11.7, next to one and to two clients that ask for fib(30), on
// a virtual machine with 2 CPUs. With two lines for each call it took 1.2 and 1.4 of it
// behind threads, and as long behind coroutines; with one, 0.8 behind coroutines.
func linesOf(calls int) int { return calls * 3 / 2 }

// NewLibrary returns code whose parts take so many calls of fib each.
func NewLibrary(calls ...int) *Library {
	l := new(Library)
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range calls {
		lines := make([]cacheLine, max(1, linesOf(n)))
		order := random.Perm(len(lines))
		for i, line := range order {
			lines[line].next = uint32(order[(i+1)%len(order)])
		}
		l.parts = append(l.parts, part{n, lines})
	}
	return l
}

// Run executes a part: it computes, and at each call looks at the breaker, or counts the
// ticks of one.
func (l *Library) Run(t *gil.Thread, number int, p *Pad) {
	ticks, b := t.Runtime().Ticks() > 0, t.Breaker()
	part := &l.parts[number]
	line := &part.lines[0]
	for i := range part.calls {
		if ticks {
			t.Tick(workloads.FibTicks)
		} else {
			b.Check()
		}
		if p.on {
			p.spend()
		}
		for range linesOf(i+1) - linesOf(i) {
			line = &part.lines[line.next]
		}
	}
	p.mill.a += uint64(line.next) // so that it is needed
}
