package trace

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// values draws times over nine orders of magnitude.
func values(random *rand.Rand, n int) []int64 {
	out := make([]int64, n)
	for i := range out {
		out[i] = int64(math.Exp(random.Float64() * 21))
	}
	return out
}

func sketchOf(vs []int64) *Sketch {
	s := new(Sketch)
	for _, v := range vs {
		s.Add(v)
	}
	return s
}

// matches holds a sketch against all values, sorted: exactly while they are few,
// otherwise no more than 1/1024 below.
func matches(t *testing.T, s *Sketch, vs []int64, exact bool) {
	t.Helper()
	vs = slices.Sorted(slices.Values(vs))
	if s.Count() != int64(len(vs)) {
		t.Fatalf("%d values, want %d", s.Count(), len(vs))
	}
	if len(vs) > 0 && s.Max() != vs[len(vs)-1] {
		t.Errorf("the largest is %d, want %d", s.Max(), vs[len(vs)-1])
	}
	step := max(1, len(vs)/101)
	for k := 0; k < len(vs); k += step {
		got, want := s.Rank(int64(k)), vs[k]
		if exact && got != want || got > want || want-got > want/1024 {
			t.Fatalf("rank %d is %d, want %d", k, got, want)
		}
	}
}

func TestSketchAgainstSorting(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 1000, exactMost - 1, exactMost, exactMost + 1, 3 * exactMost} {
		vs := values(random, n)
		matches(t, sketchOf(vs), vs, n < exactMost)
	}
}

func TestSketchMerges(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	sizes := []int{0, 5, exactMost - 5, exactMost + 5}
	for _, a := range sizes {
		for _, b := range sizes {
			t.Run(fmt.Sprintf("%d+%d", a, b), func(t *testing.T) {
				x, y := values(random, a), values(random, b)
				s, o := sketchOf(x), sketchOf(y)
				s.Merge(o)
				matches(t, s, append(x, y...), a+b < exactMost)
				matches(t, o, y, b < exactMost) // the other one is as it was
				s.Add(7)
				if s.Count() != int64(a+b+1) || s.Rank(0) > 7 {
					t.Errorf("%d values and rank 0 of %d, after one more", s.Count(), s.Rank(0))
				}
			})
		}
	}
}

// Each gives every value once, in order, with its count: as it was added while
// they are few, and as the edge of its bin afterwards.
func TestSketchEach(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{0, 1, 1000, exactMost + 5} {
		vs := values(random, n)
		vs = append(vs, vs[:n/2]...)
		s := sketchOf(vs)
		want := map[int64]int64{}
		for _, v := range vs {
			if !s.Exact() {
				v = BinEdge(v)
			}
			want[v]++
		}
		last, seen := int64(-1), 0
		s.Each(func(v, times int64) {
			if v <= last || want[v] != times || !s.Exact() && BinEdge(v) != v {
				t.Fatalf("%d values: %d comes %d times after %d, want %d times", len(vs), v, times, last, want[v])
			}
			last, seen = v, seen+1
		})
		if seen != len(want) || s.Exact() != (len(vs) < exactMost) {
			t.Errorf("%d values: %d different ones, want %d; exact: %t", len(vs), seen, len(want), s.Exact())
		}
	}
}

func TestSketchEdges(t *testing.T) {
	s := sketchOf([]int64{-5, 0, math.MaxInt64})
	if s.Rank(0) != 0 || s.Rank(1) != 0 || s.Rank(2) != math.MaxInt64 {
		t.Errorf("got %d, %d, %d", s.Rank(0), s.Rank(1), s.Rank(2))
	}
	for _, k := range []int64{-1, 3} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("rank %d of 3: no panic", k)
				}
			}()
			s.Rank(k)
		}()
	}
	if new(Sketch).Max() != 0 {
		t.Error("an empty sketch has a largest value")
	}
}

// Each value lies in its bin, and bins are no wider than 1/1024 of their values.
func TestBins(t *testing.T) {
	check := func(v int64) {
		octave, i := place(v)
		low := lowest(octave, i)
		if low > v || v-low > v/1024 || i < 0 || i >= 1024 || octave < 0 || octave >= len(Sketch{}.bins) {
			t.Fatalf("%d is in bin %d of octave %d, which begins at %d", v, i, octave, low)
		}
	}
	for e := range 63 {
		for d := int64(-2); d <= 2; d++ {
			check(max(0, int64(1)<<e+d))
		}
	}
	check(math.MaxInt64)
	random := rand.New(rand.NewPCG(5, 6))
	for range 100_000 {
		check(random.Int64() >> random.IntN(63))
	}
}
