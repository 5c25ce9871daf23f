package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/workloads"
)

// crew are the worker processes of a pool and what the kernel does for them: it
// holds the tasks that nobody has fetched yet and gives the next one to whoever has
// nothing to do, the longest idle first; with a board, to the one whose turn it is.
// Nothing in it takes an interpreter lock, as nothing does in the pipe that the workers
// of multiprocessing read from.
//
// A process that dies is replaced, and its task ends with an error; all others go on.
// In that it is kinder than concurrent.futures, where one dead worker breaks the pool
// and fails everything in it (BrokenProcessPool): a server is to survive that.
type crew struct {
	config   crewConfig
	life     context.Context // of the processes
	kill     context.CancelFunc
	launcher *launcher
	deliver  func(message []byte) // takes each encoded result
	board    *board               // nil: each worker sends its results to the goroutine that attends it
	box      mailbox              // that the results on a board go to, until a pool has it

	mu        sync.Mutex
	idle      []*workerProcess // the longest first; without a board
	workers   []*workerProcess // all that live
	places    []*workerProcess // on the board, or nil
	waiting   []*errand        // fetched by nobody yet, the oldest first
	early     int              // processes in a row that died before their first result
	broken    error            // why there will be no more processes
	closed    bool
	peak      int64 // bytes of the processes that were ended
	attending sync.WaitGroup
}

// crewConfig says which processes to start.
type crewConfig struct {
	Name    string // what messages call the pool
	Workers int
	Command Command
	Worker  workerConfig
	Threads bool // the processes are attended by threads that sleep in the kernel
	Board   bool // results do not go through those that attend, where the system has a board
}

// errand is a task on its way.
type errand struct {
	id      uint64
	message []byte
}

// workerProcess is one worker process, seen from its parent.
type workerProcess struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout io.ReadCloser
	stderr lastWords
	place  int

	// Under the crew's mutex.
	errands []*errand // that it works at, and those whose results have not been seen yet
	results int
}

// startCrew starts the processes and waits until all stand ready. They live until
// close. When it returns an error it has left none behind.
func startCrew(ctx context.Context, config crewConfig) (*crew, error) {
	if config.Command == nil {
		return nil, fmt.Errorf("%s: no command to start worker processes with was given", config.Name)
	}
	c := &crew{config: config, places: make([]*workerProcess, config.Workers)}
	if config.Board {
		var err error
		if c.board, c.box, err = newBoard(); err != nil {
			return nil, fmt.Errorf("%s: %w", config.Name, err)
		}
	}
	c.launcher = newLauncher()
	c.life, c.kill = context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, c.kill) // a process that hangs at its start then ends
	defer stop()
	ready := make(chan error, config.Workers)
	for range config.Workers {
		if err := c.start(ready); err != nil {
			c.close()
			return nil, cmp.Or(ctx.Err(), err)
		}
	}
	over := time.After(startLimit + time.Duration(config.Workers)*limitOfConnection)
	for range config.Workers {
		var err error
		select {
		case err = <-ready:
		case <-over:
			err = fmt.Errorf("%s: worker processes hung while starting; the host may be too busy: use fewer workers", config.Name)
		}
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		if err != nil {
			c.close()
			return nil, err
		}
	}
	return c, nil
}

// start starts one process, which says at ready whether it stands so.
func (c *crew) start(ready chan<- error) error {
	w := c.newcomer()
	cmd := c.config.Command(c.life)
	if c.board != nil {
		cmd.ExtraFiles = c.board.inherited
	}
	err := c.launcher.do(func() error { return w.launch(c.life, cmd) })
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.places[w.place] = nil
		return fmt.Errorf("%s: a worker process cannot be started: %w", c.config.Name, err)
	}
	c.workers = append(c.workers, w)
	if c.closed {
		_ = w.cmd.Process.Kill() // fails only where it has ended
	}
	c.attending.Add(1)
	go c.attend(w, ready)
	return nil
}

// newcomer returns a worker with a place of its own.
func (c *crew) newcomer() *workerProcess {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := &workerProcess{place: slices.Index(c.places, nil)}
	c.places[w.place] = w
	return w
}

