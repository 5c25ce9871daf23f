package sim

import (
	"cmp"
	"slices"
)

// near holds the next events in order, earliest first. It is short, so an event finds
// its place by moving a few others; and events of one time, of which there can be
// any number, are appended.
//
// Only if many events of one moment have different priorities is there much to
// move for long. Then near goes on as a heap, which a sorted array is already.
type near struct {
	entries []entry // the first head of them are gone
	head    int
	heap    bool
	ranks   map[uint64]struct{} // of those in the heap, if somebody has asked what it has: listed
	listed  bool

	strained bool // many had to be moved for one: those of later times had better be elsewhere
}

// longMove is the most entries in whose midst one is inserted by moving.
const longMove = 256

func (n *near) len() int      { return len(n.entries) - n.head }
func (n *near) first() *entry { return &n.entries[n.head] }
func (n *near) all() []entry  { return n.entries[n.head:] }

// empty reports whether nothing is left, and there is room behind it.
func (n *near) empty() bool { return len(n.entries) == n.head && n.head < cap(n.entries) }

// has reports whether the event of a handle is there.
func (n *near) has(h Handle) bool {
	all := n.all()
	if !n.heap {
		_, found := slices.BinarySearchFunc(all, entry{time: h.time, rank: h.rank}, compare)
		return found
	}
	if !n.listed {
		if n.listed = true; n.ranks == nil {
			n.ranks = make(map[uint64]struct{}, len(all))
		}
		for i := range all {
			n.ranks[all[i].rank] = struct{}{}
		}
	}
	_, found := n.ranks[h.rank]
	return found
}

// push makes room behind the last entry, where there is some.
func (n *near) push() *entry {
	last := len(n.entries)
	n.entries = n.entries[:last+1]
	return &n.entries[last]
}

// add appends entries, after which near has to be sorted.
func (n *near) add(entries []entry) { n.entries = append(n.entries, entries...) }

// place makes room for an event of a time and rank where it belongs. The caller
// fills it.
func (n *near) place(time int64, rank uint64) *entry {
	last := len(n.entries)
	if last == cap(n.entries) {
		n.grow()
		last = len(n.entries)
	}
	n.entries = n.entries[:last+1]
	all := n.all()
	i := len(all) - 1
	switch {
	case n.heap:
		return n.placeInHeap(time, rank)
	case i <= veryFew:
		return placeAmongFew(all, time, rank)
	case !all[i-1].after(time, rank):
		return &all[i]
	case i > longMove:
		return n.placeInHeap(time, rank)
	}
	for i > 0 && all[i-1].after(time, rank) {
		all[i].set(&all[i-1])
		i--
	}
	n.strained = len(all)-i > 2*few
	return &all[i]
}

// veryFew entries are moved, or not, without a branch, which nobody could predict: with two
// events pending, one of them is as often the next as the other.
const veryFew = 4

// placeAmongFew is place where the last of all is the room so far. Each of the others goes one
// up, if it comes after, or to where it is.
func placeAmongFew(all []entry, time int64, rank uint64) *entry {
	at := uint(len(all) - 1)
	for i := len(all) - 2; i >= 0; i-- {
		x := &all[i]
		later := x.later(time, rank)
		at -= uint(later)
		all[uint(i)+uint(later)].set(x)
	}
	return &all[at]
}

// grow makes room behind the entries: where some are gone in front, if these are as
// many as the others, or else by more memory.
func (n *near) grow() {
	if n.head >= n.len() && n.head > 0 {
		n.entries = n.entries[:copy(n.entries, n.all())]
		n.head = 0
		return
	}
	n.entries = slices.Grow(n.entries, max(2*few, len(n.entries)))
}

// drop removes the first entry.
func (n *near) drop() {
	if n.heap {
		n.dropOfHeap()
		return
	}
	n.head++
}

func (n *near) clear() {
	n.entries, n.head = n.entries[:0], 0
	n.endHeap()
}

func (n *near) endHeap() {
	if n.listed {
		clear(n.ranks)
	}
	n.heap, n.listed = false, false
}

