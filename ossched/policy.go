package ossched

// Task numbers the tasks of one machine from 0, densely: threads for a kernel,
// goroutines for Go.
type Task int32

// CPU numbers the CPUs of one machine from 0; for Go, its Ps.
type CPU int32

const (
	NoTask Task = -1 // no task at all: the CPU is idle
	NoCPU  CPU  = -1 // no CPU: as a waker, a timer or an interrupt
)

// Never is later than any time.
const Never int64 = 1<<63 - 1

// Why is the reason for which a task becomes runnable or stops running.
type Why uint8

const (
	Created   Why = iota // Enqueue: it has just been made
	Wakeup               // Enqueue: what it waited for has happened
	Preempted            // Put: it could go on
	Yielded              // Put: it could go on, and offers others the CPU
	Blocked              // Put: it waits for something
	Exited               // Put: it is over; its number is not used again
)

// Attr is what a task is born with.
type Attr struct {
	Nice     int   // -20, the most urgent, to 19: eevdf and cfs
	Priority int   // higher first: priority
	Slice    int64 // a time slice of its own in ns, 0: the policy's; eevdf, which keeps it within 0.1 and 100 ms
}

// Config is a machine as far as a policy has to know it.
type Config struct {
	CPUs int   // at least 1
	Tick int64 // ns between two ticks of a CPU: 1e9/HZ
	// Ties other than 0 is the seed by which equals are ordered at random. With 0
	// the one that has been queued longer comes first.
	Ties   uint64
	Params map[string]any // by Param.Name; a duration is a time.Duration
}

// Policy decides which task runs on which CPU, and when another gets its turn.
//
// A driver knows who runs where and what time it is; it calls the policy with a
// now, in nanoseconds, that never decreases, and carries out what it says. The
// policy keeps its accounts from the nows it sees. It panics when a call
// contradicts what went before, such as a Put on an idle CPU.
//
// The life of a task is Add, then any number of Place, Enqueue, Pick, Put, up to
// Put with Exited. Where several things happen at one time, a driver tells first
// which tasks stop by themselves, then which become runnable, then of ticks.
type Policy interface {
	// Traits returns what the driver has to know; it never changes.
	Traits() Traits
	// Add makes a task known. Tasks are added in the order of their numbers.
	Add(t Task, a Attr)
	// Place returns the CPU on which t, which is about to become runnable, is to
	// queue. The waker is the CPU whose task woke or made it.
	Place(t Task, waker CPU, now int64) CPU
	// Enqueue says that t, Created or by Wakeup, is runnable on c, the CPU that Place
	// gave. It returns the CPU to reschedule: an idle one is to Pick, a busy one is
	// to Put its task with Preempted and Pick. It may be another than c, and one
	// that was named before and has not got round to it. NoCPU: none.
	Enqueue(c CPU, t Task, now int64, why Why) CPU
	// Pick chooses the task that c, which has none, runs from now on; it may take
	// it from another CPU. NoTask: c is idle.
	Pick(c CPU, now int64) Task
	// Put says that the task of c stops. When Preempted or Yielded, it is queued
	// again; when Blocked or Exited, it leaves. A Pick follows, sooner or later.
	Put(c CPU, now int64, why Why)
	// Tick says that a CPU that has a task has a tick, or that the time has come
	// that Next gave. True: Put its task with Preempted, and Pick.
	Tick(c CPU, now int64) (resched bool)
	// Next returns the earliest time, not before now, at which Tick could answer
	// true or do anything if nothing else is said about c; ticks before it may be
	// left out. Every other call about c may move it, so that it has to be asked
	// again; a task that another CPU takes away only makes it later.
	Next(c CPU, now int64) int64
	// Balance is to be called for each CPU every Traits.BalanceEvery. It may move
	// queued tasks of other CPUs to c; an idle c is then to Pick. A call may be left
	// out while no CPU has a task that waits.
	Balance(c CPU, now int64) (moved bool)
}

// Expecter is a policy that decides by demand. Where the driver knows it, it
// calls Expect before each Enqueue, with the CPU time in ns that t needs until it
// blocks next. A policy that is not told guesses.
type Expecter interface {
	Expect(t Task, ns int64)
}

// Traits are the properties of a policy that its driver carries out.
type Traits struct {
	// Ticked says that the policy looks at the clock in ticks only: the driver
	// rounds Next up to the next tick of the CPU. Otherwise Next is exact.
	Ticked bool
	// BalanceEvery is the time in ns between two calls of Balance for each CPU; 0:
	// none.
	BalanceEvery int64
	// Goroutines says that tasks are goroutines and CPUs are Ps: a switch costs
	// what a goroutine switch costs, and sleeps end with the rounding of Go's
	// timers.
	Goroutines bool
	// Obeys names what the policy obeys of an Attr: nice, priority, slice.
	Obeys []string
}
