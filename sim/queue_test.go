package sim

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"github.com/fibsim/fibsim/workloads"
)

// oracle is a queue that anybody can see is right: a slice, sorted anew for every
// question. Go's stable sort keeps the order of scheduling.
type oracle struct {
	now     int64
	events  []Event
	handles []Handle // that the queue under test gave for them
}

func (o *oracle) schedule(e Event, h Handle) {
	at, _ := slices.BinarySearchFunc(o.events, e, func(a, b Event) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Kind.Prio(), b.Kind.Prio()), -1)
	})
	o.events, o.handles = slices.Insert(o.events, at, e), slices.Insert(o.handles, at, h)
}

func (o *oracle) cancel(h Handle) bool {
	i := slices.Index(o.handles, h)
	if i < 0 {
		return false
	}
	o.events, o.handles = slices.Delete(o.events, i, i+1), slices.Delete(o.handles, i, i+1)
	return true
}

func (o *oracle) peek() (Event, bool) {
	if len(o.events) == 0 {
		return Event{}, false
	}
	return o.events[0], true
}

func (o *oracle) next() (Event, bool) {
	e, ok := o.peek()
	if ok {
		o.events, o.handles, o.now = slices.Delete(o.events, 0, 1), slices.Delete(o.handles, 0, 1), e.Time
	}
	return e, ok
}

// pair drives a Queue and the oracle alike and compares every answer.
type pair struct {
	*testing.T
	q       *Queue
	o       oracle
	handles []Handle // all that were ever given
	args    int32
}

func newPair(t *testing.T) *pair { return &pair{T: t, q: NewQueue()} }

func (p *pair) schedule(delay int64, prio uint8) {
	p.args++
	e := Event{Time: p.q.Now() + delay, ID: -p.args, Arg: p.args ^ -(p.args & 1), Kind: Kind(uint8(p.args)) + Kind(prio)*Prio}
	h := p.q.Schedule(e)
	if h.None() || slices.Contains(p.o.handles, h) {
		p.Fatalf("handle %v names nothing, or another event that is to happen", h)
	}
	p.handles = append(p.handles, h)
	p.o.schedule(e, h)
	p.same()
}

func (p *pair) cancel(h Handle) {
	if got, want := p.q.Cancel(h), p.o.cancel(h); got != want {
		p.Fatalf("Cancel(%v) is %t, want %t", h, got, want)
	}
	p.same()
}

func (p *pair) next() {
	got, ok := p.q.Next()
	if want, there := p.o.next(); got != want || ok != there {
		p.Fatalf("Next: %+v, %t; want %+v, %t", got, ok, want, there)
	}
	p.same()
}

func (p *pair) peek() {
	got, ok := p.q.Peek()
	want, there := p.o.peek()
	if got != want || ok != there {
		p.Fatalf("Peek: %+v, %t; want %+v, %t", got, ok, want, there)
	}
	for _, at := range [...]int64{p.q.Now(), want.Time - 1, want.Time} {
		if quiet := !there || want.Time > at; p.q.Quiet(at) != quiet {
			p.Fatalf("Quiet(%d): %t, and the first event is %+v, %t", at, !quiet, want, there)
		}
	}
	p.same()
}

func (p *pair) same() {
	if p.q.Len() != len(p.o.events) || p.q.Now() != p.o.now {
		p.Fatalf("%d events at %d ns, want %d at %d", p.q.Len(), p.q.Now(), len(p.o.events), p.o.now)
	}
}

func (p *pair) drain() {
	for p.q.Len() > 0 {
		p.next()
	}
	p.next()
	p.peek()
}

// Whatever the caller does, the queue answers as the oracle does. The settings
// range from all events at one time to none at the same, from one priority to many,
// and from no cancellations to more than there are events.
func TestQueueAgainstOracle(t *testing.T) {
	for setting := range 36 {
		s := workloads.NewStream(1, "queue", setting, "test")
		spread := []uint64{1, 2, 10, 1000, 1e6, 1e12}[setting%6]
		prios := []uint64{1, 3, 1 << 8}[setting/6%3]
		cancels := uint64(setting / 18 * 4)
		p := newPair(t)
		for step := range 4000 {
			// The queue grows to some hundred events, shrinks, and grows again.
			grow := uint64(5)
			if step/500%2 == 1 {
				grow = 2
			}
			switch d := s.Uint64() % (8 + cancels); {
			case d < grow:
				p.schedule(int64(s.Uint64()%spread), uint8(s.Uint64()%prios))
			case d < 7:
				p.next()
			case d == 7:
				p.peek()
			case d == 8 && len(p.handles) > 0: // any, most of them gone
				p.cancel(p.handles[s.Uint64()%uint64(len(p.handles))])
			case len(p.o.handles) > 0: // one that is there
				p.cancel(p.o.handles[s.Uint64()%uint64(len(p.o.handles))])
			}
		}
		p.drain()
	}
}

