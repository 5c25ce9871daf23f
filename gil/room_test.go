package gil

import (
	"math"
	"sync"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
)

// Lanes that share a room keep each their own events, and those that it has no place
// for on the heap; the next run has all of it again.
func TestRoom(t *testing.T) {
	room := NewRoom(5 * roomChunk)
	if room == nil {
		t.Skip("the system promises no memory here")
	}
	for range 2 {
		room.Reset()
		lanes := make([]*trace.Lane, 4)
		var running sync.WaitGroup
		for i := range lanes {
			lanes[i] = trace.NewLane(int32(i), nil, true)
			lanes[i].KeepIn(room)
			running.Go(func() {
				for k := range int64(2 * roomChunk) {
					lanes[i].Begin(k, k+int64(i)+1, k)
					lanes[i].End(k, 0, "")
				}
			})
		}
		running.Wait()
		for i, l := range lanes {
			events := l.Events()
			if len(events) != 4*roomChunk {
				t.Fatalf("lane %d: %d events", i, len(events))
			}
			for n, e := range events {
				k := int64(n / 2)
				want := trace.Event{Time: k, Kind: trace.IterEnd, Thread: int32(i), Other: -1}
				if n%2 == 0 {
					want.Kind, want.Arg, want.Arg2 = trace.IterBegin, k, k+int64(i)+1
				}
				if e != want {
					t.Fatalf("lane %d: event %d is %+v", i, n, e)
				}
			}
		}
		if room.Chunk() != nil {
			t.Error("there is room left")
		}
	}
}

func TestNoRoom(t *testing.T) {
	if math.MaxInt == math.MaxInt64 && NewRoom(1<<50) != nil {
		t.Error("the system promises 32 PiB")
	}
}
