package trace

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// lane makes a lane that has kept these events, which are of one thread.
func lane(events ...Event) *Lane {
	l := NewLane(0, nil, true)
	for i := range events {
		l.thread = events[i].Thread
		l.log.add(&events[i])
	}
	return l
}

// At equal times what follows an event of the lock in its lane goes with it: a
// thread that lets go has left run before the next one is in it.
func TestEqualTimes(t *testing.T) {
	threads := []Thread{{"a", 0}, {"b", 0}, {"c", 0}, {"d", 0}}
	a := lane(
		Event{Seq: 3, Time: 5, Kind: Take, Thread: 0, Other: 1},
		Event{Time: 5, Kind: StateChange, Thread: 0, Arg: int64(Run)},
	)
	b := lane(
		Event{Seq: 1, Time: 5, Kind: Take, Thread: 1, Other: -1},
		Event{Time: 5, Kind: StateChange, Thread: 1, Arg: int64(Run)},
		Event{Seq: 2, Time: 5, Kind: Release, Thread: 1, Other: -1},
		Event{Time: 5, Kind: StateChange, Thread: 1, Arg: int64(Sleep)},
	)
	c := lane(
		Event{Seq: 4, Time: 5, Kind: Ask, Thread: 2, Other: 0},
		Event{Time: 5, Kind: StateChange, Thread: 2, Arg: int64(WaitGIL)},
	)
	// What happens at that time and belongs to no event of the lock comes last.
	d := lane(Event{Time: 5, Kind: StateChange, Thread: 3, Arg: int64(WaitGIL)})
	log := NewLog(threads, []*Lane{d, a, b, c})
	if found := Check(log, Rules{Lock: true}); found != nil {
		t.Errorf("%v in %v", found, log.Events)
	}
	if want := slices.Concat(b.Events(), a.Events(), c.Events(), d.Events()); !reflect.DeepEqual(log.Events, want) {
		t.Errorf("got %v, want %v", log.Events, want)
	}
}

// The lock's numbers win over the clocks of two CPUs that contradict them.
func TestContradictingClocks(t *testing.T) {
	a := lane(
		Event{Seq: 1, Time: 10, Kind: Take, Thread: 0, Other: -1},
		Event{Time: 10, Kind: StateChange, Thread: 0, Arg: int64(Run)},
		Event{Seq: 2, Time: 20, Kind: Release, Thread: 0, Other: -1},
		Event{Time: 20, Kind: StateChange, Thread: 0, Arg: int64(IO)},
	)
	b := lane(
		Event{Seq: 3, Time: 19, Kind: Take, Thread: 1, Other: 0},
		Event{Time: 19, Kind: StateChange, Thread: 1, Arg: int64(Run)},
	)
	log := NewLog([]Thread{{"a", 0}, {"b", 0}}, []*Lane{a, b})
	if want := slices.Concat(a.Events(), b.Events()); !reflect.DeepEqual(log.Events, want) {
		t.Errorf("got %v, want %v", log.Events, want)
	}
	// The check says that the times went back, and nothing else.
	found := Check(log, Rules{Lock: true})
	if len(found) != 1 || found[0].(*Violation).Invariant != SeqGapless {
		t.Errorf("found %v", found)
	}
}

// Whatever the lanes hold, a log holds the same, each lane in its order and the
// lock's events in theirs; where no clock contradicts, times never decrease.
func TestLogIsAMerge(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 0))
		backwards := seed%3 == 0
		lanes := randomLanes(random, backwards)
		log := NewLog(make([]Thread, len(lanes)), lanes)
		perThread := make([][]Event, len(lanes))
		seq, time := int64(0), int64(0)
		for _, e := range log.Events {
			perThread[e.Thread] = append(perThread[e.Thread], e)
			if e.Kind.OfLock() {
				if e.Seq != seq+1 {
					t.Fatalf("seed %d: number %d after %d", seed, e.Seq, seq)
				}
				seq = e.Seq
			}
			if e.Time < time && !backwards {
				t.Fatalf("seed %d: time %d after %d", seed, e.Time, time)
			}
			time = e.Time
		}
		for i, l := range lanes {
			if !slices.Equal(perThread[i], l.Events()) {
				t.Fatalf("seed %d: lane %d is %v, want %v", seed, i, perThread[i], l.Events())
			}
		}
	}
}

// randomLanes are lanes whose times have many ties.
func randomLanes(random *rand.Rand, backwards bool) []*Lane {
	events := make([][]Event, 1+random.IntN(5))
	now, seq := int64(0), int64(0)
	for range random.IntN(100) {
		now += random.Int64N(2)
		i := random.IntN(len(events))
		e := Event{Time: now, Kind: StateChange, Thread: int32(i), Arg: random.Int64N(6)}
		if random.IntN(2) == 0 {
			seq++
			e.Kind, e.Seq = Release, seq
			if backwards {
				e.Time -= random.Int64N(3)
			}
		}
		events[i] = append(events[i], e)
	}
	var lanes []*Lane
	for _, e := range events {
		lanes = append(lanes, lane(e...))
	}
	return lanes
}

func TestNoLanes(t *testing.T) {
	if log := NewLog(nil, nil); len(log.Events) != 0 {
		t.Error("events out of nothing")
	}
	if log := NewLog([]Thread{{"a", 0}}, []*Lane{NewLane(0, nil, false)}); len(log.Events) != 0 {
		t.Error("events that were not kept")
	}
}
