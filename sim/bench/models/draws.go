package main

import (
	"math/bits"

	"github.com/fibsim/fibsim/workloads"
)

// draws gives random delays: from a table, which costs a nanosecond so that the queue
// shows, or by workloads' own sampler.
type draws struct {
	stream workloads.Stream
	tab    splitMix
	table  *[4096]uint64
}

func newDraws(tab bool) *draws {
	d := &draws{stream: workloads.NewStream(1, "bench", 0, "body"), tab: 1}
	if tab {
		d.table = quantiles()
	}
	return d
}

// exponential returns a delay of the given mean.
func (d *draws) exponential(mean int64) int64 {
	if d.table == nil {
		return d.stream.Exponential(mean)
	}
	high, low := bits.Mul64(d.table[d.tab.next()>>52], uint64(mean))
	return int64(high<<32 | low>>32)
}

// splitMix is the anchors' generator. Its state begins at 1, where no Stream begins.
type splitMix uint64

func (s *splitMix) next() uint64 {
	*s += 0x9e3779b97f4a7c15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// quantiles is the table of the anchors, to the bit: 4096 quantiles of an exponential
// distribution of mean 2^32, by sums, products and divisions alone.
func quantiles() *[4096]uint64 {
	var table [4096]uint64
	for i := range table {
		x := (float64(i) + 0.5) / 4096
		k := 0
		for x < 0.70710678118654752440 {
			x, k = float64(x*2), k+1
		}
		t := (x - 1) / (x + 1)
		t2, sum := float64(t*t), 0.0
		for j := 21; j >= 1; j -= 2 {
			sum = float64(sum*t2) + 1/float64(j)
		}
		ln := float64(float64(2*t) * sum)
		table[i] = uint64(float64((float64(float64(k)*0.693147180559945309417) - ln) * 4294967296))
	}
	return &table
}
