package policy

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// line is waiters written a second time, as one slice that is searched.
type line struct {
	order     WakeOrder
	threads   []place // in the order in which they queued
	group     int     // of the older ones
	signalled map[Thread]bool
}

type place struct {
	thread Thread
	group  int
	queued int64
}

func (l *line) queue(t Thread, now int64) {
	l.threads = append(l.threads, place{t, l.group + 1, now})
}

func (l *line) leave(t Thread) (signalled bool) {
	if l.signalled[t] {
		delete(l.signalled, t)
		return true
	}
	l.threads = slices.DeleteFunc(l.threads, func(p place) bool { return p.thread == t })
	return false
}

func (l *line) signal(now int64) (t, vain Thread) {
	inOlder := func(p place) bool { return l.order == FIFO || p.group <= l.group }
	if !slices.ContainsFunc(l.threads, inOlder) {
		l.group++
	}
	var older []place
	for _, p := range l.threads {
		if inOlder(p) {
			older = append(older, p)
		}
	}
	if len(older) == 0 {
		return Nobody, Nobody
	}
	choice, vain := older[0], Nobody
	if newest := older[len(older)-1]; l.order == Glibc236 && now-newest.queued < int64(1000+100*newest.thread) {
		if choice != newest {
			vain = choice.thread
			l.leave(vain)
			l.threads = append(l.threads, choice) // it sleeps once more, the last of its group
		}
		choice = newest
	}
	l.leave(choice.thread)
	l.signalled[choice.thread] = true
	return choice.thread, vain
}

// The linked lists choose as a search through all waiters does.
func TestWaitersAgainstSlices(t *testing.T) {
	for _, order := range []WakeOrder{FIFO, Glibc236} {
		for seed := range uint64(200) {
			random := rand.New(rand.NewPCG(seed, 0))
			w := newWaiters(order, func(t Thread) int64 { return int64(1000 + 100*t) })
			l := &line{order: order, signalled: map[Thread]bool{}}
			in := map[Thread]bool{}
			now := int64(0)
			for range 300 {
				now += random.Int64N(1200)
				th := Thread(random.IntN(8))
				switch {
				case random.IntN(3) == 0:
					got, vain := w.signal(now)
					if want, other := l.signal(now); got != want || vain != other {
						t.Fatalf("%s, seed %d: the signal reaches %d and wakes %d in vain, want %d and %d", order, seed, got, vain, want, other)
					}
				case in[th]:
					if got, want := w.leave(th, true), l.leave(th); got != want {
						t.Fatalf("%s, seed %d: %d leaves, signalled %t, want %t", order, seed, th, got, want)
					}
					in[th] = false
				default:
					w.queue(th, now)
					l.queue(th, now)
					in[th] = true
				}
				if w.waiting() != (len(l.threads) > 0) || w.underway() != (len(l.signalled) > 0) {
					t.Fatalf("%s, seed %d: waiting %t, under way %t, want %d and %d threads", order, seed, w.waiting(), w.underway(), len(l.threads), len(l.signalled))
				}
			}
		}
	}
}

// A sleeper that is woken for a signal which another has taken sleeps once more, behind the others of its group: Linux queues who calls
// futex(2) at the tail.
func TestWhoIsWokenInVainSleepsLast(t *testing.T) {
	w := newWaiters(Glibc236, func(Thread) int64 { return 1000 })
	for th, queued := range []int64{0, 0, 0, 9_500} {
		w.queue(Thread(th), queued)
	}
	for i, want := range [][2]Thread{{3, 0}, {1, Nobody}, {2, Nobody}, {0, Nobody}, {Nobody, Nobody}} {
		if got, vain := w.signal(int64(10_000 + 5000*i)); got != want[0] || vain != want[1] {
			t.Errorf("signal %d reaches %d and wakes %d in vain, want %v", i, got, vain, want)
		}
	}
}

// With the host's order only numbers are known: signals can be under way to no
// more threads than wait.
func TestHostOrderCounts(t *testing.T) {
	w := newWaiters(HostOrder, nil)
	if got, vain := w.signal(0); got != Anyone || vain != Nobody || w.underway() {
		t.Error("a signal that finds nobody must be lost")
	}
	w.queue(0, 0)
	w.queue(1, 0)
	for range 3 {
		w.signal(0)
	}
	if !w.underway() || w.waiting() {
		t.Error("both waiters must have been reached")
	}
	w.leave(0, false) // its time-out came first; the signals are still there
	if !w.underway() {
		t.Error("the signal for the other waiter is lost")
	}
	w.leave(1, true)
	if w.underway() || w.waiting() {
		t.Error("nobody waits, and nobody is under way")
	}
}

