package sim

// Event is something that will happen at a point of virtual time. It is a value:
// nothing refers to it, and the queue keeps a copy.
//
// Events are ordered by Time, then by Prio, then in the order in which they were
// scheduled. The engine reads these two fields only; the others are the caller's.
type Event struct {
	Time int64  // virtual time in ns
	Arg  int64  // the caller's
	ID   int32  // the caller's: a thread, a CPU …
	Kind uint16 // the caller's: what happens
	Prio uint8  // among events of the same Time the lower comes first
}

// Handle names one scheduled event, so that it can be cancelled. A handle is
// never used for two events. The zero Handle names none.
type Handle uint64
