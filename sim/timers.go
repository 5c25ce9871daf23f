package sim

import (
	"math"
	"math/bits"
)

// Never is the time of what will not happen.
const Never int64 = math.MaxInt64

// Timers holds one time per slot, for models in which each entity waits for at most
// one thing: a thread that sleeps, a server that is busy. It is the fastest way to
// find the earliest of up to some 100,000.
//
// Set arms a timer, moves it or, after it was the first, arms it again; each is the same
// short walk, which ends early where it makes no difference. Of timers of the same time the lower
// slot is first. The times of all lie within 2^63 of each other, as those from 0 on do.
//
// Timers has no present of its own: First only reads, and a timer stays until it is
// set anew or cleared.
type Timers struct {
	// A tournament: the leaves hold a key for each slot, every node above the lesser of
	// the two below it, and the root is at 1. A key is the time since the epoch, with the
	// slot in its low bits, so one comparison of words decides also who it was.
	//
	// With 10 bits for the slots the times reach 208 days, with 20 bits five hours. A
	// timer beyond has the key of the horizon; when it is the first, the epoch moves.
	tree    []uint64
	beyond  []int64 // the times of those that have the key of the horizon
	epoch   int64
	horizon uint64 // times at and after it, since the epoch, do not fit
	limit   uint64 // the least key of the horizon
	shift   uint8  // bits of a slot number

	// What the root says.
	first     int
	firstTime int64
}

const (
	noKey = math.MaxUint64

	// After so many levels Set looks whether anything has changed. A timer that is armed anew is seldom the first of
	// the 16 slots below that node; the first of all, when it is moved, always was: so the branch can be predicted.
	lowLevels = 4
)

// NewTimers returns n timers that are not set, with slots from 0.
func NewTimers(n int) *Timers {
	t := &Timers{}
	t.Grow(n)
	return t
}

// Len returns the number of slots.
func (t *Timers) Len() int { return len(t.beyond) }

// Grow adds slots until there are n; if there are, it does nothing. It takes as long as setting all of them.
func (t *Timers) Grow(n int) {
	if n < t.Len() {
		return
	}
	for slot := range t.beyond {
		t.beyond[slot] = t.At(slot)
	}
	for len(t.beyond) < n {
		t.beyond = append(t.beyond, Never)
	}
	t.shift = uint8(bits.Len(uint(max(n, 1) - 1)))
	t.horizon = 1<<(64-t.shift) - 2
	t.limit = t.horizon << t.shift
	t.tree = make([]uint64, 2<<t.shift)
	t.play()
}

// Set arms the timer of a slot; a time of Never clears it.
//
// It gives the slot's leaf a new key and has its way to the root decided again, unless nothing has changed
// a few levels up. The other key of each pair is where it was, so the loads do not wait for each
// other, and the minimum is no branch.
func (t *Timers) Set(slot int, time int64) {
	since := uint64(time - t.epoch)
	key := since<<(t.shift&63) | uint64(slot)
	if since >= t.horizon {
		if key = noKey; time != Never {
			key = t.keyBeyond(slot, time)
		}
	}
	tree := t.tree
	i := len(tree)/2 + slot
	tree[i] = key
	if i == 1 { // the only slot is the first, whatever its time
		t.firstTime = time
		return
	}
	up := max(i>>lowLevels, 1)
	was := tree[up]
	for i > up {
		key = min(key, tree[i^1])
		i >>= 1
		tree[i] = key
	}
	if key == was {
		return
	}
	for i > 1 {
		key = min(key, tree[i^1])
		i >>= 1
		tree[i] = key
	}
	if key >= t.limit {
		t.firstBeyond(key)
		return
	}
	t.first, t.firstTime = int(key&(1<<(t.shift&63)-1)), t.epoch+int64(key>>(t.shift&63))
}

// Clear stops the timer of a slot.
func (t *Timers) Clear(slot int) { t.Set(slot, Never) }

// At returns the time for which a slot's timer is set, or Never.
func (t *Timers) At(slot int) int64 {
	switch key := t.tree[len(t.tree)/2+slot]; {
	case key < t.limit:
		return t.epoch + int64(key>>t.shift)
	case key == noKey:
		return Never
	}
	return t.beyond[slot]
}

// First returns the earliest timer and its time, or a time of Never if none is set.
func (t *Timers) First() (slot int, time int64) { return t.first, t.firstTime }

// keyBeyond returns the key of a time that does not fit: one before the epoch moves the epoch.
func (t *Timers) keyBeyond(slot int, time int64) uint64 {
	t.beyond[slot] = time
	leaf := &t.tree[len(t.tree)/2+slot]
	*leaf = t.limit | uint64(slot)
	if time < t.epoch {
		t.rebase()
	}
	return *leaf
}

// firstBeyond moves the epoch to the first of the timers, which all lie beyond the
// horizon, unless none is set.
func (t *Timers) firstBeyond(key uint64) {
	if key == noKey {
		t.first, t.firstTime = 0, Never
		return
	}
	t.rebase()
}

// rebase makes the earliest time the epoch (0 if no timer is set).
func (t *Timers) rebase() {
	for slot := range t.beyond {
		t.beyond[slot] = t.At(slot)
	}
	t.play()
}

// play begins the whole tournament anew, with the times that beyond holds for all.
func (t *Timers) play() {
	t.epoch = Never
	for _, time := range t.beyond {
		t.epoch = min(t.epoch, time)
	}
	if t.epoch == Never {
		t.epoch = 0
	}
	leaves := len(t.tree) / 2
	for slot := range leaves {
		key := uint64(noKey)
		if slot < len(t.beyond) && t.beyond[slot] != Never {
			key = min(uint64(t.beyond[slot]-t.epoch), t.horizon)<<t.shift | uint64(slot)
		}
		t.tree[leaves+slot] = key
	}
	for i := leaves - 1; i >= 1; i-- {
		t.tree[i] = min(t.tree[2*i], t.tree[2*i+1])
	}
	t.first, t.firstTime = 0, Never
	if key := t.tree[1]; key != noKey {
		t.first = int(key & (1<<t.shift - 1))
		t.firstTime = t.beyond[t.first]
	}
}
