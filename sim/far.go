package sim

import "math/bits"

// far holds the later events in buckets: see Queue.
type far struct {
	base    int64 // no event in a bucket is before it
	n       int   // events in all buckets
	levels  uint32
	filled  [levels]uint64 // for each level the digits whose buckets have events
	buckets [levels][radix]bucket
	blocks  blocks
}

const (
	digitBits = 6
	radix     = 1 << digitBits
	levels    = 16 // more than the 11 that 63 bits need: so it is a mask that bounds them
)

// bucket is a list of blocks, a circle; only the last one is not full. Without entries
// the last means nothing.
type bucket struct {
	last *block // the next one of it is the first
	n    int    // entries
}

// taken is a bucket that was taken out. It has no more fields than the compiler keeps in
// registers.
type taken struct {
	head  *block
	n     int
	level uint
	end   int64 // last time of its span
}

// where returns the bucket of a time after the base.
func (f *far) where(time int64) (level, digit uint) {
	level = uint(bits.Len64(uint64(time^f.base))-1) / digitBits % levels
	return level, uint(uint64(time)>>(level*digitBits&63)) % radix
}

// place makes room for an event of a time after the base. The caller fills it.
func (f *far) place(time int64) *entry {
	f.n++
	level, digit := f.where(time)
	b := &f.buckets[level][digit]
	if b.full() {
		f.extend(level, digit)
	}
	return b.push()
}

// full reports whether a bucket needs another block for another entry.
func (b *bucket) full() bool { return uint(b.n)%blockLen == 0 }

// push makes room for an entry in the last block of a bucket that is not full.
func (b *bucket) push() *entry {
	at := uint(b.n) % blockLen
	b.n++
	return &b.last.entries[at]
}

// extend adds a block to a bucket.
func (f *far) extend(level, digit uint) {
	b := &f.buckets[level%levels][digit%radix]
	x := f.blocks.take()
	if b.n == 0 {
		x.next = x
		f.levels |= 1 << level
		f.filled[level%levels] |= 1 << digit
	} else {
		x.next = b.last.next
		b.last.next = x
	}
	b.last = x
}

// take removes the bucket that has the earliest events, and makes the begin of its span
// the base: whatever comes before it has happened.
func (f *far) take() taken {
	level := uint(bits.TrailingZeros32(f.levels)) % levels
	return f.takeAt(level, uint(bits.TrailingZeros64(f.filled[level])))
}

func (f *far) takeAt(level, digit uint) taken {
	b := &f.buckets[level%levels][digit%radix]
	head, n := b.last.next, b.n
	b.n = 0
	f.filled[level%levels] &^= 1 << digit
	if f.filled[level%levels] == 0 {
		f.levels &^= 1 << level
	}
	above := int64(-1) << ((level + 1) * digitBits)
	f.base = f.base&above | int64(digit)<<(level*digitBits)
	return taken{head, n, level, f.base | (int64(1)<<(level*digitBits) - 1)}
}

// spread distributes the entries of a bucket that was taken out over those of the level
// below, and takes out the first of them.
func (f *far) spread(b taken) taken {
	level := (b.level - 1) % levels
	shift, row := level*digitBits, &f.buckets[level]
	block := b.head
	for left := b.n; left > 0; left -= blockLen {
		entries := block.entries[:min(left, blockLen)]
		for i := range entries {
			digit := uint(uint64(entries[i].time)>>(shift&63)) % radix
			to := &row[digit]
			if to.full() {
				f.extend(level, digit)
			}
			*to.push() = entries[i]
		}
		block = f.blocks.give(block)
	}
	return f.takeAt(level, uint(bits.TrailingZeros64(f.filled[level])))
}

// remove drops the entries that gone says, out of all buckets.
func (f *far) remove(gone func(*entry) bool) {
	old := f.buckets
	f.buckets, f.n = [levels][radix]bucket{}, 0
	f.filled, f.levels = [levels]uint64{}, 0
	for level := range old {
		for _, b := range old[level] {
			if b.n == 0 {
				continue
			}
			block := b.last.next
			for left := b.n; left > 0; left -= blockLen {
				entries := block.entries[:min(left, blockLen)]
				for i := range entries {
					if x := &entries[i]; !gone(x) {
						f.place(x.time).set(x)
					}
				}
				block = f.blocks.give(block)
			}
		}
	}
}

// blocks are the memory of the buckets: what one bucket gives back serves the others, so
// all together take hardly more than their entries.
type blocks struct {
	free  *block  // list of those that were used
	fresh []block // those that were not
	made  int
}

const blockLen = 128

// block is an odd number of cache lines long, so that the beginnings of blocks, which
// are used most, do not all fall on the same few places of the cache. Its one pointer stands
// first: the garbage collector looks no further.
type block struct {
	next    *block
	_       [56]byte
	entries [blockLen]entry
}

const mostMade = 64 // blocks at once

func (b *blocks) take() *block {
	if x := b.free; x != nil {
		b.free = x.next
		return x
	}
	if len(b.fresh) == 0 {
		b.fresh = make([]block, min(max(b.made, 1), mostMade))
		b.made += len(b.fresh)
	}
	x := &b.fresh[0]
	b.fresh = b.fresh[1:]
	return x
}

// give frees a block and returns the next of its list.
func (b *blocks) give(x *block) *block {
	next := x.next
	x.next = b.free
	b.free = x
	return next
}
