package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
	"github.com/fibsim/fibsim/workloads/kernel"
)

// How many bytes, about, a process keeps before it collects garbage, which a task of
// some milliseconds would otherwise meet now and then: a worker of a pool, and a server
// process, which has to remember what it has done.
const (
	workerMemory = 64 << 20
	forkMemory   = 1 << 30
)

// RunWorker is the whole life of one worker process of a pool: an interpreter with a
// lock of its own, or none, that does one task after the other. Or it is that of one
// process of a prefork server. It sets the garbage collector of its process, so nothing
// else should go on there.
//
// It returns nil when stdin ends while it waits for a task. When stdin ends during
// one it gives up with an error: a worker never outlives its parent.
func RunWorker(stdin io.Reader, stdout io.Writer) error {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(workerMemory)
	config, err := readWorkerConfig(stdin)
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("worker: there is no configuration on standard input; fibsim starts its workers itself: use fibsim run or fibsim serve")
	case err != nil:
		return fmt.Errorf("worker: %w", err)
	}
	tools := tools{pad: config.Pad.Pad(), spins: kernel.NewSpinner(config.PerMicrosecond)}
	switch {
	case config.Fork != nil:
		debug.SetMemoryLimit(forkMemory)
		err = runFork(stdin, stdout, &config, tools)
	case config.Native:
		err = runNativeWorker(stdin, stdout, tools)
	default:
		err = runGILWorker(stdin, stdout, &config, tools)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("worker: %w", err)
	}
	return nil
}

// runGILWorker does tasks on the only thread of an interpreter.
func runGILWorker(stdin io.Reader, stdout io.Writer, config *workerConfig, tools tools) error {
	lock, err := policy.New(config.Interpreter.Lock, config.Interpreter.Params)
	if err != nil {
		return err
	}
	rt, err := gil.New(lock, gil.Options{Park: gil.Park(config.Interpreter.Park), Off: true})
	if err != nil {
		return err
	}
	defer rt.Close()
	m := emptyMaterial()
	defer m.close()
	d := desk{out: stdout, results: stdout, material: m}
	if config.Board {
		b, err := boardOfWorker()
		if err != nil {
			return err
		}
		defer b.close()
		d.results, d.board, d.place = b.results, b, config.Place
		d.in, d.head = taskPipe(stdin)
	} else {
		d.in = watchStdin(stdin, rt.Abort)
		d.head = d.in
	}
	var failed error
	rt.Go("worker-0", func(t *gil.Thread) {
		w := newThread(t, tools)
		w.shared, w.library = &gilShared{material: m}, poolLibrary()
		d.outside, d.code = t.Blocking, w.code
		failed = d.work(w)
	})
	if err := rt.Wait(context.Background()); err != nil {
		return err
	}
	return failed
}

// runNativeWorker does tasks on a goroutine.
func runNativeWorker(stdin io.Reader, stdout io.Writer, tools tools) error {
	stopped := make(chan struct{})
	w := &goroutine{lane: trace.NewLane(0, nil, false), now: gil.Monotonic, stopped: stopped, pad: tools.pad, spins: tools.spins}
	w.breaker = gil.NewBreaker(func() { panic(gil.ErrAborted) })
	in := watchStdin(stdin, func() { close(stopped); w.breaker.Raise() })
	m := emptyMaterial()
	defer m.close()
	w.shared = &nativeShared{material: m}
	d := desk{head: in, in: in, out: stdout, results: stdout, outside: func(f func()) { f() }, code: func(workloads.PoolCode) {}, material: m}
	return d.work(w)
}

// desk is where a worker process takes tasks and hands over results.
type desk struct {
	head, in io.Reader                // of the length of a task, which is likely to wait, and of its content
	out      io.Writer                // to who attends the process
	results  io.Writer                // to who waits for them
	board    *board                   // nil: there is none
	place    int                      // on it
	outside  func(func())             // calls with the lock released
	code     func(workloads.PoolCode) // executes Python code of the pool
	material *material                // of the tasks so far
}

// work does tasks until there are no more, which is io.EOF.
func (d *desk) work(w worker) error {
	var err error
	d.outside(func() { err = writeMessage(d.out, nil) }) // ready
	for err == nil {
		var message []byte
		if message, err = d.receive(); err != nil {
			return err
		}
		var t *task
		if t, err = decodeTask(message); err != nil {
			return err
		}
		d.code(workloads.PoolUnpickle)
		r := d.perform(w, t)
		d.code(workloads.PoolSendBack)
		d.outside(func() { err = writeMessage(d.results, r.encode()) })
	}
	return err
}

// receive waits for a task.
func (d *desk) receive() (message []byte, err error) {
	if d.board != nil {
		d.outside(func() { d.board.takeTurn(d.place) })
		defer d.board.passTurn()
		if d.board.free(d.place) {
			err = writeMessage(d.out, nil) // that it is idle, and tasks wait
		}
	}
	var length int
	if err == nil {
		d.outside(func() { length, err = readLength(d.head) })
	}
	if err == nil {
		d.outside(func() { message, err = readBody(d.in, length) })
	}
	return message, err
}

// perform does a task.
func (d *desk) perform(w worker, t *task) *result {
	r := &result{id: t.id, stream: t.stream, begin: gil.Monotonic()}
	if len(t.body) == 1 && t.body[0].Kind == workloads.OpFib {
		r.value = w.fib(t.body[0].N)
	} else if err := d.material.prepare(t.body); err != nil {
		r.problem = err.Error()
	} else {
		var p pass
		runBody(w, t.body, &r.stream, &p)
		r.planned, r.problem = p.planned, p.end(w)
	}
	r.end = gil.Monotonic()
	return r
}