// What breaks the contract panics at once: the history would be wrong ever after.
func TestBrokenContractPanics(t *testing.T) {
	cases := map[string]func(p Policy){
		"release of a free lock":     func(p Policy) { p.Step(Input{Kind: Release, Thread: 0}, nil) },
		"exit without the lock":      func(p Policy) { p.Step(Input{Kind: Exit, Thread: 0}, nil) },
		"release by another thread":  func(p Policy) { take(p, 0); p.Step(Input{Kind: Release, Thread: 1}, nil) },
		"second release":             func(p Policy) { take(p, 0); release(p, 0); release(p, 0) },
		"waiter that takes again":    func(p Policy) { take(p, 0); take(p, 1); take(p, 1) },
		"input that there is not":    func(p Policy) { p.Step(Input{Kind: 99}, nil) },
		"release by one that let go": func(p Policy) { take(p, 0); release(p, 0); take(p, 1); release(p, 0) },
	}
	for name, f := range cases {
		for _, lock := range []string{"cpython-2", "cpython-3"} {
			t.Run(lock+"/"+name, func(t *testing.T) {
				p, err := New(lock, nil)
				if err != nil {
					t.Fatal(err)
				}
				defer func() {
					if recover() == nil {
						t.Error("no panic")
					}
				}()
				f(p)
			})
		}
	}
}

func take(p Policy, t Thread)    { p.Step(Input{Kind: Take, Thread: t}, nil) }
func release(p Policy, t Thread) { p.Step(Input{Kind: Release, Thread: t}, nil) }

// What Traits.Ahead promises of each input that a driver may give late (CPython,
// Python/ceval_gil.c: the loop of take_gil, and its end).
func TestAhead(t *testing.T) {
	const interval = int64(5 * time.Millisecond)
	one := func(d ...Decision) []Decision { return d }
	for _, c := range []struct {
		name  string
		begin []Input // then the holder is 0, or nobody
		in    Input   // Wait is filled in
		want  []Decision
	}{
		{"take, free", nil, Input{Kind: Take, Thread: 1},
			one(Decision{Kind: Grant, Thread: 1, Prev: Nobody})},
		{"take, held", []Input{{Kind: Take, Thread: 0}}, Input{Kind: Take, Thread: 1},
			one(Decision{Kind: Park, Thread: 1, Timeout: interval})},
		{"woken, free", []Input{{Kind: Take, Thread: 0}, {Kind: Take, Thread: 1}, {Kind: Release, Thread: 0}},
			Input{Kind: Woken, Thread: 1}, one(Decision{Kind: Grant, Thread: 1, Prev: 0})},
		{"woken, held", []Input{{Kind: Take, Thread: 0}, {Kind: Take, Thread: 1}, {Kind: Release, Thread: 0}, {Kind: Take, Thread: 0}},
			Input{Kind: Woken, Thread: 1}, one(Decision{Kind: Park, Thread: 1, Timeout: interval})},
		{"timed out, free", []Input{{Kind: Take, Thread: 0}, {Kind: Take, Thread: 1}, {Kind: Release, Thread: 0}},
			Input{Kind: TimedOut, Thread: 1}, one(Decision{Kind: Grant, Thread: 1, Prev: 0})},
		{"timed out, same hands", []Input{{Kind: Take, Thread: 0}, {Kind: Take, Thread: 1}}, Input{Kind: TimedOut, Thread: 1},
			one(Decision{Kind: Ask, Thread: 0, By: 1}, Decision{Kind: Park, Thread: 1, Timeout: interval})},
		{"timed out, same hands after a release",
			[]Input{{Kind: Take, Thread: 0}, {Kind: Take, Thread: 1}, {Kind: Release, Thread: 0}, {Kind: Take, Thread: 0}},
			Input{Kind: TimedOut, Thread: 1},
			one(Decision{Kind: Ask, Thread: 0, By: 1}, Decision{Kind: Park, Thread: 1, Timeout: interval})},
		{"timed out, other hands",
			[]Input{{Kind: Take, Thread: 0}, {Kind: Take, Thread: 1}, {Kind: Release, Thread: 0}, {Kind: Take, Thread: 2}},
			Input{Kind: TimedOut, Thread: 1}, one(Decision{Kind: Park, Thread: 1, Timeout: interval})},
		{"after a request, free",
			[]Input{{Kind: Take, Thread: 0}, {Kind: Take, Thread: 1}, {Kind: TimedOut, Thread: 1}, {Kind: Release, Thread: 0, Why: Asked}},
			Input{Kind: Woken, Thread: 1}, one(Decision{Kind: Grant, Thread: 1, Prev: 0}, Decision{Kind: Wake, Thread: 0})},
	} {
		p := WithHostOrder(must(New("cpython-3", nil)))
		if !p.Traits().Ahead {
			t.Fatal("what the lock of CPython 3 decides can be known")
		}
		waits := map[Thread]uint64{}
		step := func(in Input) []Decision {
			in.Wait = waits[in.Thread]
			out := p.Step(in, nil)
			for i := range out {
				if d := &out[i]; d.Kind == Park {
					waits[d.Thread] = d.Wait
				}
			}
			return out
		}
		for _, in := range c.begin {
			step(in)
		}
		got := step(c.in)
		for i := range got {
			got[i].Wait, got[i].Barged = 0, false // of no concern to the driver's waits
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func must(p Policy, err error) Policy {
	if err != nil {
		panic(err)
	}
	return p
}
