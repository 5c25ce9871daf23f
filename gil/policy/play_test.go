package policy_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/internal/locktest"
	"github.com/fibsim/fibsim/gil/policy"
)

// game offers the inputs that a driver could give next, plays one on a policy and
// on a second one that must decide the same, and holds every decision against
// what any lock of the contract must obey.
type game struct {
	t       *testing.T
	lock    policy.Policy
	oracle  policy.Policy // nil: none
	now     int64
	players []player
	holder  policy.Thread
	asked   bool // the holder has been
	moves   []policy.Input
}

type player struct {
	phase  phase
	wait   uint64
	marked bool // its wait is over
	flag   bool // it was asked to let go
}

type phase uint8

const (
	out phase = iota
	holding
	parked
	shaking
	gone
)

func newGame(t *testing.T, threads int, lock, oracle policy.Policy) *game {
	return &game{t: t, lock: lock, oracle: oracle, players: make([]player, threads), holder: policy.Nobody}
}

// possible returns all inputs that are possible now, in a fixed order.
func (g *game) possible() []policy.Input {
	var moves []policy.Input
	for i := range g.players {
		p, t := &g.players[i], policy.Thread(i)
		switch p.phase {
		case out:
			moves = append(moves, policy.Input{Kind: policy.Take, Thread: t})
		case holding:
			moves = append(moves, policy.Input{Kind: policy.Release, Thread: t, Why: policy.Blocking})
			if p.flag {
				moves = append(moves, policy.Input{Kind: policy.Release, Thread: t, Why: policy.Asked})
			}
			moves = append(moves, policy.Input{Kind: policy.Exit, Thread: t})
		case parked:
			if p.marked {
				moves = append(moves, policy.Input{Kind: policy.Woken, Thread: t, Wait: p.wait})
			}
			moves = append(moves, policy.Input{Kind: policy.TimedOut, Thread: t, Wait: p.wait})
		case shaking:
			if p.marked {
				moves = append(moves, policy.Input{Kind: policy.Woken, Thread: t, Wait: p.wait})
			}
		}
	}
	return moves
}

// play makes one move, d ns after the one before.
func (g *game) play(in policy.Input, d int64) {
	g.now += d
	in.Now = g.now
	g.moves = append(g.moves, in)
	decisions := g.lock.Step(in, nil)
	if g.oracle != nil {
		if want := g.oracle.Step(in, nil); !slices.Equal(decisions, want) {
			g.fail("decided %+v, the oracle %+v", decisions, want)
		}
	}
	p := &g.players[in.Thread]
	shaker := p.phase == shaking
	switch in.Kind {
	case policy.Release, policy.Exit:
		p.phase, p.flag = out, false
		if in.Kind == policy.Exit {
			p.phase = gone
		}
		g.holder = policy.Nobody
	case policy.Woken:
		p.phase = out
	}
	answers, shook := 0, false
	for _, d := range decisions {
		switch d.Kind {
		case policy.Grant, policy.Park:
			answers++
		case policy.Shake:
			shook = true
		}
		g.carryOut(in, d)
	}
	if wants := in.Kind == policy.Take || in.Kind == policy.TimedOut || in.Kind == policy.Woken && !shaker; wants != (answers == 1) {
		g.fail("%d answers", answers)
	}
	if in.Kind == policy.Release && shook != g.asked {
		g.fail("shakes hands: %t, was asked: %t", shook, g.asked)
	}
	if g.holder == policy.Nobody {
		g.asked = false
	}
}

