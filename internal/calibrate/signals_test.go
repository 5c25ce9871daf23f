package calibrate

import (
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/sim/machine"
)

// written is a log of these events, each 10 ns after the one before unless its time is given.
// Thread 0 is the poller. Who takes the lock while another shakes hands wakes that one; all
// other wakes are signals.
func written(threads int, events ...trace.Event) *trace.Log {
	log := &trace.Log{Threads: make([]trace.Thread, threads)}
	shaker := nobody
	for _, e := range events {
		switch e.Kind {
		case trace.Handoff:
			e.Other = nobody
		case trace.Shake:
			shaker = e.Thread
		}
		log.Events = append(log.Events, e)
		if e.Kind == trace.Take && shaker != nobody {
			log.Events = append(log.Events, trace.Event{Kind: trace.Handoff, Thread: e.Thread, Other: shaker})
			shaker = nobody
		}
	}
	now := int64(0)
	for i := range log.Events {
		e := &log.Events[i]
		if e.Time == 0 {
			e.Time = now + 10
		}
		now, e.Seq = e.Time, int64(i+1)
	}
	return log
}

// apart says that no two threads are on one CPU.
func apart(_, _ int32) bool { return false }

func does(thread int32, kinds ...trace.Kind) (events []trace.Event) {
	for _, k := range kinds {
		events = append(events, trace.Event{Kind: k, Thread: thread})
	}
	return events
}

func at(time int64, events []trace.Event) []trace.Event {
	events[0].Time = time
	return events
}

func all(parts ...[]trace.Event) (events []trace.Event) {
	for _, p := range parts {
		events = append(events, p...)
	}
	return events
}

var (
	begins = all(does(1, trace.Take), does(2, trace.Ask, trace.Wait))
	polls  = does(0, trace.Ask, trace.Wait)
	asks   = does(2, trace.TimedOut, trace.Request, trace.Wait)
	lets   = does(1, trace.Forced, trace.Handoff, trace.Shake)
	// back is how 1 gets the lock from 2 by a signal that answers its own request.
	back = all(does(1, trace.TimedOut, trace.Request, trace.Wait), does(2, trace.Forced, trace.Handoff, trace.Shake), does(1, trace.Woken, trace.Take))
)

// Who asks on the holder's CPU can't take the signal: the holder sends it when that one sleeps.
func TestRaceOfThreadsOnOneCPU(t *testing.T) {
	log := written(3, all(begins, polls, at(1000, asks), lets, does(2, trace.Woken, trace.Take))...)
	for _, one := range []bool{false, true} {
		signals := raceOf(log, 0, func(a, b int32) bool { return one && a+b == 3 }).signals
		if (len(signals) == 0) != one {
			t.Errorf("on one CPU: %t; %v", one, signals)
		}
	}
	if !inTurn(1, 3) || inTurn(1, 2) || inTurn(2, 3) || !inTurn(4, 2) {
		t.Error("threads 1 and 3 are on one CPU, and 2 and 4 on the other")
	}
}

// A CPU has rested since another thread did something there: one that is kept on the other CPU does not count for who asks, but
// for how long the holder is alone on that; the poller, who may be on either, counts for who asks.
func TestRaceOfACPUThatRests(t *testing.T) {
	twoCPUs := func(a, b int32) bool { return a+b == 2+4 || a+b == 1+3 }
	for who, want := range map[int32]signal{0: {rest: 90, alone: 1000}, 3: {rest: 950, alone: 90}, 4: {rest: 90, alone: 1000}} { // 3 is on the holder's CPU; without it the poller asked 950 ns before
		events := all(begins, polls, at(900, does(who, trace.TimedOut, trace.Wait)), at(1000, asks), lets, does(2, trace.Woken, trace.Take))
		signals := raceOf(written(5, events...), 0, twoCPUs).signals
		if want.own, want.let = true, 1000; len(signals) != 1 || signals[0] != want {
			t.Errorf("thread %d did something 90 ns before: %+v, want %+v", who, signals, want)
		}
	}
}

// The poller is on no CPU in particular: it does not make one of the holder's, although its number is even.
func TestThePollerLeavesTheHolderAlone(t *testing.T) {
	events := all(does(2, trace.Take), does(1, trace.Ask, trace.Wait), at(900, does(0, trace.Ask, trace.Wait)), at(1000, does(1, trace.TimedOut, trace.Request, trace.Wait)),
		does(2, trace.Forced, trace.Handoff, trace.Shake), does(1, trace.Woken, trace.Take))
	if signals := raceOf(written(3, events...), 0, inTurn).signals; len(signals) != 1 || signals[0].alone != 1000 || signals[0].rest != 90 {
		t.Errorf("%+v, want a holder that has been alone for 1000, and a rest of 90", signals)
	}
}

