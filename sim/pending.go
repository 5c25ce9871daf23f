package sim

import (
	"cmp"
	"slices"
)

// pending says of each event, by its number, whether it is still to happen. Numbers are
// given in order, so a bit for each of the last ones does: they stand in a ring, which is
// in the cache where the events are not. What stays longer than the ring goes round
// is in a list; it holds no more words than there are such events.
type pending struct {
	ring []uint64 // words of 64 numbers; a power of two of them. 1: to happen, or not yet given
	top  uint64   // the last word: that of the number which was given last
	old  []word   // those before the ring that are not 0, in order, and some that are
	gone int      // words of old that are 0
}

// word is 64 numbers from 64 times at on.
type word struct{ at, bits uint64 }

const (
	wordLen   = 64
	firstRing = 16      // words
	perEvent  = wordLen // the ring may have so many bits for each event that is to happen
)

func newPending() pending {
	p := pending{ring: make([]uint64, firstRing)}
	p.ring[0] = ^uint64(1) // number 0 is no event's
	return p
}

// begin makes room for the 64 numbers from the given one on. The ring forgets as many,
// unless some of these are to happen yet and it is short for so many events.
func (p *pending) begin(number uint64, events int) {
	p.top = number / wordLen
	size := uint64(len(p.ring))
	at := &p.ring[p.top%size]
	switch {
	case *at == 0:
	case size*wordLen < uint64(events)*perEvent:
		p.grow()
		at = &p.ring[p.top%(2*size)]
	default:
		p.old = append(p.old, word{p.top - size, *at})
	}
	*at = ^uint64(0)
}

// grow doubles the ring, which has all words before the top. Those of the list for which
// there is room now come back.
func (p *pending) grow() {
	size := uint64(len(p.ring))
	ring := make([]uint64, 2*size)
	for at := p.top - size; at < p.top; at++ {
		ring[at%(2*size)] = p.ring[at%size]
	}
	p.ring = ring
	for n := len(p.old) - 1; n >= 0 && p.top-p.old[n].at < 2*size; n-- {
		if ring[p.old[n].at%(2*size)] = p.old[n].bits; p.old[n].bits == 0 {
			p.gone--
		}
		p.old = p.old[:n]
	}
}

// recent returns the word of a number, if it is in the ring.
func (p *pending) recent(number uint64) *uint64 {
	at := number / wordLen
	if p.top-at < uint64(len(p.ring)) {
		return &p.ring[at&uint64(len(p.ring)-1)]
	}
	return nil
}

// word returns the word of a number, or nil if all its events are over.
func (p *pending) word(number uint64) *uint64 {
	if w := p.recent(number); w != nil {
		return w
	}
	return p.find(number / wordLen)
}

func (p *pending) find(at uint64) *uint64 {
	i, found := slices.BinarySearchFunc(p.old, at, func(w word, at uint64) int { return cmp.Compare(w.at, at) })
	if !found {
		return nil
	}
	return &p.old[i].bits
}

// has reports whether the event of a number is still to happen.
func (p *pending) has(number uint64) bool {
	w := p.word(number)
	return w != nil && *w>>(number%wordLen)&1 != 0
}

// over notes that the event of a number, which was to happen, is not any longer.
func (p *pending) over(number uint64) {
	if w := p.recent(number); w != nil {
		*w &^= 1 << (number % wordLen)
		return
	}
	p.overOld(number)
}

func (p *pending) overOld(number uint64) {
	w := p.find(number / wordLen)
	if *w &^= 1 << (number % wordLen); *w != 0 {
		return
	}
	if p.gone++; p.gone > len(p.old)/2 {
		p.old = slices.DeleteFunc(p.old, func(w word) bool { return w.bits == 0 })
		p.gone = 0
	}
}
