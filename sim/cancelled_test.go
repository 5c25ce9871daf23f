package sim

import (
	"cmp"
	"maps"
	"slices"
	"testing"

	"github.com/fibsim/fibsim/workloads"
)

// Events that stay while many others come and go can be cancelled and happen as any: of
// each, however old, is known whether it is still to happen.
func TestCancelledOfLongAgo(t *testing.T) {
	q, s := NewQueue(), workloads.NewStream(1, "cancelled", 0, "test")
	long, over := map[Handle]bool{}, []Handle{}
	for i := range 200_000 {
		if i%500 == 0 && i < 100_000 {
			long[q.Schedule(Event{Time: 1 << 40, ID: int32(i)})] = true
		}
		over = append(over, q.Schedule(Event{Time: q.Now() + 5}))
		q.Next()
		if i%2000 == 1999 && len(long) > 5 {
			h := slices.SortedFunc(maps.Keys(long), func(a, b Handle) int { return cmp.Compare(a.rank, b.rank) })[s.Uint64()%uint64(len(long))]
			if !q.Cancel(h) || q.Cancel(h) {
				t.Fatalf("event %v could not be cancelled once", h)
			}
			delete(long, h)
			over = append(over, h)
		}
	}
	if q.Len() != len(long) {
		t.Fatalf("%d events, want %d", q.Len(), len(long))
	}
	for _, h := range over {
		if q.Cancel(h) {
			t.Fatalf("event %v is over and was cancelled", h)
		}
	}
	for range long {
		if e, ok := q.Next(); !ok || e.Time != 1<<40 {
			t.Fatalf("%+v, %t", e, ok)
		}
	}
	if e, ok := q.Next(); ok {
		t.Errorf("%+v has happened", e)
	}
}

// What is known of cancelled events takes a bit for each up to the time for which it was scheduled, whatever the order in
// which they are cancelled; it does not grow with time.
func TestCancelledIsForgottenAfterItsTime(t *testing.T) {
	q, s := NewQueue(), workloads.NewStream(1, "cancelled", 0, "test")
	const each = 20_000
	for round := range int64(10) {
		end := (round + 1) * 1e6
		handles := make([]Handle, each)
		for i := range handles {
			time := q.Now() // until its event has happened, or time goes on
			if round%2 == 0 {
				time = end - 1 - int64(i%100)
			}
			handles[i] = q.Schedule(Event{Time: time})
		}
		for i := range handles {
			j := i + int(s.Uint64()%uint64(each-i))
			handles[i], handles[j] = handles[j], handles[i]
			if !q.Cancel(handles[i]) || q.Cancel(handles[i]) {
				t.Fatalf("event %v could not be cancelled once", handles[i])
			}
		}
		for _, h := range handles {
			if q.Cancel(h) {
				t.Fatalf("event %v was cancelled once more", h)
			}
		}
		if used, length := q.cancelled.used, len(q.cancelled.pages); used > 2*(each/pageLen+2) || length > used {
			t.Errorf("%d pages in a table of %d after %d of %d cancelled events", used, length, (round+1)*each, each)
		}
		q.Schedule(Event{Time: end})
		if e, _ := q.Next(); e.Time != end {
			t.Fatalf("%+v", e)
		}
	}
}

// What was cancelled for a later time is known as long as that lies ahead, whatever else of its page is over.
func TestCancelledKeepsThePagesOfWhatLiesAhead(t *testing.T) {
	var c cancelled
	ahead := []uint64{}
	for number := uint64(1); number < 40*pageLen; number += 100 {
		now := int64(number)
		if number%1000 == 1 {
			c.add(number, Never, now)
			ahead = append(ahead, number)
		} else {
			c.add(number, now+1, now)
		}
	}
	for _, number := range ahead {
		if !c.has(number) || c.has(number+1) {
			t.Errorf("%d: %t, and the next one %t", number, c.has(number), c.has(number+1))
		}
	}
}

// One that is far ahead makes the table long, and its pages no more; once all are over, nothing is left.
func TestCancelledOfALongRun(t *testing.T) {
	var c cancelled
	const pages = 100_000
	end := int64(pages * pageLen)
	c.add(1, end, 0)
	for at := range int64(pages) {
		c.add(uint64(at*pageLen+2), at+1, at)
	}
	if c.used > pages/perPage+2*fewPages || !c.has(1) || len(c.pages) != pages {
		t.Errorf("%d pages in a table of %d", c.used, len(c.pages))
	}
	if c.forget(end + 1); c.used != 0 || len(c.pages) != 0 || c.has(1) {
		t.Errorf("%d pages in a table of %d of what is over", c.used, len(c.pages))
	}
}

// Who cancels nothing leaves nothing behind, and to cancel what has happened is nothing.
func TestNothingIsNotedOfWhatHappens(t *testing.T) {
	q := NewQueue()
	for i := range int64(10 * pageLen) {
		h := q.Schedule(Event{Time: i / 3})
		q.Schedule(Event{Time: i + 1e6})
		if q.Next(); q.Cancel(h) {
			t.Fatalf("event %v has happened and was cancelled", h)
		}
	}
	if q.cancelled.used != 0 || len(q.cancelled.pages) != 0 {
		t.Errorf("%d pages in a table of %d", q.cancelled.used, len(q.cancelled.pages))
	}
}

// The numbers end before they reach the bits of the priorities.
func TestNumbersEnd(t *testing.T) {
	q := NewQueue()
	q.last = most - 1
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