// sized makes near, which is empty, as long as the entries that are to come.
func (n *near) sized(length int) []entry {
	if length > cap(n.entries) {
		n.entries = make([]entry, 0, 2*blockLen)
	}
	n.entries = n.entries[:length]
	return n.entries
}

// sorted makes near, which is empty, of a few entries in any order. How many come before each
// says where it belongs: more comparisons than other ways of sorting have, but none
// of them decides over a branch, whose outcome nobody could predict.
func (n *near) sorted(entries []entry) {
	all := n.sized(len(entries))
	var before [few]uint32
	for i := range entries {
		x := &entries[i]
		at := before[i%few]
		for j := i + 1; j < len(entries); j++ {
			first := uint32(x.later(entries[j].time, entries[j].rank))
			at += first
			before[j%few] += 1 - first
		}
		all[at] = *x
	}
}

// spread makes near, which is empty, of entries in any order of the digit of their time
// that begins at shift; those before differ in nothing. Those of one digit, few or of
// one time, have to be sorted after it.
func (n *near) spread(entries []entry, shift uint) {
	all := n.sized(len(entries))
	var place [radix + 1]uint8 // where the next of each digit goes, one digit further on
	for i := range entries {
		place[uint(entries[i].time>>shift)%radix+1]++
	}
	for digit := 1; digit < radix; digit++ {
		place[digit] += place[digit-1]
	}
	for i := range entries {
		at := &place[uint(entries[i].time>>shift)%radix]
		all[*at].set(&entries[i])
		*at++
	}
}

// sort puts the entries in order, which nearly all are. Only many of one time that have
// different priorities can be far from it.
func (n *near) sort() {
	all := n.all()
	moves := 0
	for i := 1; i < len(all); i++ {
		x := all[i]
		j := i
		for j > 0 && all[j-1].after(x.time, x.rank) {
			all[j].set(&all[j-1])
			j--
		}
		all[j].set(&x)
		if moves += i - j; moves > longMove*longMove {
			slices.SortFunc(all, compare)
			return
		}
	}
}

func compare(a, b entry) int {
	return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.rank, b.rank))
}

// remove drops the entries that gone says.
func (n *near) remove(gone func(*entry) bool) {
	kept := n.entries[:0]
	for i := range n.all() {
		if x := &n.entries[n.head+i]; !gone(x) {
			kept = append(kept, *x)
		}
	}
	n.entries, n.head = kept, 0
	n.endHeap()
	n.sort()
}

// placeInHeap makes near a heap of four children to a node, if it is not one yet, and
// room for an event of a time and rank in it. The last entry is the room so far.
func (n *near) placeInHeap(time int64, rank uint64) *entry {
	if !n.heap {
		n.entries = n.entries[:copy(n.entries, n.all())]
		n.head, n.heap = 0, true
		n.strained = true // the later ones would keep it one for as long as there are any
	}
	if n.listed {
		n.ranks[rank] = struct{}{}
	}
	i := len(n.entries) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if !n.entries[parent].after(time, rank) {
			break
		}
		n.entries[i].set(&n.entries[parent])
		i = parent
	}
	return &n.entries[i]
}

func (n *near) dropOfHeap() {
	last := len(n.entries) - 1
	if n.listed {
		delete(n.ranks, n.entries[0].rank)
	}
	x := n.entries[last]
	n.entries = n.entries[:last]
	if last == 0 {
		n.endHeap()
		return
	}
	n.down(&x)
}

// down places x in the heap, whose first entry is gone.
func (n *near) down(x *entry) {
	i := 0
	for 4*i+1 < len(n.entries) {
		least := 4*i + 1
		for c := least + 1; c < min(4*i+5, len(n.entries)); c++ {
			if n.entries[least].after(n.entries[c].time, n.entries[c].rank) {
				least = c
			}
		}
		if !x.after(n.entries[least].time, n.entries[least].rank) {
			break
		}
		n.entries[i].set(&n.entries[least])
		i = least
	}
	n.entries[i].set(x)
}
