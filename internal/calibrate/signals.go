package calibrate

import (
	"context"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/sim/machine"
)

// signal is what became of one that a request brought about.
type signal struct {
	own   bool  // who asked had the lock next
	rest  int64 // ns for which nobody else had done anything on that one's CPU when its wait ended
	alone int64 // and on the holder's
	let   int64 // ns since that one had let the lock go then
}

// share is of how many signals the ones who asked had them.
type share struct{ own, all int }

func (s share) of() float64 { return float64(s.own) / float64(s.all) }

// held returns the share where another was likely before, as if so many signals more had told that.
func (s share) held(likely, signals float64) float64 {
	return (float64(s.own) + likely*signals) / (float64(s.all) + signals)
}

// shareOf returns that of the signals that count.
func shareOf(signals []signal, counts func(signal) bool) (of share) {
	for _, s := range signals {
		if !counts(s) {
			continue
		}
		if of.all++; s.own {
			of.own++
		}
	}
	return of
}

// every is for all signals.
func every(signal) bool { return true }

// bySlowness tells apart the signals of those who are slow to ask where waits time out after an interval.
func bySlowness(signals []signal, interval time.Duration) (prompt, late []signal) {
	for _, s := range signals {
		if machine.Slow(int64(interval), s.let) {
			late = append(late, s)
		} else {
			prompt = append(prompt, s)
		}
	}
	return prompt, late
}

// warmth is that of the CPU of the one who asked, by the rule of the model.
func (s signal) warmth(interval time.Duration) float64 {
	return machine.Warmth(int64(interval), s.rest, s.alone)
}

// rested reports of a signal whether the CPU of the one who asked had rested, or nearly so, or was no warmer than the holder's.
func rested(s signal, interval time.Duration) bool {
	const nearly = 0.2
	return s.warmth(interval) < nearly
}

// shareOfWarm returns the share that they have whose CPU has just worked, where those whose CPU has rested have another: the
// one with which, by least squares, a CPU that is half as warm has half of the difference. Before, a difference of less was likely, as if so many
// signals of warm CPUs had told that. False: nothing tells.
func shareOfWarm(signals []signal, interval time.Duration, rested, less, before float64) (float64, bool) {
	var sum, squares float64
	for _, s := range signals {
		warm := s.warmth(interval)
		squares += warm * warm
		if s.own {
			sum += warm * (1 - rested)
		} else {
			sum -= warm * rested
		}
	}
	if squares+before == 0 {
		return 0, false
	}
	return min(max(0, rested+(sum-less*before)/(squares+before)), 1), true
}

// race is what the log of one tells.
type race struct {
	signals []signal
	holds   []hold
}

// hold is how long the poller had the lock, in ns, when it had to wake who let it go.
type hold struct {
	length int64
	waits  bool // another waits for the lock, and is signalled in the end
}

// runRace has threads compute next to one that sleeps 1 ms at a time. Place puts them on two CPUs in
// turn, by their numbers from 0.
func runRace(ctx context.Context, interval, length time.Duration, hogs int, place func(number int)) (race, error) {
	rt, err := runtimeOf(interval, gil.Options{Keep: true})
	if err != nil {
		return race{}, err
	}
	defer rt.Close()
	until := rt.Now() + int64(length)
	rt.Go("poller", func(t *gil.Thread) {
		for t.PerfCounter() < until {
			t.Sleep(int64(time.Millisecond))
		}
	})
	compute(rt, hogs, until, place)
	if err := rt.Wait(ctx); err != nil {
		return race{}, err
	}
	return raceOf(rt.Log(make([]trace.Thread, len(rt.Threads()))), 0, inTurn), nil
}

// firstWork returns how much longer the poller had the lock than it takes to have it, to
// wake who let it go and, where the signal is sent before the release is noted, to signal another.
// There is nothing where it never had to. Where the kernel packs, who let it go is on the
// poller's CPU in half of the cases, in 0.46 to 0.55 of 257 to 335 with 20 ms and in 0.71 and 0.72 of 856 and 573 with 5 (AMD EPYC,
// Linux 6.18, November 2026), and no other has to be told then; who is signalled is on another.
func (r race) firstWork(c *machine.Costs, signalFirst bool) []Sample {
	if len(r.holds) == 0 {
		return nil
	}
	work := make([]int64, len(r.holds))
	wake := c.WakeCall
	if c.Pack > 0 {
		wake = (c.SystemCall + c.WakeCall) / 2
	}
	for i, h := range r.holds {
		calls := wake
		if signalFirst && h.waits {
			calls += c.WakeCall
		}
		work[i] = max(0, h.length-calls-c.ReleaseTake/2)
	}
	return []Sample{sorted(work)}
}

const nobody = int32(-1)

