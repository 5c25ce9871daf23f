package live

// deque is a queue that grows as it must. Its zero value is empty.
type deque[T any] struct {
	ring  []T // its length is a power of two, or 0
	first int
	n     int
}

func (d *deque[T]) len() int { return d.n }

// push appends v at the right.
func (d *deque[T]) push(v T) {
	if d.n == len(d.ring) {
		d.grow()
	}
	d.ring[(d.first+d.n)&(len(d.ring)-1)] = v
	d.n++
}

// pop takes the leftmost. The deque must not be empty.
func (d *deque[T]) pop() T {
	var none T
	v := d.ring[d.first]
	d.ring[d.first] = none
	d.first = (d.first + 1) & (len(d.ring) - 1)
	d.n--
	return v
}

func (d *deque[T]) grow() {
	ring := make([]T, max(8, 2*len(d.ring)))
	for i := range d.n {
		ring[i] = d.ring[(d.first+i)&(len(d.ring)-1)]
	}
	d.ring, d.first = ring, 0
}
