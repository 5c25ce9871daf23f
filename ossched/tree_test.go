package ossched

import (
	"slices"
	"strconv"
	"testing"
)

// The sorted queue agrees with a sorted slice, over random insertions and removals.
func TestQueueAgainstSlice(t *testing.T) {
	random := chance(3)
	for range 50 {
		n := 1 + random.below(40)
		s := make(nodes, n)
		q := newQueue()
		var in []Task
		for range 300 {
			task := Task(random.below(n))
			if i := slices.Index(in, task); i >= 0 {
				s.remove(&q, task)
				in = slices.Delete(in, i, i+1)
			} else {
				s[task] = node{key: int64(random.below(10)), tie: uint64(random.below(3)), value: int64(random.below(100)), slice: int64(random.below(100))}
				s.insert(&q, task)
				in = append(in, task)
			}
			compareQueue(t, s, q, in, int64(random.below(100)))
		}
	}
}

func compareQueue(t *testing.T, s nodes, q queue, in []Task, limit int64) {
	t.Helper()
	sorted := slices.SortedFunc(slices.Values(in), func(a, b Task) int {
		if s.less(a, b) {
			return -1
		}
		return 1
	})
	var backward []Task
	s.backward(q.root, func(task Task) bool { backward = append(backward, task); return false })
	slices.Reverse(backward)
	if !slices.Equal(sorted, backward) {
		t.Fatalf("has %v, not %v", backward, sorted)
	}
	at := func(i int) Task {
		if i < 0 || i >= len(sorted) {
			return NoTask
		}
		return sorted[i]
	}
	if s.first(q) != at(0) || s.second(q) != at(1) {
		t.Fatalf("first %d and second %d of %v", s.first(q), s.second(q), sorted)
	}
	within := at(slices.IndexFunc(sorted, func(x Task) bool { return s[x].value <= limit }))
	if got := s.firstWithin(q, limit); got != within {
		t.Fatalf("first within %d is %d, not %d", limit, got, within)
	}
	if len(in) == 0 {
		return
	}
	least, most := Never, int64(-1)
	for _, x := range in {
		least, most = min(least, s[x].slice), max(most, s[x].slice)
	}
	if r := s[q.root]; r.minSlice != least || r.maxSlice != most {
		t.Fatalf("slices from %d to %d, not from %d to %d", r.minSlice, r.maxSlice, least, most)
	}
}

// A queue of 100,000 that is filled in the order of its keys is not deep.
func TestQueueIsNotDeep(t *testing.T) {
	const n = 100_000
	s := make(nodes, n)
	q := newQueue()
	for i := range Task(n) {
		s[i].key = int64(i)
		s.insert(&q, i)
	}
	var depth func(t Task) int
	depth = func(t Task) int {
		if t == NoTask {
			return 0
		}
		return 1 + max(depth(s[t].left), depth(s[t].right))
	}
	if got := depth(q.root); got > 60 { // 2·ln n is 23, for the mean depth
		t.Errorf("it is %d deep", got)
	}
}

func BenchmarkSwitch(b *testing.B) {
	for _, name := range Names() {
		for _, n := range []int{2, 1000, 100_000} {
			b.Run(name+"/"+strconv.Itoa(n), func(b *testing.B) { benchmarkSwitch(b, name, n) })
		}
	}
}

// benchmarkSwitch measures what it costs that n hogs on one CPU take turns.
func benchmarkSwitch(b *testing.B, name string, n int) {
	p, err := New(name, Config{CPUs: 1, Tick: ms})
	if err != nil {
		b.Fatal(err)
	}
	for i := range Task(n) {
		p.Add(i, Attr{})
		p.Enqueue(0, i, 0, Created)
	}
	b.ReportAllocs()
	now := int64(0)
	for b.Loop() {
		p.Pick(0, now)
		now += 4 * ms
		p.Tick(0, now)
		p.Put(0, now, Preempted)
	}
}
