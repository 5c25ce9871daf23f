package workloads

// How long the Python code of a pool takes in each of its parts, in calls of fib and
// without system calls (Lib/concurrent/futures/process.py, Lib/multiprocessing/queues.py
// and connection.py). How it is divided is that of the CPU time of each thread for a job
// of no work on CPython 3.11.7: 38 µs of the one that submits it, 130 µs of the manager
// and 40 µs of the feeder. That holds system calls, and caches which others have used
// meanwhile, so that it is no measure of all of it. The sum is such that predictions meet
// CPython 3.11 on an idle machine where a call of fib took 29 ns: 7,750 requests a second,
// one after the other, through threads and a pool, and 7,540 through coroutines and a pool.
const (
	CallsOfSubmit   = 200
	CallsOfResult   = 75
	CallsOfWaiter   = 50
	CallsOfWait     = 350 // the manager makes a selector for each wait
	CallsOfEnqueue  = 150
	CallsOfReceive  = 100
	CallsOfPoll     = 100
	CallsOfFulfil   = 100
	CallsOfFeeder   = 100
	CallsOfPickle   = 250
	CallsOfUnpickle = 250 // in the worker
	CallsOfSendBack = 250 // in the worker
)
