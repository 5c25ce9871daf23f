package sim

import (
	"slices"
	"testing"

	"github.com/fibsim/fibsim/workloads"
)

// Events that stay while many others come and go can be cancelled and happen as any: of
// each number, however old, is known whether its event is still to happen. And what is kept for
// that depends on how many events there are, not on how many there were.
func TestPendingOfLongAgo(t *testing.T) {
	q, s := NewQueue(), workloads.NewStream(1, "pending", 0, "test")
	long, over := map[Handle]bool{}, []Handle{}
	for i := range 200_000 {
		if i%500 == 0 && i < 100_000 {
			long[q.Schedule(Event{Time: 1 << 40, ID: int32(i)})] = true
		}
		over = append(over, q.Schedule(Event{Time: q.Now() + 5}))
		q.Next()
		if i%2000 == 1999 && len(long) > 5 {
			h := slices.Sorted(func(yield func(Handle) bool) {
				for h := range long {
					if !yield(h) {
						return
					}
				}
			})[s.Uint64()%uint64(len(long))]
			if !q.Cancel(h) || q.Cancel(h) {
				t.Fatalf("event %d could not be cancelled once", h)
			}
			delete(long, h)
			over = append(over, h)
		}
	}
	if q.Len() != len(long) {
		t.Fatalf("%d events, want %d", q.Len(), len(long))
	}
	if ring, old := len(q.pending.ring), len(q.pending.old); ring > 2*100_000/500 || old > 2*len(long)+1 || old == 0 {
		t.Errorf("%d words and %d old ones for %d events", ring, old, len(long))
	}
	for _, h := range over {
		if q.Cancel(h) {
			t.Fatalf("event %d is over and was cancelled", h)
		}
	}
	for range long {
		if e, ok := q.Next(); !ok || e.Time != 1<<40 {
			t.Fatalf("%+v, %t", e, ok)
		}
	}
	if _, ok := q.Next(); ok || len(q.pending.old) > 1 {
		t.Errorf("%d old words of no events", len(q.pending.old))
	}
}

// The numbers end before they reach the bits of the priorities.
func TestNumbersEnd(t *testing.T) {
	q := NewQueue()
	q.last = most - 1
	q.pending.begin(q.last&^(wordLen-1), 0)
	q.Schedule(Event{Time: 1, Kind: 7 * Prio})
	if e, _ := q.Next(); e.Kind != 7*Prio {
		t.Errorf("%+v", e)
	}
	defer func() {
		if recover() == nil {
			t.Error("a number that there is not")
		}
	}()
	q.Schedule(Event{Time: 1})
}