// carryOut does what a driver does, and checks that it can be done.
func (g *game) carryOut(in policy.Input, d policy.Decision) {
	if d.Thread < 0 {
		g.fail("a decision for thread %d", d.Thread)
	}
	p := &g.players[d.Thread]
	switch d.Kind {
	case policy.Grant:
		if g.holder != policy.Nobody || d.Thread != in.Thread {
			g.fail("grants the lock to %d, %d has it", d.Thread, g.holder)
		}
		g.holder, g.asked = d.Thread, false
		*p = player{phase: holding}
	case policy.Park:
		if g.holder == policy.Nobody {
			g.fail("parks thread %d though the lock is free", d.Thread)
		}
		*p = player{phase: parked, wait: d.Wait}
	case policy.Wake:
		if p.phase != parked && p.phase != shaking || p.wait != d.Wait || p.marked {
			g.fail("wakes thread %d from wait %d: %+v", d.Thread, d.Wait, *p)
		}
		if p.phase == shaking && g.holder == policy.Nobody {
			g.fail("ends the shake of %d before another thread has the lock", d.Thread)
		}
		p.marked = true
	case policy.Ask:
		if d.Thread != g.holder {
			g.fail("asks %d, %d has the lock", d.Thread, g.holder)
		}
		p.flag, g.asked = true, true
	case policy.Shake:
		*p = player{phase: shaking, wait: d.Wait}
	}
}

func (g *game) fail(format string, args ...any) {
	g.t.Helper()
	text := ""
	for _, in := range g.moves {
		text += fmt.Sprintf("\n%+v", in)
	}
	g.t.Fatalf("%s%s", fmt.Sprintf(format, args...), text)
}

// gaps are times between two moves: below and above what a thread needs to fall
// asleep under glibc's order.
var gaps = [...]int64{300, 1200}

// timed returns cpython-3 and its oracle.
func timed(order policy.WakeOrder) (lock, oracle policy.Policy) {
	lock, err := policy.New("cpython-3", map[string]any{"wake_order": string(order)})
	if err != nil {
		panic(err)
	}
	return lock, &locktest.Timed{Interval: int64(5 * time.Millisecond), Order: order}
}

// Every order in which two and three threads can do what they can, up to a depth:
// cpython-3 decides as the oracle does and never breaks the contract.
func TestAllInterleavings(t *testing.T) {
	depths := map[int]int{2: 12, 3: 7}
	if testing.Short() {
		depths = map[int]int{2: 9, 3: 5}
	}
	for _, order := range []policy.WakeOrder{policy.FIFO, policy.Glibc236} {
		for _, threads := range []int{2, 3} {
			t.Run(fmt.Sprintf("%s/%d", order, threads), func(t *testing.T) {
				games := 0
				explore(t, func() (lock, oracle policy.Policy) { return timed(order) }, threads, depths[threads], nil, &games)
				if games < 500 {
					t.Errorf("only %d games", games)
				}
			})
		}
	}
}

// explore plays all continuations of a list of choices, each from the start: a
// policy cannot be copied.
func explore(t *testing.T, open func() (lock, oracle policy.Policy), threads, depth int, choices []int, games *int) {
	lock, oracle := open()
	g := newGame(t, threads, lock, oracle)
	for i, c := range choices {
		g.play(g.possible()[c], gaps[(i+c)%len(gaps)])
	}
	*games++
	moves := g.possible()
	if len(moves) == 0 && !g.over() {
		g.fail("nobody can go on")
	}
	if len(choices) == depth {
		return
	}
	for c := range moves {
		explore(t, open, threads, depth, append(choices[:len(choices):len(choices)], c), games)
	}
}

// shortcut is a driver that goes the short way wherever the policy has one. What it
// decides must be what Step would.
type shortcut struct {
	policy.Quick
	taken *int
}

func (s shortcut) Step(in policy.Input, out []policy.Decision) []policy.Decision {
	switch in.Kind {
	case policy.Take:
		if prev, ok := s.QuickTake(in.Thread); ok {
			*s.taken++
			return append(out, policy.Decision{Kind: policy.Grant, Thread: in.Thread, Prev: prev})
		}
	case policy.Release:
		if s.QuickRelease(in.Thread) {
			*s.taken++
			return out
		}
	}
	return s.Quick.Step(in, out)
}

// The short way through cpython-3 decides as its oracle does, whatever else
// happens in between, and is never taken where the host is to be told of a release.
func TestQuickDecidesAsStep(t *testing.T) {
	for _, order := range []policy.WakeOrder{policy.FIFO, policy.Glibc236} {
		games, taken := 0, 0
		explore(t, func() (lock, oracle policy.Policy) {
			lock, oracle = timed(order)
			return shortcut{lock.(policy.Quick), &taken}, oracle
		}, 3, 6, nil, &games)
		if taken < games {
			t.Errorf("%s: the short way was taken %d times in %d games", order, taken, games)
		}
	}
	lock, _ := timed(policy.FIFO)
	host := policy.WithHostOrder(lock).(policy.Quick)
	if _, ok := host.QuickTake(0); !ok {
		t.Error("the host's order: no short way to take a free lock")
	}
	if host.QuickRelease(0) {
		t.Error("the host's order: a release without its signal")
	}
}

