package workloads

// How long the Python code of a pool takes in each of its parts, in calls of fib and
// without system calls. On CPython 3.11.7 the CPU time of each thread for a job of no
// work was 38 µs of the one that submits it, 130 µs of the manager and 40 µs of the
// feeder, where a call of fib took 34.6 ns (Lib/concurrent/futures/process.py,
// Lib/multiprocessing/queues.py and connection.py).
const (
	CallsOfSubmit   = 400
	CallsOfResult   = 150
	CallsOfWaiter   = 100
	CallsOfWait     = 700 // the manager makes a selector for each wait
	CallsOfEnqueue  = 300
	CallsOfReceive  = 200
	CallsOfPoll     = 200
	CallsOfFulfil   = 200
	CallsOfFeeder   = 200
	CallsOfPickle   = 500
	CallsOfUnpickle = 500 // in the worker
	CallsOfSendBack = 500 // in the worker
)