func (w *workerProcess) launch(life context.Context, cmd *exec.Cmd) (err error) {
	w.cmd = cmd
	cmd.Stderr = &w.stderr
	cmd.WaitDelay = pipeLimit
	ownFate(cmd)
	if w.stdin, err = cmd.StdinPipe(); err != nil {
		return err
	}
	if w.stdout, err = cmd.StdoutPipe(); err != nil {
		return err
	}
	return cmd.Start()
}

// attend tells a process what it is, passes its results on, and reaps it. A process
// that has died is replaced.
func (c *crew) attend(w *workerProcess, ready chan<- error) {
	defer c.attending.Done()
	if c.config.Threads {
		defer blockThread(w.stdout)()
	}
	config := c.config.Worker
	config.Board, config.Place = c.board != nil, w.place
	err := config.write(w.stdin)
	if err == nil {
		_, err = readMessage(w.stdout) // that it is ready
	}
	if err == nil {
		ready <- nil
		c.next(w)
		err = c.listen(w)
	}
	lost := c.bury(w, err)
	if w.results == 0 && ready != nil {
		// Nobody listens any more where it had been ready.
		select {
		case ready <- fmt.Errorf("%s: a worker process %w", c.config.Name, lost):
		default:
		}
	}
	c.replace()
}

// listen passes results on until the process ends or says what makes no sense. With a
// board there are none; all that a process says then is that it is idle while tasks
// wait.
func (c *crew) listen(w *workerProcess) error {
	for {
		message, err := readMessage(w.stdout)
		if err != nil {
			return err
		}
		if c.board != nil {
			c.match()
			continue
		}
		r, err := decodeResult(message)
		if err != nil {
			return err
		}
		if !c.fulfilled(w, r.id) {
			return errors.New("answered what it was not asked")
		}
		// It goes on before anybody looks at what it has done: others need not have
		// the interpreter's lock for that.
		c.next(w)
		c.deliver(message)
	}
}

// fulfilled says that a process has done that task, and reports whether it worked at it.
func (c *crew) fulfilled(w *workerProcess, id uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.early = 0
	return w.did(id)
}

// did is fulfilled for a caller who has the crew's mutex.
func (w *workerProcess) did(id uint64) bool {
	i := slices.IndexFunc(w.errands, func(e *errand) bool { return e.id == id })
	if i < 0 {
		return false
	}
	w.errands = slices.Delete(w.errands, i, i+1)
	w.results++
	return true
}

// seen says that there is a result, which on a board may be that of a process that has
// died since.
func (c *crew) seen(r *result) {
	if c.board == nil || r.begin == 0 { // it is known already, or a task was lost
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.early = 0
	for _, w := range c.workers {
		if w.did(r.id) {
			return
		}
	}
}

// next says that a process has nothing to do, which on a board it says itself.
func (c *crew) next(w *workerProcess) {
	if c.board == nil {
		c.mu.Lock()
		c.idle = append(c.idle, w)
		c.mu.Unlock()
	}
	c.match()
}

// match sends the oldest tasks to those whose turn it is, as long as there are both.
func (c *crew) match() {
	for {
		c.mu.Lock()
		w := c.hire()
		if w == nil {
			c.mu.Unlock()
			return
		}
		e := c.waiting[0]
		c.waiting = c.waiting[1:]
		w.errands = append(w.errands, e)
		c.mu.Unlock()
		w.send(e)
	}
}

// hire returns who is to do the oldest task, nil where there is no task or nobody is
// idle. The caller has c.mu.
func (c *crew) hire() (w *workerProcess) {
	switch {
	case len(c.waiting) == 0:
	case c.board != nil:
		if place := c.board.hire(len(c.waiting)); place >= 0 {
			w = c.places[place]
		}
	case len(c.idle) > 0:
		w = c.idle[0]
		c.idle = c.idle[1:]
	}
	return w
}

// send sends a process its task. That nobody reads it any more is no error of its
// own: the end of the process tells.
func (w *workerProcess) send(e *errand) { _ = writeMessage(w.stdin, e.message) }

// put takes a task. It never waits for a process.
func (c *crew) put(e *errand) {
	c.mu.Lock()
	if c.broken != nil || c.closed {
		c.mu.Unlock()
		c.lose(e, cmp.Or(c.broken, errPoolClosed))
		return
	}
	c.waiting = append(c.waiting, e)
	c.mu.Unlock()
	c.match()
}

var (
	errPoolClosed = errors.New("the pool was closed")
	errQuiet      = errors.New("exit status 0")
)

// unfetched returns how many tasks, but for one, no process has taken yet.
func (c *crew) unfetched(but *errand) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, e := range c.waiting {
		if e != but {
			n++
		}
	}
	return n
}