// inTurn says of two threads that compute whether runRace put them on one CPU.
func inTurn(a, b int32) bool { return (a-b)%2 == 0 }

// raceOf reads the log of threads that compute and a poller. It leaves out the requests of the
// poller, those while it does not wait, and those whose signal is for a group of waiters
// that the one who asked has not joined: it can't take that. Nor can one that is on the
// holder's CPU: the holder does not run before it sleeps.
func raceOf(log *trace.Log, poller int32, together func(a, b int32) bool) race {
	r := reader{poller: poller, together: together, threads: make([]racer, len(log.Threads)), holder: nobody, asker: nobody}
	for i := range log.Events {
		if e := &log.Events[i]; e.Kind.OfLock() {
			r.reads(e)
		}
	}
	return r.race
}

// reader goes through such a log.
type reader struct {
	race
	poller   int32
	together func(a, b int32) bool // on one CPU
	threads  []racer

	group  int // the older one of glibc's condition variable; who queues joins the next
	older  int // threads in it to whom no signal is on its way
	holder int32
	waits  bool  // the poller does
	asker  int32 // whose request is open and can be taken; nobody
	sent   bool  // the signal that answers it has been
	shakes bool  // who let go on request waits until another has the lock
	taken  int64
}

// racer is what is known of one thread.
type racer struct {
	group int   // that it waits in; 0: it does not wait
	acted int64 // when it was last seen to do something
	let   int64 // when it let the lock go last
	rest  int64 // for how long others had done nothing on its CPU when its wait ended
	alone int64 // and on the holder's
	held  int64 // and how long ago it had let the lock go then
}

func (r *reader) reads(e *trace.Event) {
	t := &r.threads[e.Thread]
	switch e.Kind {
	case trace.Ask:
		r.waits = r.waits || e.Thread == r.poller
	case trace.Wait:
		t.group = r.group + 1
	case trace.Woken:
		t.group = 0 // the signal took it from the older group
	case trace.TimedOut:
		r.leaves(t)
		t.rest, t.alone, t.held = e.Time-max(r.acted(e.Thread), r.threads[r.poller].acted), e.Time-r.acted(r.holder), e.Time-t.let
	case trace.Request:
		r.asker = nobody
		if r.waits && e.Thread != r.poller && !r.together(e.Thread, r.holder) {
			r.asker, r.sent = e.Thread, false
		}
	case trace.Handoff:
		if e.Other == nobody { // the other kind ends a hand-shake
			r.signalled()
		}
	case trace.Take:
		r.takes(e)
	case trace.Shake:
		r.shakes = true
	case trace.Forced:
		t.let = e.Time
	case trace.Release:
		t.let = e.Time
		if e.Thread == r.poller && r.taken > 0 {
			r.holds = append(r.holds, hold{e.Time - r.taken, r.anyWaits()})
		}
		r.taken = 0
	}
	t.acted = e.Time
}

func (r *reader) leaves(t *racer) {
	if t.group != 0 && t.group <= r.group {
		r.older = max(0, r.older-1) // its signal may have been sent, and goes to another
	}
	t.group = 0
}

// anyWaits reports whether a thread waits for a signal.
func (r *reader) anyWaits() bool {
	for i := range r.threads {
		if r.threads[i].group != 0 {
			return true
		}
	}
	return false
}

// acted returns when another that computes did something last on the CPU of such a thread. Where the poller was is not known. It counts
// for who asks alone: next to two threads with 5 ms that one had 0.33 to 0.38 of 617 signals up to 0.1 ms after the poller did something, and 0.67 of 4,173 after 2 ms.
// In the model it counts on the CPU that it has had, whosever that is.
func (r *reader) acted(on int32) (last int64) {
	for i := range r.threads {
		if n := int32(i); n != on && n != r.poller && r.together(n, on) {
			last = max(last, r.threads[i].acted)
		}
	}
	return last
}

// signalled is for a signal: it is for the older group, which is the next one where
// nobody is left there, and takes one away from it.
func (r *reader) signalled() {
	if r.older == 0 {
		r.group++
		for i := range r.threads {
			if r.threads[i].group == r.group {
				r.older++
			}
		}
	}
	r.older = max(0, r.older-1)
	if r.asker != nobody && !r.sent {
		if r.sent = true; r.threads[r.asker].group > r.group {
			r.asker = nobody
		}
	}
}

func (r *reader) takes(e *trace.Event) {
	if r.asker != nobody && r.sent {
		asker := &r.threads[r.asker]
		r.signals = append(r.signals, signal{own: e.Thread == r.asker, rest: asker.rest, alone: asker.alone, let: asker.held})
	}
	r.taken = 0
	if e.Thread == r.poller {
		r.waits = false
		if r.shakes {
			r.taken = e.Time
		}
	}
	r.holder, r.asker, r.shakes = e.Thread, nobody, false
}
