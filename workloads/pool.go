package workloads

// PoolCode is a part of the Python code of a pool (Lib/concurrent/futures/process.py,
// Lib/multiprocessing/queues.py and connection.py).
type PoolCode int

// The parts of a pool's code, each between system calls.
const (
	PoolSubmit PoolCode = iota
	PoolResult
	PoolWaiter
	PoolWait // the manager makes a selector for each wait
	PoolEnqueue
	PoolReceive
	PoolPoll
	PoolFulfil
	PoolFeeder
	PoolPickle
	PoolUnpickle // in the worker
	PoolSendBack // in the worker

	PoolCodes // how many there are
)

// Calls returns how long a part takes, in calls of fib and without system calls.
func (c PoolCode) Calls() int { return callsOfPool[c] }

// How the time is divided is that of the CPU time of each thread for a job
// of no work on CPython 3.11.7: 38 µs of the one that submits it, 130 µs of the manager
// and 40 µs of the feeder. That holds system calls, and caches which others have used
// meanwhile, so that it is no measure of all of it. The sum is such that predictions meet
// CPython 3.11 on an idle machine where a call of fib took 29 ns: 7,750 requests a second,
// one after the other, through threads and a pool, and 7,540 through coroutines and a pool.
var callsOfPool = [PoolCodes]int{
	PoolSubmit:   200,
	PoolResult:   75,
	PoolWaiter:   50,
	PoolWait:     350,
	PoolEnqueue:  150,
	PoolReceive:  100,
	PoolPoll:     100,
	PoolFulfil:   100,
	PoolFeeder:   100,
	PoolPickle:   250,
	PoolUnpickle: 250,
	PoolSendBack: 250,
}
