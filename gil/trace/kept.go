package trace

// Kept is an event as a lane keeps it, in half the memory and without a pointer. Only
// lanes look inside.
type Kept struct {
	seq, time, arg int64
	other          int32
	kind           Kind // kinds: arg is Arg2 of the event before
}

// Room is where lanes put what they keep.
type Room interface {
	// Chunk returns an empty slice with room for some events, nobody else's. The thread
	// of any lane calls it when that lane has no room left.
	Chunk() []Kept
}

// history is what one lane keeps.
type history struct {
	room   Room     // nil: the heap
	full   [][]Kept // chunks without room
	chunk  []Kept
	events int
	errs   map[int]string // of events by number, from 0; few fail
}

// The chunks of the heap: a million threads of a simulation have few events each.
const (
	firstChunkEvents = 16
	chunkEvents      = 4096
)

func (h *history) add(e *Event) {
	if e.Err != "" {
		if h.errs == nil {
			h.errs = map[int]string{}
		}
		h.errs[h.events] = e.Err
	}
	h.events++
	h.put(Kept{seq: e.Seq, time: e.Time, arg: e.Arg, other: e.Other, kind: e.Kind})
	if e.Arg2 != 0 {
		h.put(Kept{arg: e.Arg2, kind: kinds})
	}
}

func (h *history) put(k Kept) {
	if len(h.chunk) == cap(h.chunk) {
		h.grow()
	}
	h.chunk = append(h.chunk, k)
}

// grow begins a new chunk. What is kept is never moved.
func (h *history) grow() {
	size := min(max(firstChunkEvents, 2*cap(h.chunk)), chunkEvents)
	if len(h.chunk) > 0 {
		h.full = append(h.full, h.chunk)
	}
	if h.chunk = nil; h.room != nil {
		h.chunk = h.room.Chunk()
	}
	if cap(h.chunk) == 0 {
		h.chunk = make([]Kept, 0, size)
	}
}

// list returns the events, which are all of one thread.
func (h *history) list(thread int32) []Event {
	out := make([]Event, 0, h.events)
	for _, chunk := range append(h.full[:len(h.full):len(h.full)], h.chunk) {
		for i := range chunk {
			k := &chunk[i]
			if k.kind == kinds {
				out[len(out)-1].Arg2 = k.arg
				continue
			}
			out = append(out, Event{Seq: k.seq, Time: k.time, Kind: k.kind, Thread: thread, Other: k.other, Arg: k.arg, Err: h.errs[len(out)]})
		}
	}
	return out
}
