package workloads

// OpKind is what one step of a body does.
type OpKind uint8

const (
	OpFib       OpKind = iota // fib(N), recursive, with a checkpoint at every call
	OpSpin                    // CPU time while holding the lock, with checkpoints
	OpSleep                   // sleep with the lock released
	OpYield                   // N times sleep(0)
	OpNoGILSpin               // CPU time of C code that released the lock
	OpNoGILHash               // SHA-256 over Bytes, with the lock released
	OpHold                    // CPU time of C code that keeps the lock: no checkpoint inside
	OpLoop                    // Body, N times
)

var opNames = [...]string{"fib", "spin", "sleep", "yield", "nogil", "nogil", "hold", "loop"}

// String returns the operation's key in a scenario.
func (k OpKind) String() string { return opNames[k] }

// Op is one step of a body.
type Op struct {
	Kind  OpKind
	N     int      // fib's argument; number of yields; passes of a loop
	For   Duration // spin, sleep, nogil spin, hold
	Bytes int64    // nogil hash
	Body  []Op     // loop
}
