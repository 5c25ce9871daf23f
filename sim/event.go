package sim

// Event is something that will happen at a point of virtual time. It is a value:
// nothing refers to it, and the queue keeps a copy.
//
// Events are ordered by Time, then by the priority of their Kind, then in the order in
// which they were scheduled. The engine reads nothing else; the rest is the caller's.
//
// (It has four fields because the compiler keeps structs of up to four in registers.)
type Event struct {
	Time int64 // virtual time in ns
	Arg  int64 // the caller's
	ID   int32 // the caller's: a thread, a CPU …
	Kind Kind  // what happens
}

// Kind says what happens: a number of the caller's in the lower 16 bits, and above it a
// priority. Among events of the same Time those with the lower priority come first.
//
//	const (
//		departure = sim.Kind(0)
//		arrival   = sim.Kind(1) + 2*sim.Prio // after all departures of its time
//	)
type Kind uint32

// Prio is what priority adds to a kind, times 0 to 65535.
const Prio Kind = 1 << 16

// Number returns what happens, without its priority.
func (k Kind) Number() uint16 { return uint16(k) }

// Prio returns the priority.
func (k Kind) Prio() uint16 { return uint16(k / Prio) }

// Handle names one scheduled event, so that it can be cancelled. A handle is
// never used for two events. The zero Handle names none.
type Handle uint64
