package scenarios

import (
	"math"
	"time"
)

// Limits of a scenario. They keep a typing mistake from hanging or exhausting
// the host; each message that reports one states it.
const (
	MaxFileBytes = 1 << 20 // size of a scenario file
	MaxNodes     = 100_000 // values in a file once its aliases are expanded

	MaxFib       = 45        // fib(45) makes 2.3 billion calls: a minute at 25 ns each
	MaxWorkers   = 2_000_000 // threads and connections of all groups together, in the simulator
	MaxMeasured  = 10_000    // the same where threads are real
	MaxNesting   = 8         // loops inside loops
	MaxLoopTimes = 1_000_000 // passes of one loop
	MaxTimes     = 10_000_000
	MaxYields    = 1_000_000
	MaxRepeat    = 1000
	MaxVariants  = 50
	MaxCPUs      = 1024
	MaxHZ        = 10_000
	MaxSeed      = min(1<<53, math.MaxInt) // what every reader of JSON keeps exactly
	MaxHash      = 1 << 30                 // bytes of one nogil hash
	MaxRead      = 1 << 30                 // bytes of one read, and of the file that it reads
	MaxQueue     = 1_000_000               // items of one queue
	MaxProcesses = 256                     // worker processes and interpreters of all pools and the server together
	MaxScript    = 20_000                  // characters of one script

	MaxServerThreads = 1000 // of each process of prefork
	MaxRate          = 1e6  // arrivals per second of one connection
	MaxSampling      = 1_000_000
	MaxPriority      = 1000
	MaxSigma         = 5 // of a lognormal duration; beyond it the mean is made by draws that never happen

	// What the members of a group do in all where the run lasts until they have done it,
	// and in one pass otherwise: a day on one CPU, and as many operations as a prediction
	// makes in half an hour.
	MaxWork  = 24 * time.Hour
	MaxSteps = 1_000_000_000

	MaxSleep    = time.Hour
	MaxSpin     = time.Minute // of one spin, nogil spin or hold
	MinDuration = 10 * time.Millisecond
	MaxDuration = time.Hour
	MaxWarmup   = 10 * time.Minute
	MaxStart    = time.Hour
	MinSlice    = 100 * time.Microsecond // what the kernel makes of a shorter one
	MaxSlice    = 100 * time.Millisecond

	MinPace = 0.1 // ns per call of fib
	MaxPace = 1e6

	maxText  = 5000 // characters of one text
	maxCheck = 1000 // characters of one check

	maxErrors = 1000 // mistakes told of one file
)

// Defaults of keys whose default depends on other keys.
const (
	defaultWarmup   = 500 * time.Millisecond // none with until: done, as the first iterations count there
	defaultDuration = 5 * time.Second
)