func (g *game) over() bool {
	for _, p := range g.players {
		if p.phase != gone {
			return false
		}
	}
	return true
}

// FuzzTimed plays long games that the fuzzer chooses.
func FuzzTimed(f *testing.F) {
	f.Add(uint8(0), []byte("\x00\x01\x02\x03\x04\x05\x06\x07\x08"))
	f.Add(uint8(5), []byte("steps of a longer game with more threads, at the one time or the other"))
	f.Fuzz(func(t *testing.T, kind uint8, choices []byte) {
		lock, oracle := timed([]policy.WakeOrder{policy.FIFO, policy.Glibc236}[kind%2])
		g := newGame(t, 2+int(kind/2)%6, lock, oracle)
		for _, c := range choices[:min(len(choices), 1000)] {
			moves := g.possible()
			if len(moves) == 0 {
				return
			}
			g.play(moves[int(c>>1)%len(moves)], gaps[c&1])
		}
	})
}

// In the steady state no policy allocates: the real lock steps it under its mutex.
func TestStepDoesNotAllocate(t *testing.T) {
	locks := map[string]func() policy.Policy{
		"none":      func() policy.Policy { return must(policy.New("none", nil)) },
		"fifo":      func() policy.Policy { p, _ := timed(policy.FIFO); return p },
		"glibc":     func() policy.Policy { p, _ := timed(policy.Glibc236); return p },
		"host":      func() policy.Policy { p, _ := timed(policy.FIFO); return policy.WithHostOrder(p) },
		"cpython-2": func() policy.Policy { return must(policy.New("cpython-2", nil)) },
	}
	for name, open := range locks {
		t.Run(name, func(t *testing.T) {
			round := rounds(open(), name == "cpython-2", name == "host")
			round() // the tables of the threads grow once
			if n := testing.AllocsPerRun(100, round); n != 0 {
				t.Errorf("%v allocations in a round", n)
			}
		})
	}
}

// rounds returns a function in which the lock goes once round three threads.
func rounds(lock policy.Policy, ticks, host bool) func() {
	const threads = 3
	buffer := make([]policy.Decision, 0, 8)
	waits := [threads]uint64{}
	next := policy.Thread(0)
	now := int64(0)
	step := func(in policy.Input) {
		now += 2000
		in.Now, in.Wait = now, waits[in.Thread]
		buffer = lock.Step(in, buffer[:0])
		for _, d := range buffer {
			switch d.Kind {
			case policy.Park, policy.Shake:
				waits[d.Thread] = d.Wait
			case policy.Wake:
				if next = d.Thread; host {
					next = (in.Thread + 1) % threads
				}
			}
		}
	}
	step(policy.Input{Kind: policy.Take, Thread: 0})
	step(policy.Input{Kind: policy.Take, Thread: 1})
	step(policy.Input{Kind: policy.Take, Thread: 2})
	holder := policy.Thread(0)
	if lock.Traits().None {
		return func() { step(policy.Input{Kind: policy.Take, Thread: 0}) }
	}
	return func() {
		for range threads {
			waiter := (holder + 1) % threads
			if ticks {
				step(policy.Input{Kind: policy.Check, Thread: holder, Ticks: 100})
			} else {
				step(policy.Input{Kind: policy.TimedOut, Thread: waiter})
			}
			step(policy.Input{Kind: policy.Release, Thread: holder, Why: policy.Asked})
			woken := next
			step(policy.Input{Kind: policy.Woken, Thread: woken})
			if !ticks {
				step(policy.Input{Kind: policy.Woken, Thread: holder}) // the end of its shake
			}
			step(policy.Input{Kind: policy.Take, Thread: holder})
			holder = woken
		}
	}
}

func must(p policy.Policy, err error) policy.Policy {
	if err != nil {
		panic(err)
	}
	return p
}
