package trace

// State is what a thread, or a task of an event loop, is doing.
type State uint8

const (
	Run     State = iota // has the lock; without a lock: not blocked
	WaitGIL              // waits for the lock
	NoGIL                // computes with the lock released
	Sleep                // sleeps
	IO                   // waits for a socket, a file or another thread
	Ready                // runnable without a CPU; only the simulator can see it
	Done                 // has ended, or has not begun
	Behind               // of a task alone: could go on, and the thread of its loop was elsewhere
	states
)

var stateNames = [...]string{"run", "wait_gil", "nogil", "sleep", "io", "ready", "done", "behind"}

// String returns the state's name in states.csv and tasks.csv.
func (s State) String() string { return stateNames[s] }