// Among thousands of events a bucket with more of them is sorted at once: here nearly each of those of
// the second level has 65 to 128, with many of one time, of other priorities, and cancelled ones between.
func TestQueueOfManyAgainstOracle(t *testing.T) {
	s := workloads.NewStream(1, "queue", 0, "many")
	p := newPair(t)
	const events, spread = 10_000, 6_500 // 98 of them in 64 ns
	for range events {
		p.schedule(int64(s.Uint64()%spread), uint8(s.Uint64()%3))
	}
	for range events {
		p.next()
		p.schedule(int64(s.Uint64()%spread), uint8(s.Uint64()%3))
		if s.Uint64()%8 == 0 {
			p.cancel(p.o.handles[s.Uint64()%uint64(len(p.o.handles))])
		}
	}
	p.drain()
}

// At the present moment it is the queue that says which events have not happened, also where these are many of
// different priorities, and a new one can come before those that have.
func TestCancelAtThePresentMoment(t *testing.T) {
	for _, prios := range []uint64{1, 1 << 8} {
		s := workloads.NewStream(1, "queue", int(prios), "moment")
		p := newPair(t)
		for round := range 3 {
			for range 1000 {
				p.schedule(max(0, 5-p.q.Now()), uint8(s.Uint64()%prios))
			}
			for range 600 {
				p.next()
				p.schedule(0, uint8(s.Uint64()%prios))
				p.cancel(p.handles[s.Uint64()%uint64(len(p.handles))])
				if later := p.handles[len(p.handles)-1]; s.Uint64()%4 == 0 {
					p.schedule(int64(s.Uint64()%3), uint8(s.Uint64()%prios))
					p.cancel(later)
				}
			}
			if p.q.Now() != 5 || p.q.near.heap != (prios > 1) {
				t.Errorf("round %d with %d priorities, at %d ns: a heap is %t", round, prios, p.q.Now(), p.q.near.heap)
			}
			for p.q.near.heap || len(p.o.handles) > 400 { // until they are swept, and are no heap any longer
				p.cancel(p.o.handles[s.Uint64()%uint64(len(p.o.handles))])
			}
			for range 100 {
				p.next()
			}
		}
		for _, h := range p.handles {
			p.cancel(h)
			p.cancel(h)
		}
		p.drain()
	}
}

// Many events that are scheduled in order stand in near, which sees only then that it is too long when one comes in between: the
// later ones go to the buckets, and near is short from then on.
func TestQueueOfAnOrderedStart(t *testing.T) {
	s := workloads.NewStream(1, "queue", 0, "ordered")
	p := newPair(t)
	for i := range int64(3000) {
		p.schedule(10*i, 0)
	}
	for i := range 3000 {
		p.next()
		p.schedule(int64(s.Uint64()%30_000), 0)
		if n := p.q.near.len(); i > 1 && (n > 2*blockLen || p.q.near.heap) {
			t.Fatalf("near has %d events, as a heap: %t", n, p.q.near.heap)
		}
	}
	p.drain()
}

// Events that lie far ahead while thousands of others come and go are still there, can be
// cancelled, and come last.
func TestQueueKeepsLongLivedEvents(t *testing.T) {
	s := workloads.NewStream(1, "queue", 0, "long")
	p := newPair(t)
	for i := range 40 {
		p.schedule(1e15+int64(s.Uint64()%1000), uint8(i%3))
	}
	long := slices.Clone(p.handles)
	for range 20_000 {
		p.schedule(int64(s.Uint64()%1000), 0)
		p.next()
	}
	for i, h := range long {
		if i%2 == 0 {
			p.cancel(h)
			p.cancel(h) // it is gone
		}
	}
	p.drain()
}

// FuzzQueue decodes each byte as something to do and compares with the oracle, which takes
// a time quadratic in the number of events: long scripts are cut off.
func FuzzQueue(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 200, 201, 202, 203, 255, 250})
	f.Add([]byte("the quick brown fox jumps over the lazy dog"))
	f.Fuzz(func(t *testing.T, script []byte) {
		p := newPair(t)
		for i, b := range script[:min(len(script), 1000)] {
			low := int64(b & 15)
			switch b >> 4 {
			case 0, 1, 2: // at most 15 ns ahead
				p.schedule(low, uint8(b>>4))
			case 3, 4: // at any distance, by powers of 16
				p.schedule(1<<(4*low%61), 1)
			case 5: // just before and after such a distance
				p.schedule(max(0, 1<<(4*low%61)-p.q.Now()+int64(i%3)-1), uint8(i))
			case 6: // many at one time
				for range 20 {
					p.schedule(low, uint8(i)&1)
				}
			case 7, 8:
				p.peek()
			case 9: // of an event that there is not, and of one that there is not yet
				p.cancel(Handle{low, uint64(i) % (1 << kindBits)})
				p.cancel(Handle{p.q.Now() + low, rankOf(Kind(i), p.q.last+1)})
			case 10, 11, 12:
				if len(p.handles) > 0 {
					p.cancel(p.handles[(int(low)*7+i)%len(p.handles)])
				}
			default:
				p.next()
			}
			if p.q.Now() > 1<<61 {
				break // the next far event would be after the end of time
			}
		}
		p.drain()
	})
}

