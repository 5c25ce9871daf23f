package ossched

import "math"

// node is a task in a queue that is sorted by key, then by tie, then by number.
type node struct {
	key   int64
	tie   uint64
	value int64 // eevdf: the virtual run time
	slice int64 // eevdf: the time slice

	// Over the node and all below it:
	minValue           int64
	minSlice, maxSlice int64

	left, right Task
}

// nodes holds the entries of all queues of a policy, by task: a task is in one
// queue at most, so that queueing allocates nothing.
//
// A queue is a treap: a search tree by key that is a heap by a hash of the task,
// and so as deep as a tree that was filled in random order, about 2·ln n, whatever
// the order of the keys.
type nodes []node

// queue is one sorted queue.
type queue struct{ root Task }

func newQueue() queue { return queue{NoTask} }

func (s nodes) less(a, b Task) bool {
	x, y := &s[a], &s[b]
	if x.key != y.key {
		return x.key < y.key
	}
	if x.tie != y.tie {
		return x.tie < y.tie
	}
	return a < b
}

// rank is the task's place in the heap.
func rank(t Task) uint64 { return mix(uint64(t)) }

// update works out what is known of the node and all below it.
func (s nodes) update(t Task) {
	n := &s[t]
	n.minValue, n.minSlice, n.maxSlice = n.value, n.slice, n.slice
	for _, below := range [...]Task{n.left, n.right} {
		if below != NoTask {
			b := &s[below]
			n.minValue = min(n.minValue, b.minValue)
			n.minSlice = min(n.minSlice, b.minSlice)
			n.maxSlice = max(n.maxSlice, b.maxSlice)
		}
	}
}

// insert queues a task whose key, tie, value and slice are set.
func (s nodes) insert(q *queue, t Task) {
	s[t].left, s[t].right = NoTask, NoTask
	q.root = s.insertBelow(q.root, t)
}

func (s nodes) insertBelow(root, t Task) Task {
	if root == NoTask {
		s.update(t)
		return t
	}
	if rank(t) > rank(root) {
		s[t].left, s[t].right = s.split(root, t)
		s.update(t)
		return t
	}
	if s.less(t, root) {
		s[root].left = s.insertBelow(s[root].left, t)
	} else {
		s[root].right = s.insertBelow(s[root].right, t)
	}
	s.update(root)
	return root
}

// split parts a tree into what comes before t and what comes after it.
func (s nodes) split(root, t Task) (before, after Task) {
	if root == NoTask {
		return NoTask, NoTask
	}
	if s.less(root, t) {
		s[root].right, after = s.split(s[root].right, t)
		before = root
	} else {
		before, s[root].left = s.split(s[root].left, t)
		after = root
	}
	s.update(root)
	return before, after
}

// remove takes a task out of the queue that it is in.
func (s nodes) remove(q *queue, t Task) { q.root = s.removeBelow(q.root, t) }

func (s nodes) removeBelow(root, t Task) Task {
	if root == NoTask {
		panic("ossched: a task is taken from a queue that it is not in")
	}
	if root == t {
		return s.merge(s[t].left, s[t].right)
	}
	if s.less(t, root) {
		s[root].left = s.removeBelow(s[root].left, t)
	} else {
		s[root].right = s.removeBelow(s[root].right, t)
	}
	s.update(root)
	return root
}

// merge joins two trees of which all of the first comes before all of the second.
func (s nodes) merge(a, b Task) Task {
	if a == NoTask {
		return b
	}
	if b == NoTask {
		return a
	}
	if rank(a) > rank(b) {
		s[a].right = s.merge(s[a].right, b)
		s.update(a)
		return a
	}
	s[b].left = s.merge(a, s[b].left)
	s.update(b)
	return b
}

// first returns the first of a queue, or NoTask.
func (s nodes) first(q queue) Task {
	t := q.root
	if t == NoTask {
		return t
	}
	for s[t].left != NoTask {
		t = s[t].left
	}
	return t
}

// second returns the one after the first, or NoTask.
func (s nodes) second(q queue) Task {
	above, t := NoTask, q.root
	if t == NoTask {
		return t
	}
	for s[t].left != NoTask {
		above, t = t, s[t].left
	}
	if right := s[t].right; right != NoTask {
		return s.first(queue{right})
	}
	return above
}

// firstWithin returns the first of a queue whose value is at most the limit, or
// NoTask.
func (s nodes) firstWithin(q queue, limit int64) Task {
	t := q.root
	for t != NoTask {
		n := &s[t]
		if n.left != NoTask && s[n.left].minValue <= limit {
			t = n.left
			continue
		}
		if n.value <= limit {
			return t
		}
		t = n.right
	}
	return NoTask
}

// backward shows the tasks from the last to the first, until stop answers true.
func (s nodes) backward(root Task, stop func(Task) bool) bool {
	if root == NoTask {
		return false
	}
	return s.backward(s[root].right, stop) || stop(root) || s.backward(s[root].left, stop)
}

// chance is SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
// Generators, 2014).
type chance uint64

func (c *chance) next() uint64 {
	*c += 0x9e3779b97f4a7c15
	return mix(uint64(*c))
}

// below returns a number from 0 to n-1.
func (c *chance) below(n int) int { return int(c.next() % uint64(n)) }

func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// ties orders equals: in the order in which they are queued, or at random.
type ties struct {
	random chance
	seed   uint64
	last   uint64
}

func newTies(seed uint64) ties { return ties{random: chance(seed), seed: seed} }

func (t *ties) next() uint64 {
	if t.seed != 0 {
		return t.random.next()
	}
	t.last++
	return t.last
}

// after returns the tie of one that comes after all its equals that are queued.
func (t *ties) after() uint64 {
	if t.seed != 0 {
		return math.MaxUint64
	}
	return t.next()
}
