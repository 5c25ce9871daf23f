package machine

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/workloads"
)

// Locks and queues of the program.

// A lock that is free is taken without letting the interpreter's go: a thread that
// uses one a thousand times takes the interpreter's once.
func TestFreeLockKeepsTheInterpreters(t *testing.T) {
	p := withLocks(once(underLock("cpython-3", 0, groupOf("a", 1, lockOf(0), spinFor(1*us), unlockOf(0)))), "x")
	p.Threads[0].Times = 1000
	r := runs(t, p, free())
	if got := fact(r, "takes"); got != int64(1) {
		t.Errorf("%v takes of the interpreter's lock", got)
	}
}

// One at a time: sections under one lock do not overlap although there is a CPU for
// each thread; under locks of their own they do.
func TestSectionsExcludeEachOther(t *testing.T) {
	for _, c := range []Config{{CPUs: 4, Scheduler: "fifo"}, {CPUs: 4, Native: true}, {CPUs: 2}} {
		section := func(ref int) workloads.Group {
			return groupOf([]string{"a", "b", "c"}[ref], 1, lockOf(ref), nogilFor(300*us), unlockOf(ref), sleepFor(50*us))
		}
		shared := withLocks(underLock("none", 30*ms), "x", "y", "z")
		own := *shared
		for i := range 3 {
			own.Threads = append(own.Threads, section(i))
			g := section(i)
			g.Body = section(0).Body
			shared.Threads = append(shared.Threads, g)
		}
		sum := func(p *workloads.Program) (nogil int64) {
			r := runs(t, p, c)
			for _, g := range r.Groups {
				nogil += total(r, g.Name).NoGIL
			}
			return nogil
		}
		if one, all := sum(shared), sum(&own); one > int64(31*ms) || one < int64(15*ms) || all < one*3/2 {
			t.Errorf("%+v: %d ns inside sections of one lock, %d ns inside those of three", c, one, all)
		}
	}
}

// The lock is handed to nobody: a thread that lets go and takes it again at once is
// faster than the one that it has woken.
func TestLockBarges(t *testing.T) {
	p := withLocks(underLock("none", 20*ms, groupOf("a", 1, lockOf(0), nogilFor(1*ms), unlockOf(0)), groupOf("b", 1, spinFor(100*us), lockOf(0), unlockOf(0))), "x")
	r := runs(t, p, Config{CPUs: 2})
	if a, b := total(r, "a").Iterations, rows(r, "b", 0); a < 19 || len(b) != 1 || b[0].End < int64(20*ms) {
		t.Errorf("%d iterations, and %+v", a, b)
	}
}

// The convoy: who sleeps with a lock of the program keeps it until he has the
// interpreter's again, which next to a thread that computes takes an interval. So long
// others wait, and then they have to come for the interpreter's, too.
func TestLockConvoy(t *testing.T) {
	ends := func(hogs int) int64 {
		p := once(withLocks(underLock("cpython-3", 0, groupOf("hog", hogs, spinFor(100*ms)),
			groupOf("holder", 1, lockOf(0), sleepFor(1*ms), unlockOf(0)), groupOf("user", 1, lockOf(0), unlockOf(0))), "x"))
		p.Threads[0].Start, p.Threads[2].Start = 800*us, 500*us
		return rows(runs(t, p, Config{CPUs: 4, Costs: &Costs{}, Scheduler: "fifo"}), "user", 0)[0].End
	}
	if end := ends(0); end != int64(1*ms) {
		t.Errorf("alone it has the lock at %d", end)
	}
	if end := ends(1); end < int64(6*ms) || end > int64(11*ms+10*us) {
		t.Errorf("next to a hog it has the lock at %d", end)
	}
}

// Items go through a queue in the time that its slower end takes. A queue of one item
// holds the faster end back; one without a limit does not.
func TestQueuePaces(t *testing.T) {
	ends := func(size int, produce, consume time.Duration) (made, used []int64) {
		p := withQueues(underLock("none", 10*ms, groupOf("make", 1, nogilFor(produce), sendTo(0)), groupOf("use", 1, recvFrom(0), nogilFor(consume))), size)
		r := runs(t, p, free())
		for _, s := range rows(r, "make", 0) {
			made = append(made, s.End/int64(ms))
		}
		for _, s := range rows(r, "use", 0) {
			used = append(used, s.End/int64(ms))
		}
		return made, used
	}
	if made, used := ends(0, 1*ms, 2*ms); !slices.Equal(made, []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}) || !slices.Equal(used, []int64{3, 5, 7, 9, 11}) {
		t.Errorf("without a limit: made at %v, used at %v", made, used)
	}
	if made, used := ends(1, 1*ms, 3*ms); !slices.Equal(made, []int64{1, 2, 4, 7}) || !slices.Equal(used, []int64{4, 7, 10}) {
		t.Errorf("with room for one: made at %v, used at %v", made, used)
	}
	if made, used := ends(1, 2*ms, 1*ms); !slices.Equal(made, []int64{2, 4, 6, 8, 10}) || !slices.Equal(used, []int64{3, 5, 7, 9, 11}) {
		t.Errorf("when the consumer is faster: made at %v, used at %v", made, used)
	}
}

