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
	levels    = (63 + digitBits - 1) / digitBits
)

// bucket is a list of blocks; only the last one is not full. Without entries its other
// fields mean nothing.
type bucket struct {
	head, tail int32
	n          uint32 // entries
}

// taken is a bucket that was taken out. It has no more fields than the compiler keeps in
// registers.
type taken struct {
	head  int32
	n     uint32
	level uint
	end   int64 // last time of its span
}

// place makes room for an event of a time after the base. The caller fills it.
func (f *far) place(time int64) *entry {
	level := uint(bits.Len64(uint64(time^f.base))-1) / digitBits % levels
	digit := uint(time>>(level*digitBits)) % radix
	f.n++
	b := &f.buckets[level][digit]
	at := b.n % blockLen
	if at == 0 {
		f.extend(b)
		f.levels |= 1 << level
		f.filled[level] |= 1 << digit
	}
	b.n++
	return &f.blocks.all[b.tail].entries[at]
}

// extend adds a block to a bucket.
func (f *far) extend(b *bucket) {
	block := f.blocks.take()
	if b.n == 0 {
		b.head = block
	} else {
		f.blocks.next[b.tail] = block
	}
	b.tail = block
}

// take removes the bucket that has the earliest events, and makes the begin of its span
// the base: whatever comes before it has happened.
func (f *far) take() taken {
	level := uint(bits.TrailingZeros32(f.levels)) % levels
	return f.takeAt(level, uint(bits.TrailingZeros64(f.filled[level])))
}

func (f *far) takeAt(level, digit uint) taken {
	b := &f.buckets[level%levels][digit%radix]
	head, n := b.head, b.n
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
	for block, left := b.head, int(b.n); left > 0; left -= blockLen {
		entries := &f.blocks.all[block].entries
		for i := range min(left, blockLen) {
			digit := uint(entries[i].time>>shift) % radix
			to := &row[digit]
			at := to.n % blockLen
			if at == 0 {
				f.extend(to) // which may move the blocks
				f.filled[level] |= 1 << digit
				entries = &f.blocks.all[block].entries
			}
			to.n++
			f.blocks.all[to.tail].entries[at].set(&entries[i])
		}
		block = f.blocks.give(block)
	}
	f.levels |= 1 << level
	return f.takeAt(level, uint(bits.TrailingZeros64(f.filled[level])))
}

// remove drops the entries that gone says, out of all buckets.
func (f *far) remove(gone func(*entry) bool) {
	old := f.buckets
	f.buckets, f.n = [levels][radix]bucket{}, 0
	f.filled, f.levels = [levels]uint64{}, 0
	for level := range old {
		for _, b := range old[level] {
			for block, left := b.head, int(b.n); left > 0; left -= blockLen {
				for i := range min(left, blockLen) {
					if x := &f.blocks.all[block].entries[i]; !gone(x) {
						f.place(x.time).set(x)
					}
				}
				block = f.blocks.give(block)
			}
		}
	}
}

// blocks are the memory of the buckets: what one bucket gives back serves the others, so
// all together take hardly more than their entries. They hold no pointers, and
// the garbage collector has nothing to look at.
type blocks struct {
	all  []block
	next []int32 // the block after each in its list
	free int32   // head of the list of unused blocks, plus 1
}

const blockLen = 64

// block is an odd number of cache lines long, so that the beginnings of blocks, which
// are used most, do not all fall on the same few places of the cache.
type block struct {
	entries [blockLen]entry
	_       [64]byte
}

func (b *blocks) take() int32 {
	if b.free == 0 {
		b.all = append(b.all, block{})
		b.next = append(b.next, 0)
		return int32(len(b.all) - 1)
	}
	i := b.free - 1
	b.free = b.next[i]
	return i
}

// give frees a block and returns the next of its list.
func (b *blocks) give(i int32) int32 {
	next := b.next[i]
	b.next[i] = b.free
	b.free = i + 1
	return next
}
