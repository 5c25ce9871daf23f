package workloads

import (
	"math"
	"time"
)

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
	Tasks       []TaskGroup
	Server      *Server // nil when there are no clients
	Clients     []Client

	// What bodies share, by index of Op.Ref.
	Pools  []Pool
	Queues []Queue
	Locks  []Lock
}

// Machine is what the simulator runs a program on. Measured backends have the real
// one and look at none of it.
type Machine struct {
	CPUs            int
	Scheduler       string         // of the threads under the lock, and of the kernel: a name of ossched.Names
	NativeScheduler string         // of the threads without it
	Params          map[string]any // those that were given of Scheduler's parameters: time.Duration, int or bool
	HZ              int            // ticks of each CPU in a second
	Costs           string         // default, host or the path of a cost file
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
	Sched   Sched
}

// Sched is what the scheduler of an operating system is told of a thread. The zero
// value is a thread like any other. Real threads stay that: it is for predictions.
type Sched struct {
	Nice     int           // -20, the most urgent, to 19
	Priority int           // higher goes first
	Slice    time.Duration // a time slice of its own; 0: that of the scheduler
}

// Told returns the names of what a scheduler is told beyond the ordinary.
func (s Sched) Told() []string {
	var names []string
	for _, one := range []struct {
		name string
		told bool
	}{{"nice", s.Nice != 0}, {"priority", s.Priority != 0}, {"slice", s.Slice != 0}} {
		if one.told {
			names = append(names, one.name)
		}
	}
	return names
}

// TaskGroup is a number of equal coroutines. All tasks of one kind share one event
// loop, which is one thread of the interpreter process. They take turns in the order
// of the program: groups as written, tasks of a group by number.
type TaskGroup struct {
	Group
	Kind TaskKind
}

// TaskKind names the event loop that runs a task.
type TaskKind uint8

const (
	// YieldTask is a generator in a deque: the loop takes the leftmost, runs it to
	// its next yield, and appends it at the right. Whatever blocks, blocks all.
	YieldTask TaskKind = iota
	// AsyncioTask is a coroutine of an event loop with a ready deque, a heap of
	// timers and a selector: a sleep lets the others run, a computation does not.
	AsyncioTask
)

// String returns the kind's name in a scenario.
func (k TaskKind) String() string {
	if k == AsyncioTask {
		return "asyncio"
	}
	return "yield"
}

// What a server has whose scenario does not say.
const (
	DefaultWorkers = 4  // of the models that have workers
	DefaultThreads = 64 // of the models that have threads of a given number
)

// Server is the TCP server that the clients talk to.
type Server struct {
	Model   Model
	Workers int    // worker processes of the pool, processes of prefork, interpreters; 0 where the model has none
	Threads int    // threads of each process of prefork, each of which serves one connection at a time; otherwise 0
	Address string // host:port; port 0 takes any free one
}

// Model is the way in which a server answers several connections.
type Model string

const (
	// Sequential serves one connection until it ends, then the next.
	Sequential Model = "sequential"
	// Threads has a thread for each connection.
	Threads Model = "threads"
	// Processes has a thread for each connection, which hands each request to a pool
	// of worker processes and waits for the result.
	Processes Model = "processes"
	// Prefork has several processes that accept from one listening socket, each with
	// an interpreter lock and threads of its own.
	Prefork Model = "prefork"
	// Interpreters has several interpreters with a lock each inside one process. A
	// connection belongs to one of them, in turn, and has a thread there.
	Interpreters Model = "interpreters"
	// Coroutines has one thread: a deque of runnable tasks, and select only when
	// none is runnable. A task yields before each call on a socket.
	Coroutines Model = "coroutines"
	// CoroutinesProcesses is Coroutines in front of a pool of worker processes; a
	// future that is done wakes the loop through a socket.
	CoroutinesProcesses Model = "coroutines+processes"
)

// Models returns the models in the order of the article that they come from.
func Models() []Model {
	return []Model{Sequential, Threads, Processes, Prefork, Interpreters, Coroutines, CoroutinesProcesses}
}

// Pooled reports whether a pool of worker processes computes the replies.
func (m Model) Pooled() bool { return m == Processes || m == CoroutinesProcesses }

// Looped reports whether one thread serves all connections, each with a task of its
// event loop.
func (m Model) Looped() bool { return m == Coroutines || m == CoroutinesProcesses }

// HasWorkers reports whether the model has workers whose number one can choose.
func (m Model) HasWorkers() bool { return m.Pooled() || m == Prefork || m == Interpreters }

// HasThreads reports whether the model has threads whose number one can choose.
func (m Model) HasThreads() bool { return m == Prefork }

// Pool is a pool of worker processes, each with an interpreter and a lock of its
// own. Bodies submit work to it and wait for the result.
type Pool struct {
	Name    string
	Workers int
}

// Queue is a first-in first-out queue of the interpreter process, as queue.Queue:
// a lock and two condition variables of the program, not of the interpreter.
type Queue struct {
	Name string
	Size int // items that it holds before send waits; 0: no limit
}

// Lock is a mutual exclusion lock of the program, as threading.Lock.
type Lock struct {
	Name string
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

const (
	// processConnections is how many connections one client process can serve without
	// its loops getting into each other's way.
	processConnections = 16
	// mostProcesses bounds the processes of one group, each of which takes some
	// megabytes; the connections of larger groups crowd together.
	mostProcesses = 32
)

// Processes returns how many processes drive the connections, which are dealt out to
// them evenly and in their order.
func (c *Client) Processes() int {
	return min((c.Count+processConnections-1)/processConnections, mostProcesses)
}

// ConnectionsOf returns the first connection of a process, from 0, and the first that
// is not its any more.
func (c *Client) ConnectionsOf(process int) (first, next int) {
	n := c.Processes()
	return process * c.Count / n, (process + 1) * c.Count / n
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

// End returns the end of the window in nanoseconds after time 0: nothing starts any
// more then. It is math.MaxInt64 for a program that goes on until all is done.
func (p *Program) End() int64 {
	if p.UntilDone {
		return math.MaxInt64
	}
	return int64(p.Warmup + p.Duration)
}

// Workers returns how many workers of all groups the program has: threads, tasks
// and connections.
func (p *Program) Workers() int {
	n := 0
	for _, c := range p.Cohorts() {
		n += c.Count
	}
	return n
}
