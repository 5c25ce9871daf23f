package explore

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
)

// never is later than anything.
const never = math.MaxInt64

type phase uint8

const (
	back    phase = iota // wants the lock, and is about to ask for it
	away                 // without the lock, for as long as it likes
	holding              // has it
	parked               // waits for it
	shaking              // waits until another has taken it
	gone                 // has ended
)

// thread is what the driver knows of one thread, and what the checker does.
type thread struct {
	phase    phase
	turns    int   // times that it has had the lock; counted if its role ends
	deadline int64 // parked: when its patience ends
	marked   bool  // parked, shaking: its wait is over
	timedOut bool  // parked: its patience is, and it is on its way
	flag     bool  // holding: it was asked to let go
	asked    bool  // shaking: let go because of that

	queued  bool // waits, and no signal has been sent to it
	older   bool // glibc: in the group that signals are for
	changed bool // the lock has changed hands in its wait
}

// waits reports whether the thread has asked for the lock and not got it.
func (t *thread) waits() bool { return t.phase == parked }

// underway reports whether a waiter is on its way to the lock.
func (t *thread) underway() bool { return t.phase == parked && (t.marked || t.timedOut) }

// world is one state of everything.
type world struct {
	config  *Config
	lock    Lock
	now     int64
	timer   int64 // of the policy
	seq     int64 // of the last event
	holder  policy.Thread
	last    policy.Thread // took the lock last
	dropper policy.Thread // let go on request, and nobody else has taken the lock yet
	asked   bool          // a waiter has asked the holder to let go
	threads []thread
	doing   []trace.State   // by thread
	numbers []uint64        // of the threads' latest waits
	line    []policy.Thread // those who are queued, in the order of queueing
}

func newWorld(c *Config) *world {
	return &world{
		config: c, lock: c.New(), timer: never,
		holder: policy.Nobody, last: policy.Nobody, dropper: policy.Nobody,
		threads: slices.Repeat([]thread{{deadline: never}}, len(c.Roles)),
		doing:   slices.Repeat([]trace.State{trace.Done}, len(c.Roles)),
		numbers: make([]uint64, len(c.Roles)),
	}
}

func (w *world) copy() *world {
	c := *w
	c.lock = w.lock.Copy().(Lock)
	c.threads, c.doing = slices.Clone(w.threads), slices.Clone(w.doing)
	c.numbers, c.line = slices.Clone(w.numbers), slices.Clone(w.line)
	return &c
}

// key returns the state as a string: two worlds with the same key have the same
// future. What no longer decides, such as a deadline that has passed, is the same
// in both.
func (w *world) key(buffer []int64) (string, []int64) {
	k := append(buffer[:0], int64(w.holder), int64(w.last), int64(w.dropper), w.left(w.timer),
		bits(w.asked), int64(len(w.line)))
	for i := range w.threads {
		t := &w.threads[i]
		k = append(k, int64(t.phase), int64(w.doing[i]), int64(t.turns), w.left(t.deadline),
			bits(t.marked, t.timedOut, t.flag, t.asked, t.queued, t.older, t.changed))
	}
	for _, t := range w.line {
		k = append(k, int64(t))
	}
	k = w.lock.Sketch(w.now, w.numbers, k)
	text := make([]byte, 0, 2*len(k))
	for _, v := range k {
		text = binary.AppendVarint(text, v)
	}
	return string(text), k
}

// left returns how far off a time is; -1 for never.
func (w *world) left(at int64) int64 {
	if at == never {
		return -1
	}
	return max(0, at-w.now)
}

func bits(of ...bool) int64 {
	n := int64(0)
	for i, b := range of {
		if b {
			n |= 1 << i
		}
	}
	return n
}

// rules returns what a lock of these traits is held against.
func rules(t policy.Traits) trace.Rules {
	return trace.Rules{
		Lock: !t.None, WakeOrder: string(t.WakeOrder), Interval: t.Interval,
		Countdown: t.Ticks > 0, Shakes: t.Shakes,
	}
}