// What counts are the requests of others than the poller, while it waits, by who has the
// lock next; and for how long nobody else had done anything on its CPU, which is not the holder's, when the wait
// of who asked was over.
func TestRaceOf(t *testing.T) {
	for what, c := range map[string]struct {
		events []trace.Event
		want   []signal
	}{
		"its own":                {all(begins, polls, at(1000, asks), lets, does(2, trace.Woken, trace.Take)), []signal{{true, 950, 1000, 1000}}},
		"the poller's":           {all(begins, polls, at(1000, asks), lets, does(0, trace.Woken, trace.Take)), []signal{{false, 950, 1000, 1000}}},
		"nobody polls":           {all(begins, at(1000, asks), lets, does(2, trace.Woken, trace.Take)), nil},
		"the poller asks":        {all(begins, polls, does(0, trace.TimedOut, trace.Request, trace.Wait), lets, does(2, trace.Woken, trace.Take)), nil},
		"the poller asks after":  {all(begins, polls, asks, does(0, trace.TimedOut, trace.Request, trace.Wait), lets, does(2, trace.Woken, trace.Take)), nil},
		"the poller asks before": {all(begins, polls, at(500, does(0, trace.TimedOut, trace.Request, trace.Wait)), at(2000, asks), lets, does(2, trace.Woken, trace.Take)), []signal{{true, 1480, 2000, 2000}}},
		"not by a signal":        {all(begins, polls, asks, does(2, trace.Take)), nil},
		"the holder does something": {
			all(begins, polls, at(900, does(1, trace.Release, trace.Take)), at(1000, asks), lets, does(2, trace.Woken, trace.Take)), []signal{{true, 950, 1000, 1000}}},
	} {
		if got := raceOf(written(3, c.events...), 0, apart).signals; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", what, got, c.want)
		}
	}
}

// A share is of the signals that count.
func TestShareOf(t *testing.T) {
	var signals []signal
	for i := range int64(100) {
		signals = append(signals, signal{own: i%4 != 0 && i < 75 || i >= 95, rest: i % 10, let: i * 20})
	}
	early := shareOf(signals, func(s signal) bool { return s.rest < 5 && s.let < 1500 })
	if want := (share{28, 40}); early != want {
		t.Errorf("of those that count %+v, want %+v", early, want)
	}
	if of := early.of(); of != 28./40 {
		t.Errorf("that is %v", of)
	}
	if none := shareOf(nil, every); none.all != 0 {
		t.Errorf("of none %+v", none)
	}
}

// Slow is who let the lock go more than one and a half intervals ago, by the rule of the model.
func TestBySlowness(t *testing.T) {
	signals := []signal{{let: 1500}, {let: 1501}, {let: 0}}
	if prompt, late := bySlowness(signals, 1000); len(prompt) != 2 || len(late) != 1 || late[0].let != 1501 {
		t.Errorf("prompt %v, late %v", prompt, late)
	}
}

// A CPU has nearly rested after four fifths of the doublings of 50 µs until it has: three with 5 and 20 ms, and one with 1 ms.
func TestRested(t *testing.T) {
	for _, c := range []struct {
		interval time.Duration
		rest     int64
		want     bool
	}{
		{5 * time.Millisecond, 270_000, false}, {5 * time.Millisecond, 290_000, true}, {20 * time.Millisecond, 270_000, false}, {20 * time.Millisecond, 290_000, true},
		{time.Millisecond, 80_000, false}, {time.Millisecond, 100_000, true}, {5 * time.Millisecond, 0, false},
	} {
		if got := rested(signal{rest: c.rest, alone: 1 << 60}, c.interval); got != c.want {
			t.Errorf("%v, after %d ns: %v", c.interval, c.rest, got)
		}
		if !rested(signal{rest: c.rest}, c.interval) {
			t.Errorf("%v, after %d ns, where the holder's CPU is as warm: not rested", c.interval, c.rest)
		}
	}
}

// The warm share is what the model needs so that it has the signals that were counted: with warmths in between as well, of
// which each weighs by its square, and without any there is none.
func TestShareOfWarm(t *testing.T) {
	const interval = 5 * time.Millisecond
	has := func(rest int64, own, all int) (list []signal) {
		for i := range all {
			list = append(list, signal{own: i < own, rest: rest, alone: 1 << 60})
		}
		return list
	}
	const (
		warm  = int64(0)
		third = int64(200_000) // of the warmth is left
		cold  = int64(2e6)
	)
	for name, c := range map[string]struct {
		signals []signal
		want    float64
	}{
		"warm ones alone":   {has(warm, 3, 10), 0.3},
		"cold ones do not":  {slices.Concat(has(warm, 3, 10), has(cold, 0, 50)), 0.3},
		"a third":           {has(third, 19, 30), 0.3}, // 0.8 - 0.5/3
		"both":              {slices.Concat(has(warm, 3, 10), has(third, 19, 30)), 0.3},
		"a third counts so": {slices.Concat(has(warm, 3, 10), has(third, 9, 30)), 0.8 - (10*0.5+30*0.5/3)/(10+30./9)},
		"no less than none": {has(third, 0, 10), 0},
		"no more than all":  {has(third, 10, 10), 1},
	} {
		if got, known := shareOfWarm(c.signals, interval, 0.8, 0.7, 0); !known || math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %v, %v, want %v", name, got, known, c.want)
		}
	}
	if got, known := shareOfWarm(make([]signal, 10), interval, 0.8, 0.4, 0); known {
		t.Errorf("nobody is warmer than the holder, and the share is %v", got)
	}
	if got, known := shareOfWarm(has(cold, 5, 10), interval, 0.8, 0.4, 0); known {
		t.Errorf("nobody is warm, and the share is %v", got)
	}
}

