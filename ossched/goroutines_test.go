package ossched

import (
	"fmt"
	"slices"
	"testing"
)

// A slice that begins at a random time lasts 10 to 20 ms, uniformly: sysmon sees it
// up to 10 ms after it began, and again 10 ms later.
func TestGoSlices(t *testing.T) {
	random := chance(7)
	var slices10 [10]int
	const n = 20_000
	sum := int64(0)
	for range n {
		p := newGo(t, 1, 1)
		begin := int64(random.below(1_000_000_000))
		p.Enqueue(0, 0, begin, Created)
		p.Pick(0, begin)
		p.Put(0, begin, Yielded) // so that it does not come from the slot
		p.Pick(0, begin)
		end := p.Next(0, begin)
		if p.Tick(0, end-1) || !p.Tick(0, end) {
			t.Fatal("Tick and Next disagree")
		}
		slice := end - begin
		if slice <= 10*ms || slice > 20*ms {
			t.Fatalf("a slice of %d", slice)
		}
		sum += slice
		slices10[(slice-10*ms-1)/ms]++
	}
	near(t, "mean in ms", float64(sum)/n/ms, 14.9, 15.1)
	for i, got := range slices10 {
		near(t, fmt.Sprintf("part of slices of %d to %d ms", 10+i, 11+i), float64(got)/n, .09, .11)
	}
}

// Hogs alone are in step with sysmon: each begins right after a look, and has 20 ms,
// but for the two that come from the slot in the beginning.
func TestGoHogsAlternate(t *testing.T) {
	d := newDriver(t, "go", Config{}, hog(0), hog(0)).run(1000 * ms)
	for _, s := range d.segments[2:] {
		if s.to-s.from != 20*ms && s.to != 1000*ms {
			t.Errorf("a slice from %d to %d", s.from, s.to)
		}
	}
	if d.switches != 51 && d.switches != 50 {
		t.Errorf("%d switches in a second", d.switches)
	}
}

func newGo(t *testing.T, cpus, tasks int) *goroutines {
	t.Helper()
	p, err := New("go", Config{CPUs: cpus, Tick: ms})
	if err != nil {
		t.Fatal(err)
	}
	for i := range tasks {
		p.Add(Task(i), Attr{})
	}
	return p.(*goroutines)
}

// A goroutine that is woken runs next on the waker's P and throws out whoever was
// to run next; it inherits the slice, so that a pair that wakes each other is
// preempted as if it were one.
func TestGoRunNext(t *testing.T) {
	p := newGo(t, 1, 4)
	for i := range Task(4) {
		p.Enqueue(0, i, 0, Created)
	}
	var order []Task
	for now := int64(0); now < 4; now++ {
		order = append(order, p.Pick(0, now))
		p.Put(0, now+1, Exited)
	}
	if !slices.Equal(order, []Task{3, 0, 1, 2}) {
		t.Errorf("ran %v: the last made comes first, then the others in their order", order)
	}

	d := newDriver(t, "go", Config{},
		script{bursts: []int64{100_000}, sleeps: []int64{-1}, loop: true, wakes: true, peer: 1},
		script{bursts: []int64{100_000}, sleeps: []int64{-1}, loop: true, wakes: true, peer: 0, asleep: true},
		hog(0)).run(1000 * ms)
	if share := d.share(2); share < .45 || share > .55 {
		t.Errorf("a hog beside a pair that wakes each other gets %.3f", share)
	}
}

// The global queue is looked at before every 61st slice, and otherwise only when
// the P has nothing else.
func TestGoGlobalQueueEach61(t *testing.T) {
	p := newGo(t, 1, 200)
	for i := range Task(199) {
		p.Enqueue(0, i, 0, Created)
	}
	p.Pick(0, 0) // inherits: no slice begins
	p.Put(0, 0, Yielded)
	globals := 0
	for n := range 61 + 60 {
		before := p.global.n
		p.Pick(0, 1)
		if p.global.n < before {
			globals++
			if n != 0 && n != 61 {
				t.Errorf("slice %d came from the global queue", n)
			}
		}
		p.Put(0, 1, Yielded)
	}
	if globals != 2 {
		t.Errorf("%d slices of 121 came from the global queue", globals)
	}
}

// A P without work takes its share of the global queue: the first runs.
func TestGoBatch(t *testing.T) {
	p := newGo(t, 4, 100)
	for i := range Task(100) {
		p.enqueue(0, i, Created)
		p.global.push(i)
		p.queued++
	}
	p.ps[1].ticks = 1
	if got := p.Pick(1, 0); got != 0 || p.ps[1].local.n != 25 || p.global.n != 74 {
		t.Errorf("picked %d, %d in the ring, %d left", got, p.ps[1].local.n, p.global.n)
	}
}

// A thief takes half a ring, rounded up, and runs the last that it took; the slot
// only when there is no ring to take from.
func TestGoSteal(t *testing.T) {
	p := newGo(t, 2, 8)
	for i := range Task(8) {
		p.Enqueue(0, i, 0, Created) // 0 to 6 in the ring, 7 in the slot
	}
	if got := p.Pick(1, 0); got != 3 || p.ps[1].local.n != 3 || p.ps[0].local.n != 3 {
		t.Errorf("stole %d, has %d more, left %d", got, p.ps[1].local.n, p.ps[0].local.n)
	}
	p = newGo(t, 2, 1)
	p.Enqueue(0, 0, 0, Created)
	if got := p.Pick(1, 0); got != 0 {
		t.Errorf("did not steal from the slot: %d", got)
	}
}

// A full ring gives half of itself to the global queue, and the newcomer.
func TestGoOverflow(t *testing.T) {
	p := newGo(t, 1, 300)
	for i := range Task(258) { // 257 thrown out of the slot
		p.Enqueue(0, i, 0, Created)
	}
	if p.ps[0].local.n != 128 || p.global.n != 129 {
		t.Errorf("%d in the ring and %d in the global queue", p.ps[0].local.n, p.global.n)
	}
}

// New work wakes an idle P, unless all of them are busy or awake already.
func TestGoWakesIdlePs(t *testing.T) {
	p := newGo(t, 3, 5)
	for i, want := range []CPU{0, 1, 2, NoCPU} {
		if got := p.Enqueue(0, Task(i), 0, Created); got != want {
			t.Errorf("goroutine %d wakes %d, not %d", i, got, want)
		}
	}
}
