package sim

import "testing"

// The hash of a stream, for ever: recorded runs are compared by it.
func TestHashPinned(t *testing.T) {
	var h Hash
	h.Add(0)
	h.Add(1)
	h.Event(Event{Time: 5_000_000, Arg: -1, ID: 7, Kind: 3 + 2*Prio})
	if want := Hash(0x2168f8cf51cf2605); h != want {
		t.Errorf("%#x, want %#x", uint64(h), uint64(want))
	}
}

// Streams that differ in one field of one event have different hashes, as have those of
// which one has an event more, or two in another order.
func TestHashTellsApart(t *testing.T) {
	base := []Event{{Time: 1}, {Time: 2, Arg: 1, ID: 1}, {Time: 3, Kind: Prio}}
	hash := func(change func([]Event) []Event) Hash {
		var h Hash
		for _, e := range change(append([]Event(nil), base...)) {
			h.Event(e)
		}
		return h
	}
	seen := map[Hash]int{}
	changes := []func([]Event) []Event{
		func(e []Event) []Event { return e },
		func(e []Event) []Event { return e[:2] },
		func(e []Event) []Event { return append(e, Event{}) },
		func(e []Event) []Event { return append(e, Event{}, Event{}) },
		func(e []Event) []Event { e[0], e[1] = e[1], e[0]; return e },
		func(e []Event) []Event { return nil },
	}
	for bit := range 63 { // no time is negative
		changes = append(changes, func(e []Event) []Event { e[1].Time ^= 1 << bit; return e })
	}
	for bit := range 32 {
		changes = append(changes,
			func(e []Event) []Event { e[1].ID ^= 1 << bit; return e },
			func(e []Event) []Event { e[1].Arg ^= 1 << bit; return e })
	}
	for bit := range 16 {
		changes = append(changes, func(e []Event) []Event { e[1].Kind ^= 1 << bit; return e })
	}
	for i, change := range changes {
		h := hash(change)
		if other, there := seen[h]; there {
			t.Errorf("changes %d and %d look alike", i, other)
		}
		seen[h] = i
	}
}