// What is likely counts as so many signals: with as many of those that were counted it is the mean of the two, and alone where there are none.
func TestLikelySharesCount(t *testing.T) {
	for _, c := range []struct {
		counted share
		want    float64
	}{{share{0, 0}, 0.75}, {share{2, 10}, 0.475}, {share{10, 10}, 0.875}} {
		if got := c.counted.held(0.75, 10); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%+v: %v, want %v", c.counted, got, c.want)
		}
	}
	var warm []signal
	for range 10 {
		warm = append(warm, signal{alone: 1 << 60})
	}
	if got, _ := shareOfWarm(warm, 5*time.Millisecond, 0.8, 0.4, 10); math.Abs(got-0.2) > 1e-9 {
		t.Errorf("none of ten warm ones, where 0.4 of 0.8 were likely: %v", got)
	}
}

// A signal is for the older group of waiters. Who has joined the newer one can't take it.
func TestRaceOfGroups(t *testing.T) {
	full := all(
		does(1, trace.Take), does(2, trace.Ask, trace.Wait), does(3, trace.Ask, trace.Wait), polls,
		does(1, trace.Forced, trace.Handoff, trace.Shake), // the group is 2, 3 and the poller
		does(2, trace.Woken, trace.Take), does(1, trace.Shaken, trace.Ask, trace.Wait),
		back) // 1 joins the next one
	if got := raceOf(written(4, full...), 0, apart).signals; got != nil {
		t.Errorf("while others are in the older group: %v", got)
	}
	left := all(full[:len(full)-len(back)],
		does(3, trace.TimedOut, trace.Wait), does(0, trace.TimedOut, trace.Wait), // nobody is left in it
		back)
	if got := raceOf(written(4, left...), 0, apart).signals; len(got) != 1 || !got[0].own {
		t.Errorf("when nobody is left in the older group: %v", got)
	}
}

// Who takes the lock wakes the one that let go for it, which is no signal: whoever queues then
// joins the same group as without.
func TestRaceOfHandShakes(t *testing.T) {
	events := all(
		begins, asks, lets, // 2 is alone in its group, and the others are in the next
		polls, does(3, trace.Ask, trace.Wait), does(2, trace.Woken, trace.Take),
		does(1, trace.Shaken, trace.Ask, trace.Wait),
		back)
	if got := raceOf(written(4, events...), 0, apart).signals; len(got) != 1 || !got[0].own {
		t.Errorf("%v, want one of its own", got)
	}
}

// The poller's turns count in which it had to wake who let go for it.
func TestRaceOfHolds(t *testing.T) {
	log := written(3, all(begins, polls, asks, lets,
		at(5000, does(0, trace.Woken, trace.Take)), at(5900, does(0, trace.Release)),
		does(2, trace.Take, trace.Release), at(7000, does(0, trace.Take)), at(7100, does(0, trace.Release)))...)
	turn := raceOf(log, 0, apart)
	if !reflect.DeepEqual(turn.holds, []hold{{890, true}}) {
		t.Errorf("%v, want 890 while another waits", turn.holds)
	}
	alone := raceOf(written(2, all(
		does(1, trace.Take), polls, does(0, trace.TimedOut, trace.Request, trace.Wait), lets,
		at(5000, does(0, trace.Woken, trace.Take)), at(5900, does(0, trace.Release)))...), 0, apart)
	if !reflect.DeepEqual(alone.holds, []hold{{890, false}}) {
		t.Errorf("%v, want 890 while nobody waits", alone.holds)
	}
	const wake, call, release = 300, 100, 40
	const packed = (wake + call) / 2 // half of them are told
	for _, c := range []struct {
		what  race
		first bool
		pack  int64
		want  int64
	}{
		{turn, true, 0, 890 - 2*wake - release}, {turn, false, 0, 890 - wake - release},
		{turn, true, 1, 890 - packed - wake - release}, {turn, false, 1, 890 - packed - release},
		{alone, true, 0, 890 - wake - release}, {alone, false, 1, 890 - packed - release},
	} {
		costs := &machine.Costs{WakeCall: wake, SystemCall: call, ReleaseTake: 2 * release, Pack: c.pack}
		if got := c.what.firstWork(costs, c.first); !reflect.DeepEqual(got, []Sample{{c.want}}) {
			t.Errorf("%+v: first work %v", c, got)
		}
	}
	if got := turn.firstWork(&machine.Costs{WakeCall: 1000}, true); !reflect.DeepEqual(got, []Sample{{0}}) {
		t.Errorf("first work %v, want none", got)
	}
}
