package workloads

import "time"

// Program is everything a backend has to know to run one variant of a scenario.
type Program struct {
	Name      string
	Seed      uint64
	Warmup    time.Duration // run, but kept out of every figure
	Duration  time.Duration // the measured window; 0 with UntilDone
	UntilDone bool          // run until every group has done its Times

	Interpreter Interpreter
	Machine     Machine
	Threads     []Group
	Server      *Server // nil when there are no clients
	Clients     []Client
}

// Machine is what the simulator runs a program on. Measured backends have the real
// one and look at none of it.
type Machine struct {
	CPUs            int
	Scheduler       string // of the threads under the lock, and of the kernel: a name of ossched.Names
	NativeScheduler string // of the threads without it
	HZ              int    // ticks of each CPU in a second
	Costs           string // default, host or the path of a cost file
}

// Interpreter is the runtime that the emulator and the simulator imitate.
type Interpreter struct {
	Lock   string         // name of a lock policy
	Params map[string]any // the policy's parameters: time.Duration, int or string
	Pace   Pace
	Park   string // auto, pthread, futex or goroutine
}

// Pace is what one call of fib costs.
type Pace struct {
	Mode PaceMode
	NS   float64 // nanoseconds per call, with PaceFixed
}

// PaceMode says where the cost of one call of fib comes from.
type PaceMode uint8

const (
	PaceFixed  PaceMode = iota // the figure in Pace.NS
	PaceNative                 // as fast as the compiled recursion runs
	PacePython                 // measured on the interpreter in use
)

// Group is a number of equal threads of one interpreter process.
type Group struct {
	Name    string
	Count   int
	Start   time.Duration // after time 0, the start of the warm-up
	Body    []Op          // one pass of the body is one iteration
	Times   int           // iterations of each thread; 0: until the run ends
	Samples Sampling
}

// Server is the TCP server that the clients talk to.
type Server struct {
	Model   string // threads: one thread for each connection
	Workers int
	Address string // host:port; port 0 takes any free one
}

// Client is a number of equal connections to the server, driven from outside
// the interpreter process.
type Client struct {
	Name     string
	Count    int
	Request  int      // n of the fib(n) that each request asks for
	Rate     float64  // arrivals per second of each connection; 0: closed loop
	Arrivals Arrivals // used when Rate > 0
	Samples  Sampling
}

// Arrivals names the process that open-loop arrivals follow.
type Arrivals uint8

const (
	Poisson Arrivals = iota // exponential gaps
	Uniform                 // equal gaps
)

// Sampling says which iterations become rows of samples.csv. Summaries always
// cover every iteration.
//
// Zero keeps all rows until a group is so fast that rows would be a burden; -1
// keeps none; N > 0 keeps every N-th.
type Sampling int

const (
	SampleAll  Sampling = 0  // every iteration, as long as that is no burden
	SampleNone Sampling = -1 // no iteration
)

// Workers returns how many workers of all groups the program has: threads and
// connections.
func (p *Program) Workers() int {
	n := 0
	for i := range p.Threads {
		n += p.Threads[i].Count
	}
	for i := range p.Clients {
		n += p.Clients[i].Count
	}
	return n
}
