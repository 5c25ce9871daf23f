package sim

// slots says of each handle whether its event is still to happen. Every event in a
// queue has a slot; a slot that is free again serves the next event under another
// generation, so that an old handle finds out that its time is over.
type slots struct {
	state []uint32 // generation of the slot's event, times 2; odd: it will not happen, or the slot is free
	free  []uint32 // slots without an event; the one freed last, which is in the cache, is used next
}

const (
	gone       = 1
	generation = 2
)

// take returns a slot and the handle for its next event.
func (s *slots) take() (uint32, Handle) {
	if n := len(s.free) - 1; n >= 0 {
		slot := s.free[n]
		s.free = s.free[:n]
		s.state[slot] &^= gone
		return slot, handle(slot, s.state[slot])
	}
	slot := uint32(len(s.state))
	s.state = append(s.state, generation)
	return slot, handle(slot, generation)
}

// handle is never 0, since no generation is.
func handle(slot, state uint32) Handle { return Handle(state)<<32 | Handle(slot) }

// give frees a slot. One that has been through all generations is never used again,
// which loses four bytes in two thousand million events, and makes no two handles alike.
func (s *slots) give(slot uint32) {
	next := s.state[slot]&^gone + generation
	s.state[slot] = next | gone
	if next != 0 {
		s.free = append(s.free, slot)
	}
}

// cancel marks the event of a handle and reports whether it was to happen.
func (s *slots) cancel(h Handle) bool {
	slot, state := uint32(h), uint32(h>>32)
	if int(slot) >= len(s.state) || s.state[slot] != state || state&gone != 0 {
		return false
	}
	s.state[slot] |= gone
	return true
}

// cancelled reports whether the event that is in a slot will not happen.
func (s *slots) cancelled(slot uint32) bool { return s.state[slot]&gone != 0 }
