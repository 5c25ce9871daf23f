package sim

// slots says of each handle whether its event is still to happen. Every event in a
// queue has a slot; a slot that is free again serves the next event under another
// generation, so that an old handle finds out that its time is over.
type slots struct {
	all  []slot
	free uint32 // head of the list of free slots, plus 1; the one freed last, which is in the cache, is used next
}

// slot has also the kind of its event, for which the entries of the queue have no room.
type slot struct {
	state uint32 // generation of the slot's event, times 2; odd: it will not happen, or the slot is free
	kind  uint32 // of the event; of a free slot: the next one of the list, plus 1
}

const (
	gone       = 1
	generation = 2
)

// take returns a slot and the handle for its next event.
func (s *slots) take(kind uint16) (uint32, Handle) {
	if s.free == 0 {
		s.all = append(s.all, slot{generation | gone, 0})
		s.free = uint32(len(s.all))
	}
	i := s.free - 1
	at := &s.all[i]
	s.free = at.kind
	at.kind = uint32(kind)
	at.state &^= gone
	return i, handle(i, at.state)
}

// handle is never 0, since no generation is.
func handle(i, state uint32) Handle { return Handle(state)<<32 | Handle(i) }

// give frees a slot and returns the kind of its event. A slot that has been through all
// generations is never used again, which loses eight bytes in two thousand million
// events, and makes no two handles alike.
func (s *slots) give(i uint32) uint16 {
	at := &s.all[i]
	kind := uint16(at.kind)
	next := at.state&^gone + generation
	at.state = next | gone
	if next != 0 {
		at.kind = s.free
		s.free = i + 1
	}
	return kind
}

// cancel marks the event of a handle and reports whether it was to happen.
func (s *slots) cancel(h Handle) bool {
	i, state := uint32(h), uint32(h>>32)
	if int(i) >= len(s.all) || s.all[i].state != state || state&gone != 0 {
		return false
	}
	s.all[i].state |= gone
	return true
}

// cancelled reports whether the event that is in a slot will not happen.
func (s *slots) cancelled(i uint32) bool { return s.all[i].state&gone != 0 }