// Events of the same time and priority happen in the order in which they were
// scheduled, also when they are scheduled at that very time.
func TestFIFOAmongEquals(t *testing.T) {
	q := NewQueue()
	scheduled := int32(0)
	schedule := func(prio int) {
		scheduled++
		q.Schedule(Event{Time: 5, Arg: scheduled, Kind: Kind(prio) * Prio})
	}
	for i := range 1000 {
		schedule(i % 3)
	}
	var last Event
	for n := 0; q.Len() > 0; n++ {
		e, _ := q.Next()
		if e.Time != 5 || e.Kind < last.Kind || e.Kind == last.Kind && e.Arg < last.Arg {
			t.Fatalf("%+v comes after %+v", e, last)
		}
		if n < 1000 {
			schedule(4)
			schedule(3)
		}
		last = e
	}
	if scheduled != 3000 || last.Kind != 4*Prio {
		t.Errorf("%d events, the last %+v", scheduled, last)
	}
}

// An event before the present is a mistake of the model, and the engine says so.
func TestScheduleInThePastPanics(t *testing.T) {
	q := NewQueue()
	q.Schedule(Event{Time: 10})
	q.Schedule(Event{Time: 20})
	q.Next()
	q.Peek()
	q.Schedule(Event{Time: 10}) // now is not the past
	defer func() {
		if got, want := recover(), "sim: event at 9 ns scheduled at 10 ns, which is later"; got != want {
			t.Errorf("got %v, want %q", got, want)
		}
	}()
	q.Schedule(Event{Time: 9})
}

// All of time can be used: from 0 to the last nanosecond, and what is before 0 is past.
func TestEndsOfTime(t *testing.T) {
	q := NewQueue()
	q.Schedule(Event{Time: math.MaxInt64, Arg: 2})
	q.Schedule(Event{Time: math.MaxInt64, Arg: 1})
	q.Schedule(Event{Time: math.MaxInt64, Arg: 3, Kind: 255 * Prio})
	q.Schedule(Event{Time: 0, Arg: 0})
	for _, want := range []int32{0, 2, 1, 3} {
		if e, ok := q.Next(); !ok || e.Arg != want {
			t.Errorf("%+v, %t; want %d", e, ok, want)
		}
	}
}

// A handle outlives its event without harm.
func TestHandlesAreUsedOnce(t *testing.T) {
	q := NewQueue()
	seen := map[Handle]bool{{}: true}
	for i := range 10_000 {
		h := q.Schedule(Event{Time: int64(i)})
		if seen[h] {
			t.Fatalf("handle %v for two events", h)
		}
		seen[h] = true
		if i%3 == 0 && !q.Cancel(h) {
			t.Fatal("an event cannot be cancelled")
		} else if i%3 != 0 {
			q.Next()
		}
		if q.Cancel(h) {
			t.Fatal("an event was cancelled after its time")
		}
	}
	for h := range seen {
		if q.Cancel(h) {
			t.Fatalf("handle %v names an event of an empty queue", h)
		}
	}
}

// Timers that are set and cancelled for ever, as time-outs are, take no room in the queue, which
// gets rid of what was cancelled long before its time comes; of each is left a bit.
func TestCancelledEventsAreSwept(t *testing.T) {
	q := NewQueue()
	q.Schedule(Event{Time: 1 << 50, Arg: 1})
	for range 100_000 {
		if !q.Cancel(q.Schedule(Event{Time: 1 << 40})) {
			t.Fatal("cannot be cancelled")
		}
	}
	if n := q.near.len() + q.far.n; n > 4*fewDead {
		t.Errorf("%d entries for 2 events", n)
	}
	if e, ok := q.Next(); !ok || e.Arg != 1 || q.Len() != 0 {
		t.Errorf("%+v, %t, %d left", e, ok, q.Len())
	}
}

// In the steady state nothing is allocated, whatever the pattern of use.
func TestQueueDoesNotAllocate(t *testing.T) {
	for _, spread := range []uint64{1, 1000, 1e9} {
		q, s := NewQueue(), workloads.NewStream(1, "queue", 0, "allocations")
		turns := int64(0)
		turn := func() {
			turns++
			for range 5000 {
				e, _ := q.Next()
				begin := max(e.Time, turns) // time goes on in each turn, if only once
				q.Cancel(q.Schedule(Event{Time: begin + int64(s.Uint64()%spread), Kind: Prio}))
				q.Peek()
				q.Schedule(Event{Time: begin + int64(s.Uint64()%spread), Kind: e.Kind})
			}
		}
		for i := range 500 {
			q.Schedule(Event{Time: int64(s.Uint64() % spread), Kind: Kind(i%2) * Prio})
		}
		for range 60 {
			turn() // reaches the size that it needs
		}
		if n := testing.AllocsPerRun(20, turn); n != 0 {
			t.Errorf("spread %d: %v allocations in five thousand events", spread, n)
		}
	}
}
