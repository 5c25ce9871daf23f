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
	OpRead                    // read Bytes from a real file that is open, with the lock released around each MiB
	OpSend                    // put an item into queue Ref; waits while it is full
	OpRecv                    // take an item from queue Ref; waits while it is empty
	OpLock                    // take the program's lock Ref
	OpUnlock                  // let it go
	OpSubmit                  // have pool Ref do Body, and wait for the result
	OpCount                   // tasks: a value and a yield for each of N, N-1, … 1
	OpScript                  // call the function of Source, interpreted, a checkpoint per step
)

var opNames = [...]string{
	"fib", "spin", "sleep", "yield", "nogil", "nogil", "hold", "loop",
	"read", "send", "recv", "lock", "unlock", "submit", "count", "script",
}

// String returns the operation's key in a scenario.
func (k OpKind) String() string { return opNames[k] }

// Op is one step of a body.
type Op struct {
	Kind   OpKind
	N      int      // fib's argument; number of yields; passes of a loop; where a count begins
	For    Duration // spin, sleep, nogil spin, hold
	Bytes  int64    // nogil hash; read
	Body   []Op     // loop; submit
	Ref    int      // the queue, lock or pool: its index in the Program
	Source string   // script
}
