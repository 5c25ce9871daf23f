package machine

// Costs says what things cost on the modelled host. Times are in nanoseconds of
// virtual time; none may be negative, and all zero is a legal host on which only
// the work itself takes time. Every field has an entry in Fields, with its meaning
// and the source of its default.
type Costs struct {
	SystemCall int64 // into the kernel and back, for a call that does next to nothing
	Clock      int64 // reading the clock

	Switch      int64 // from one thread to another on the same CPU
	GoSwitch    int64 // from one goroutine to another on the same P
	CacheRefill int64 // added when a thread goes on on another CPU than before
	// SwitchProcess is added where the thread before belonged to another process.
	SwitchProcess int64

	FallAsleep int64 // from a call that sleeps until the thread is asleep: in a handshake, or at the lock's inner mutex

	WakeCall int64  // what waking somebody on another CPU costs the one who does it; on its own it is a SystemCall, or part of Send
	WakeIdle Spread // from that call until the woken thread runs, on a CPU that has become idle just before, and slept for long before that
	WakeDeep Spread // the same on a CPU that has been idle for longer than IdlePoll
	// WakeMessage is WakeIdle for the receiver of a message: kernels like to run it where
	// the sender ran, which is about to sleep.
	WakeMessage Spread
	IdlePoll    int64  // for how long a CPU without work is woken in WakeIdle
	WakeBusy    Spread // from that call until a CPU that is busy looks at the woken thread, which is to have it at once
	// Pack is for how much of a millisecond a CPU can have been busy lately and still take
	// a woken thread while another CPU is idle: Scheduler's parameter pack where Params has none;
	// 0: it takes none.
	Pack int64

	TimerSlack Spread // how much later than asked a sleep or a timed wait of up to 1 ms ends, on an idle CPU
	// TimerSlackLong is that of one of 5 ms or more: a CPU that has slept for longer may come to life later.
	// Zero: as TimerSlack.
	TimerSlackLong Spread
	// TimerBusy is how much later one ends on a CPU that computes, until that is to switch to the thread. It counts where
	// TimerWake and TimerRange are not 0. Zero: by TimerRange.
	TimerBusy Spread

	TimerWake  int64  // how much of TimerSlack the CPU time is of the thread for which its CPU wakes; 0: not known
	TimerRange int64  // how much of TimerSlack a timer can do without that ends with another of its CPU; 0: each ends by itself
	TimerGrid  int64  // the timers of threads end at multiples of it, so that close ones end together; 0: at any time
	StallEvery int64  // how long a CPU sleeps, in the mean, until its host gives it to others; 0: never
	Stall      Spread // how much later such a CPU comes back
	Yield      Spread // how long sleep(0) takes; the thread leaves its CPU meanwhile, unless it is 0

	Send     int64 // the system call that sends a request or a reply
	Recv     int64 // the system call that receives one that is there
	Loopback int64 // from the begin of Send until the receiver is woken or finds the data
	// Message is what a message beyond these costs its receiver in CPU time if that had
	// to wait for it: going to sleep, coming back, caches that the sender's CPU has.
	Message int64

	Accept      int64 // the system call that accepts a connection
	ThreadStart int64 // starting a thread, for the one who does it
	Request     int64 // what a request costs the server beside fib: reading the number, writing the reply

	FibCall float64 // a call of fib as compiled
	Wobble  int64   // what a millisecond of fib takes longer in the long run than the best of nine runs, which is what a pace is
	HashKiB int64   // SHA-256 of 1,024 bytes

	ReleaseTake int64 // letting the lock go and taking it, when nobody else wants it: one half each
	UserLock    int64 // taking a lock of the program that is free, or letting it go
	QueueItem   int64 // putting an item into a queue of the program, or taking one out

	YieldStep   int64   // a loop takes the next generator from its deque and resumes it
	AsyncioStep int64   // the loop of asyncio runs one handle
	ScriptStep  float64 // a step of a script
	Select      int64   // the system call that says which descriptors are ready, if one is
	ReadMiB     int64   // reading 1,048,576 bytes of a file that the kernel has in memory
	PipeWrite   int64   // the system call that writes a small message to a pipe
	PipeRead    int64   // the system call that reads one that is there

	Noticed Spread // from a waiter's request until the holder lets go, beyond the way to its next checkpoint
	// Settle is for how long a thread that has queued on the condition variable can take its
	// signal before one that sleeps there, and is awake, where the switch interval is 5 ms.
	// SettleShort is that for 1 ms or less, and SettleLong for 20 ms or more: the longer the
	// interval, the colder are the caches of the holder's CPU. SettleWarm is for 5 ms
	// where the thread's own CPU has worked just before, and the holder has been alone on its own for long; for more it changes as Settle does if SettleWarmLong is 0.
	// SettleWarmShort is that for 1 ms or less; where it is 0, SettleWarm. SettleWarmLong is that for 20 ms or more, unless it is 0.
	Settle, SettleShort, SettleLong, SettleWarm, SettleWarmShort, SettleWarmLong int64
	// AskHold is for how long a thread whose wait is over keeps the lock's inner mutex until it waits once more, if it had to
	// let the lock go when it had that last, and is Slow. Who comes for the mutex sooner goes to sleep, which takes FallAsleep. AskHoldShort is that for
	// a switch interval of 1 ms or less, AskHold for 5 ms or more.
	AskHold, AskHoldShort int64

	LockWait int64 // what a wait for the lock costs in CPU time, however it ends, and a sleep; half of it is on the way to sleep, to that of a hand-shake, too
	// AfterWait is what a thread's first work after a wait for the lock takes longer than it would have
	// before, where the switch interval is 5 ms, AfterWaitShort that for 1 ms or less, and AfterWaitLong for
	// 20 ms or more.
	AfterWait, AfterWaitShort, AfterWaitLong Spread

	// Interpreter replaces some of the above where a real interpreter is to be
	// predicted; nil: the emulated one is.
	Interpreter *Interpreter
}

// Interpreter holds the costs that belong to one interpreter rather than to the
// host.
type Interpreter struct {
	FibCall     float64 // a call of fib in the interpreted language
	ReleaseTake int64   // as in Costs
	Send        int64   // as in Costs, with the interpreter's way to the system call
	Recv        int64   // the same
	Request     int64   // as in Costs
	UserLock    int64   // as in Costs
	QueueItem   int64   // as in Costs
	YieldStep   int64   // as in Costs
	AsyncioStep int64   // as in Costs
	ScriptStep  float64 // as in Costs
}

// DefaultCosts returns the costs of a small virtual machine: 2 virtual CPUs of a
// server of 2021, Linux 6.18, glibc 2.36. Fields says where each figure is from.
func DefaultCosts() *Costs {
	c := &Costs{}
	for _, f := range c.Fields() {
		f.reset()
	}
	return c
}

// DefaultInterpreter returns the costs of CPython 3.11 on that machine.
func DefaultInterpreter() *Interpreter {
	i := &Interpreter{}
	for _, f := range i.Fields() {
		f.reset()
	}
	return i
}

// Field describes one cost to people, to the reader of cost files and to the
// program that measures.
type Field struct {
	Name    string // as in a cost file
	Doc     string // one line, with the unit
	Source  string // where the default is from
	Value   any    // points into the Costs: *int64, *float64 or *Spread
	Default any    // int64, float64 or Spread
}

func (f Field) reset() {
	switch v := f.Value.(type) {
	case *int64:
		*v = f.Default.(int64)
	case *float64:
		*v = f.Default.(float64)
	case *Spread:
		*v = f.Default.(Spread)
	}
}