// A thread that waits in a queue lets the interpreter's lock go, and has to come for
// it: next to one that computes, an item costs its consumer an interval.
func TestQueueNextToAHog(t *testing.T) {
	p := withQueues(underLock("cpython-3", time.Second, groupOf("hog", 1, spinFor(time.Hour)),
		groupOf("make", 1, sleepFor(20*ms), sendTo(0)), groupOf("use", 1, recvFrom(0))), 0)
	r := runs(t, p, Config{CPUs: 4, Costs: &Costs{}, Scheduler: "fifo"})
	s := total(r, "use")
	// 20 ms of sleep, an interval of the producer's and one of its own.
	if mean := s.LatencySum / s.Iterations; mean < int64(25*ms) || mean > int64(31*ms) {
		t.Errorf("an item takes %d ns", mean)
	}
}

// What an operation of a queue costs is spent with the interpreter's lock, so that two
// threads that hand an item back and forth do nothing at the same time: a round is two
// puts and two gets, and each get begins anew when it has waited.
func TestQueueCostsAreSpentWithTheLock(t *testing.T) {
	p := withQueues(underLock("cpython-3", 60*ms, groupOf("ping", 1, sendTo(0), recvFrom(1)), groupOf("pong", 1, recvFrom(0), sendTo(1))), 1, 1)
	r := runs(t, p, Config{CPUs: 4, Scheduler: "fifo", Costs: &Costs{QueueItem: int64(1 * ms)}})
	if n := total(r, "ping").Iterations; n < 9 || n > 15 {
		t.Errorf("%d rounds in 60 ms, each of four to six operations of 1 ms", n)
	}
	for _, name := range []string{"ping", "pong"} {
		if s := total(r, name); s.Run < 2*int64(ms)*s.Iterations {
			t.Errorf("%s has the lock for %d ns in %d iterations, each of two operations of 1 ms", name, s.Run, s.Iterations)
		}
	}
}

// Threads that wait for each other for ever are an error that names them, where the
// run is to go on until all is done.
func TestDeadlock(t *testing.T) {
	crossed := func() *workloads.Program {
		return withLocks(underLock("cpython-3", 0,
			groupOf("a", 1, lockOf(0), sleepFor(1*ms), lockOf(1), unlockOf(1), unlockOf(0)),
			groupOf("b", 1, lockOf(1), sleepFor(1*ms), lockOf(0), unlockOf(0), unlockOf(1))), "x", "y")
	}
	starved := func() *workloads.Program {
		return withQueues(underLock("cpython-3", 0, groupOf("a", 2, recvFrom(0)), groupOf("b", 1, sendTo(1))), 0, 1)
	}
	for want, p := range map[string]*workloads.Program{
		"deadlock after 1ms: a-0 waits for lock y, which b-0 has; b-0 waits for lock x, which a-0 has":                                                        crossed(),
		"a-0 waits to receive from queue 0, which is empty; a-1 waits to receive from queue 0, which is empty; b-0 waits to send into queue 1, which is full": starved(),
	} {
		once(p)
		for i := range p.Threads {
			p.Threads[i].Times = 2
		}
		_, err := Run(p, free(), nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		// With a window they are cut off.
		p.UntilDone, p.Duration = false, 5*ms
		r := runs(t, p, free())
		if len(r.Warnings) != 1 || r.Warnings[0].Code != "cut-off" {
			t.Errorf("warnings %v", r.Warnings)
		}
	}
}

// Nobody lets go of a lock that is another's.
func TestUnlockOfAnothers(t *testing.T) {
	p := withLocks(underLock("none", ms, groupOf("a", 1, lockOf(0), sleepFor(1*ms), unlockOf(0)), groupOf("b", 1, spinFor(1*us), unlockOf(0))), "x")
	if _, err := Run(p, free(), nil); err == nil || !strings.Contains(err.Error(), "b-0 lets go of lock x, which it does not have") {
		t.Errorf("got %v", err)
	}
}
