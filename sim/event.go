package sim

// Event is something that will happen at a point of virtual time. It is a value:
// nothing refers to it, and the queue keeps a copy.
//
// Events are ordered by Time, then by the priority of their Kind, then in the order in
// which they were scheduled. The engine reads nothing else; the rest is the caller's.
//
// (It has four fields because the compiler keeps structs of up to four in registers, and they
// are no longer than a queue of many can afford: it moves each event several times.)
type Event struct {
	Time int64 // virtual time in ns
	ID   int32 // the caller's: a thread, a CPU …
	Arg  int32 // the caller's: what else there is to know of it
	Kind Kind  // what happens
}

// Kind says what happens: a number of the caller's in the lower 8 bits, and above them a
// priority. Among events of the same Time those with the lower priority come first.
//
//	const (
//		departure = sim.Kind(0)
//		arrival   = sim.Kind(1) + 2*sim.Prio // after all departures of its time
//	)
type Kind uint16

// Prio is what priority adds to a kind, times 0 to 255.
const Prio Kind = 1 << 8

// Number returns what happens, without its priority.
func (k Kind) Number() uint8 { return uint8(k) }

// Prio returns the priority.
func (k Kind) Prio() uint8 { return uint8(k / Prio) }

// Handle names one scheduled event of a queue, so that it can be cancelled. A queue never has
// the same handle for two events; those of other queues mean nothing to it, and must not be
// given to it. The zero Handle names no event.
type Handle struct {
	time int64
	rank uint64 // has the event's number in it, which is not 0
}

// None reports whether h is the zero Handle.
func (h Handle) None() bool { return h == Handle{} }
