package trace

import (
	"math/bits"
	"slices"
)

// Sketch holds a distribution of times: every value while they are few, and
// counts in bins no wider than 1/1024 of the value once they are many. The zero
// Sketch is empty and ready.
//
// Values below 0 count as 0.
type Sketch struct {
	n     int64
	max   int64
	exact []int64 // every value, until there are exactMost of them
	bins  *bins   // nil: the values are in exact
}

// exactMost values are kept as they are: half a megabyte of them.
const exactMost = 1 << 16

type bin [1024]uint32

// bins are the counts by octave above 1024; the first holds 0 to 1023 singly. Only
// an octave in which a value lies has one.
type bins [54]*bin

// Add counts one value.
func (s *Sketch) Add(v int64) {
	v = max(v, 0)
	s.n++
	s.max = max(s.max, v)
	if s.binned() {
		s.count(v, 1)
		return
	}
	if len(s.exact) == cap(s.exact) {
		// Twice as many each time: append's own steps would move a busy thread's values
		// four times as often.
		s.exact = slices.Grow(s.exact, min(max(len(s.exact), 8), exactMost-len(s.exact)))
	}
	s.exact = append(s.exact, v)
	if len(s.exact) == exactMost {
		s.spill()
	}
}

// Merge adds all values of o.
func (s *Sketch) Merge(o *Sketch) {
	if !s.binned() && !o.binned() && len(s.exact)+len(o.exact) < exactMost {
		s.n += o.n
		s.max = max(s.max, o.max)
		s.exact = append(s.exact, o.exact...)
		return
	}
	if !s.binned() {
		s.spill()
	}
	s.n += o.n
	s.max = max(s.max, o.max)
	for _, v := range o.exact {
		s.count(v, 1)
	}
	if !o.binned() {
		return
	}
	for octave, b := range o.bins {
		if b == nil {
			continue
		}
		for i, c := range b {
			if c > 0 {
				s.count(lowest(octave, i), c)
			}
		}
	}
}

// Count returns how many values were added.
func (s *Sketch) Count() int64 { return s.n }

// Max returns the largest value, 0 without one.
func (s *Sketch) Max() int64 { return s.max }

// Rank returns the k-th smallest value, k from 0 to Count()-1: exactly while
// the values are few, otherwise the lower edge of its bin, at most 1/1024 below
// it. It panics when k is out of range.
func (s *Sketch) Rank(k int64) int64 {
	if k < 0 || k >= s.n {
		panic("trace: rank out of range")
	}
	if k == s.n-1 {
		return s.max
	}
	if !s.binned() {
		s.sort()
		return s.exact[k]
	}
	for octave, b := range s.bins {
		if b == nil {
			continue
		}
		for i, c := range b {
			if k -= int64(c); k < 0 {
				return lowest(octave, i)
			}
		}
	}
	panic("trace: a sketch lost count")
}

// Each calls f with every value there is and how often it was added, in rising
// order. Values that are in bins come as the lower edge of theirs; Exact says
// whether there are any.
func (s *Sketch) Each(f func(v, times int64)) {
	if !s.binned() {
		s.sort()
		for i := 0; i < len(s.exact); {
			end := i + 1
			for end < len(s.exact) && s.exact[end] == s.exact[i] {
				end++
			}
			f(s.exact[i], int64(end-i))
			i = end
		}
		return
	}
	for octave, b := range s.bins {
		if b == nil {
			continue
		}
		for i, c := range b {
			if c > 0 {
				f(lowest(octave, i), int64(c))
			}
		}
	}
}

// Exact reports whether every value is held as it was added.
func (s *Sketch) Exact() bool { return !s.binned() }

// BinEdge returns the lower edge of the bin that v, 0 or more, falls into once a
// Sketch holds many values. The edge is its own.
func BinEdge(v int64) int64 { return lowest(place(v)) }

func (s *Sketch) sort() {
	if !slices.IsSorted(s.exact) {
		slices.Sort(s.exact)
	}
}

// binned reports whether the values are in bins.
func (s *Sketch) binned() bool { return s.bins != nil }

func (s *Sketch) spill() {
	values := s.exact
	s.exact = nil
	s.bins = new(bins)
	for _, v := range values {
		s.count(v, 1)
	}
}

func (s *Sketch) count(v int64, times uint32) {
	octave, i := place(v)
	if s.bins[octave] == nil {
		s.bins[octave] = new(bin)
	}
	s.bins[octave][i] += times
}

// place returns the bin of v: octave 0 is 0 to 1023, octave k is 1024·2^(k-1)
// up to twice that, cut into 1024 equal bins.
func place(v int64) (octave, index int) {
	if v < 1024 {
		return 0, int(v)
	}
	octave = bits.Len64(uint64(v)) - 10
	return octave, int(v>>(octave-1)) - 1024
}

// lowest is the inverse of place: the smallest value of a bin.
func lowest(octave, index int) int64 {
	if octave == 0 {
		return int64(index)
	}
	return int64(1024+index) << (octave - 1)
}