// lose answers a task by an error.
func (c *crew) lose(e *errand, why error) {
	r := result{id: e.id, problem: why.Error()}
	c.deliver(r.encode())
}

// bury ends a process that has died or made no sense, for the given reason, answers
// its task, and returns what became of it.
func (c *crew) bury(w *workerProcess, why error) error {
	_ = w.cmd.Process.Kill() // fails only where it has ended
	w.stdin.Close()
	how := w.cmd.Wait()
	c.mu.Lock()
	c.idle = slices.DeleteFunc(c.idle, func(other *workerProcess) bool { return other == w })
	c.workers = slices.DeleteFunc(c.workers, func(other *workerProcess) bool { return other == w })
	if c.board != nil {
		c.board.leave(w.place)
	}
	c.places[w.place] = nil
	errands := w.errands
	w.errands = nil
	c.mu.Unlock()
	lost := fmt.Errorf("died (%s)%s", cmp.Or(how, errQuiet), w.stderr.String())
	if !errors.Is(why, io.EOF) && !errors.Is(why, io.ErrUnexpectedEOF) && !errors.Is(why, os.ErrClosed) {
		lost = fmt.Errorf("was ended: %w", why)
	}
	// Where the result of one stands on the board, that comes first, and counts.
	for _, e := range errands {
		c.lose(e, fmt.Errorf("the worker process %w", lost))
	}
	return lost
}

// mostEarly is how many processes in a row may die before their first result until
// no more are started.
const mostEarly = 8

// replace starts a process in place of one that has died, unless that is of no use.
func (c *crew) replace() {
	c.mu.Lock()
	c.early++
	last := c.closed || c.life.Err() != nil || c.early > mostEarly
	c.mu.Unlock()
	var err error
	switch {
	case last:
		err = errors.New("worker processes die as soon as they have started")
	default:
		err = c.start(make(chan error, 1))
	}
	if err == nil {
		return
	}
	c.mu.Lock()
	var orphans []*errand
	if len(c.workers) == 0 && c.broken == nil {
		c.broken = err
	}
	if c.broken != nil {
		orphans, c.waiting = c.waiting, nil
	}
	c.mu.Unlock()
	for _, e := range orphans {
		c.lose(e, err)
	}
}

// close ends and reaps all processes. What they worked at is lost. It may be called
// more than once.
func (c *crew) close() {
	c.mu.Lock()
	first := !c.closed
	c.closed = true
	if first {
		for _, w := range c.workers {
			c.peak += peakMemoryOf(w.cmd.Process.Pid)
			_ = w.cmd.Process.Kill() // fails only where it has ended
		}
	}
	c.mu.Unlock()
	c.attending.Wait()
	if first {
		c.kill()
		c.launcher.close()
		if c.board != nil {
			c.board.close()
		}
		if c.box != nil {
			c.box.close()
		}
	}
}

// peakMemory returns the sum of the largest resident sizes of the processes that
// lived at close, in bytes; 0 where the system does not say.
func (c *crew) peakMemory() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.peak
}

// startPool starts the worker processes of a pool of a program: with the program's
// interpreter lock, or natively.
func startPool(ctx context.Context, p *workloads.Program, name string, workers int, command Command, tools tools, native bool) (*crew, error) {
	return startCrew(ctx, crewConfig{
		Name: name, Workers: workers, Command: command, Threads: !native,
		Board: !native && gil.Park(p.Interpreter.Park) != gil.ParkGoroutine,
		Worker: workerConfig{
			Native: native, Interpreter: p.Interpreter,
			Pad: tools.pad.Recipe(), PerMicrosecond: tools.spins.PerMicrosecond(),
		},
	})
}
