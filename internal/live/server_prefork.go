package live

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/workloads"
)

// Prefork: several processes with an interpreter and some threads each, all of which
// accept on the one socket that the parent listens on. The kernel gives a connection to
// one of those that wait; whoever has it serves it until it ends. The parent does
// nothing but start them, and replace one that dies.
//
// What the threads of a process did for each request comes back when the server is
// closed, so that it can be joined to the rows of the clients as if there was one
// process.

// forkConfig is what a server process has to know.
type forkConfig struct {
	Threads   int
	Address   string
	Warmup    time.Duration
	Duration  time.Duration
	UntilDone bool
	Limits    ServerLimits
	Forget    bool
}

// What parent and process say to each other after the configuration: a byte of kind,
// and what belongs to it.
const (
	forkReady  = 'r' // the process stands ready
	forkBegin  = 'b' // the parent: time 0, as ownEpoch takes it
	forkCounts = 'c' // what the process has done so far
	forkStop   = 's' // the parent: the server is closed; the end of what it says: give up
	forkRows   = 'x' // some requests of one connection
	forkEnd    = 'e' // there is nothing more
)

// forks are the processes of a server, seen from their parent.
type forks struct {
	plan     *serverPlan
	socket   *os.File // that all of them accept on
	life     context.Context
	kill     context.CancelFunc
	launcher *launcher

	mu        sync.Mutex
	processes []*fork
	begun     bool
	epoch     int64
	stopping  bool
	aborting  bool
	early     int // processes in a row that died before they had done anything
	rows      map[int][]serverRow
	gone      ServerCounts // of processes that have died
	losses    []error      // what takeLosses has not returned yet
	failed    error
	peak      int64
	attending sync.WaitGroup
}

// fork is one process.
type fork struct {
	workerProcess
	counts ServerCounts
	ended  bool // it has handed over all there is
}

// startForks starts the processes and waits until all stand ready.
func startForks(ctx context.Context, plan *serverPlan, l listener) (*forks, error) {
	socket, err := inheritable(l)
	if err != nil {
		return nil, fmt.Errorf("server.model: prefork: %w", err)
	}
	f := &forks{plan: plan, socket: socket, launcher: newLauncher(), rows: map[int][]serverRow{}}
	f.life, f.kill = context.WithCancel(context.WithoutCancel(ctx))
	end := context.AfterFunc(ctx, f.kill)
	defer end()
	workers := plan.program.Server.Workers
	ready := make(chan error, workers)
	for range workers {
		if err = f.start(ready); err != nil {
			break
		}
	}
	over := time.After(startLimit + time.Duration(workers)*limitOfConnection)
	for i := 0; i < workers && err == nil; i++ {
		select {
		case err = <-ready:
		case <-over:
			err = errors.New("server processes hung while starting; the host may be too busy: use fewer workers")
		}
	}
	if err = cmp.Or(ctx.Err(), err); err != nil {
		_ = f.stop()
		_, _ = f.settle(nil)
		return nil, err
	}
	return f, nil
}

func (f *forks) start(ready chan<- error) error {
	if f.plan.commands.Worker == nil {
		return errors.New("server: no command to start server processes with was given")
	}
	w := new(fork)
	err := f.launcher.do(func() error {
		cmd := f.plan.commands.Worker(f.life)
		cmd.ExtraFiles = []*os.File{f.socket}
		return w.launch(f.life, cmd)
	})
	if err != nil {
		return fmt.Errorf("a server process cannot be started: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.processes = append(f.processes, w)
	if f.aborting || f.stopping && !f.begun {
		w.stdin.Close() // as was done for the others
	}
	f.attending.Add(1)
	go f.attend(w, ready)
	return nil
}

// config returns what a process is told.
func (f *forks) config() *workerConfig {
	p := f.plan.program
	return &workerConfig{
		Native: f.plan.native, Interpreter: p.Interpreter,
		Pad: f.plan.tools.pad.Recipe(), PerMicrosecond: f.plan.tools.spins.PerMicrosecond(),
		Fork: &forkConfig{
			Threads: p.Server.Threads, Address: p.Server.Address,
			Warmup: p.Warmup, Duration: p.Duration, UntilDone: p.UntilDone,
			Limits: f.plan.limits, Forget: f.plan.forget,
		},
	}
}

// attend configures a process, takes what it says, reaps it, and replaces it where it
// has died.
func (f *forks) attend(w *fork, ready chan<- error) {
	defer f.attending.Done()
	err := f.config().write(w.stdin)
	for err == nil {
		var message []byte
		if message, err = readMessage(w.stdout); err == nil {
			err = f.heard(w, message, ready)
		}
	}
	_ = w.cmd.Process.Kill() // fails only where it has ended
	w.stdin.Close()
	how := w.cmd.Wait()
	f.mu.Lock()
	f.processes = slices.DeleteFunc(f.processes, func(other *fork) bool { return other == w })
	w.counts.Open = 0
	f.gone.add(w.counts)
	f.early++
	lost := fmt.Errorf("a server process died (%s)%s", cmp.Or(how, errQuiet), w.stderr.String())
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		lost = fmt.Errorf("a server process was ended: %w", err)
	}
	again := !w.ended && !f.stopping && f.early <= mostEarly && f.life.Err() == nil
	if !w.ended && (!f.stopping || !f.plan.forget) {
		f.lose(lost, again)
	}
	f.mu.Unlock()
	select {
	case ready <- lost: // nobody listens any more where it had been ready
	default:
	}
	if again {
		if err := f.start(make(chan error, 1)); err != nil {
			f.mu.Lock()
			f.lose(err, false)
			f.mu.Unlock()
		}
	}
}

// lose keeps why there is a process less, under the mutex. The run of a scenario has
// failed then; a server on its own goes on with the others, and tells of each loss.
func (f *forks) lose(why error, again bool) {
	if !f.plan.forget || !f.begun {
		f.failed = cmp.Or(f.failed, why)
		return
	}
	f.gone.Lost++
	switch {
	case again:
		why = fmt.Errorf("%w; another one takes its place", why)
	case len(f.processes) == 0:
		f.failed = cmp.Or(f.failed, errors.New("no server process is left"))
	}
	f.losses = append(f.losses, why)
}

// takeLosses returns what a server on its own has lost since it was called before.
func (f *forks) takeLosses() []error {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := f.losses
	f.losses = nil
	return list
}

// heard takes a message of a process.
func (f *forks) heard(w *fork, message []byte, ready chan<- error) error {
	if len(message) == 0 {
		return errMessage
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	d := decoder{rest: message[1:]}
	switch message[0] {
	case forkReady:
		select {
		case ready <- nil:
		default:
		}
		if f.begun {
			f.tell(w)
		}
	case forkCounts:
		w.counts = d.counts()
		f.early = 0
	case forkRows:
		port := int(d.unsigned())
		f.rows[port] = append(f.rows[port], d.rows()...)
	case forkEnd:
		w.ended = true
		f.peak += d.signed()
	default:
		return errMessage
	}
	return d.end()
}

// begin names time 0 to the processes, which then accept.
func (f *forks) begin(epoch int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.begun, f.epoch = true, epoch
	for _, w := range f.processes {
		f.tell(w)
	}
}

// tell names time 0 to a process, under the mutex.
func (f *forks) tell(w *fork) {
	b := binary.AppendVarint([]byte{forkBegin}, f.epoch)
	_ = writeMessage(w.stdin, binary.AppendVarint(b, clockWall(f.epoch))) // its end tells more
	if f.stopping {
		_ = writeMessage(w.stdin, []byte{forkStop})
	}
}

// stop tells the processes that the server is closed, and returns why one of them had
// ended before.
func (f *forks) stop() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.stopping {
		f.stopping = true
		for _, w := range f.processes {
			if f.begun {
				_ = writeMessage(w.stdin, []byte{forkStop})
			} else {
				w.stdin.Close()
			}
		}
	}
	return f.failed
}

// abort makes the processes give up what they compute; the requests before it come all
// the same. It kills those that do not end even so.
func (f *forks) abort() {
	_ = f.stop() // whose error comes at the end
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.aborting {
		return
	}
	f.aborting = true
	for _, w := range f.processes {
		w.stdin.Close()
	}
	last := time.AfterFunc(stopLimit, f.kill)
	context.AfterFunc(f.life, func() { last.Stop() })
}

func (f *forks) wasAborted() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.aborting
}

// await waits until all processes have ended, which they do when the server is closed
// and what they were at is done. When ctx ends first, it aborts them.
func (f *forks) await(ctx context.Context) error {
	end := context.AfterFunc(ctx, f.abort)
	defer end()
	f.attending.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed
}

// settle waits until all processes have handed over their rows, which it puts into
// rows, and reaps them. It kills those that do not end.
func (f *forks) settle(rows serverSamples) (peak int64, err error) {
	last := time.AfterFunc(reportLimit, f.kill)
	f.attending.Wait()
	last.Stop()
	f.kill()
	f.launcher.close()
	f.socket.Close()
	for port, list := range f.rows {
		if rows != nil {
			rows[port] = serverRowsOf(list)
		}
	}
	return f.peak, f.failed
}

// counts returns what the processes have done, as far as they have told.
func (f *forks) counts() ServerCounts {
	f.mu.Lock()
	defer f.mu.Unlock()
	sum := f.gone
	for _, w := range f.processes {
		sum.add(w.counts)
	}
	return sum
}

// rowsOfMessage bounds the requests in one message.
const rowsOfMessage = 1 << 16

// runFork is the life of a server process: it serves until the parent says stop, and
// then tells what it did.
func runFork(stdin io.Reader, stdout io.Writer, config *workerConfig, tools tools) error {
	c := config.Fork
	p := &workloads.Program{
		Interpreter: config.Interpreter, Warmup: c.Warmup, Duration: c.Duration, UntilDone: c.UntilDone,
		Server: &workloads.Server{Model: workloads.Sequential, Address: c.Address},
	}
	plan := &serverPlan{program: p, tools: tools, limits: c.Limits, native: config.Native, forget: c.Forget}
	l, err := inherited(plan.raw())
	if err != nil {
		return err
	}
	s := &premises{sockets: newSockets(l, plan), plan: plan}
	defer s.settle()
	if err := writeMessage(stdout, []byte{forkReady}); err != nil {
		return err
	}
	epoch, err := readEpoch(stdin)
	if err != nil {
		return err // io.EOF: the server was not to be after all
	}
	run := runForkNative
	if !config.Native {
		run = runForkGIL
	}
	over := make(chan struct{})
	var telling sync.WaitGroup
	if c.Forget {
		telling.Go(func() { tellCounts(stdout, s, over) })
	}
	err = run(stdin, s, epoch, c.Threads)
	close(over)
	telling.Wait()
	if err != nil {
		return err
	}
	return tellAll(stdout, s)
}

func readEpoch(r io.Reader) (int64, error) {
	message, err := readMessage(r)
	if err != nil {
		return 0, err
	}
	if len(message) == 0 || message[0] != forkBegin {
		return 0, errMessage
	}
	d := decoder{rest: message[1:]}
	epoch := ownEpoch(d.signed(), d.signed())
	return epoch, d.end()
}

// runForkGIL serves on threads of an interpreter.
func runForkGIL(stdin io.Reader, s *premises, epoch int64, threads int) error {
	rt, err := s.plan.runtime(epoch)
	if err != nil {
		return err
	}
	defer rt.Close()
	server := &gilServer{premises: s, rt: rt, runtime: []*gil.Runtime{rt}}
	for id := range threads {
		rt.Go(workerName(serverGroup, id), server.sequential)
	}
	awaitStop(stdin, s, rt.Abort)
	if err := rt.Wait(context.Background()); err != nil && !errors.Is(err, gil.ErrAborted) {
		return err
	}
	return s.Close()
}

// runForkNative serves on goroutines.
func runForkNative(stdin io.Reader, s *premises, epoch int64, threads int) error {
	r := &nativeRun{epoch: epoch, stopped: make(chan struct{})}
	server := &nativeServer{premises: s, run: r}
	for id := range threads {
		server.spawn(id, server.sequential)
	}
	awaitStop(stdin, s, r.abort)
	r.running.Wait()
	return errors.Join(r.failed(), s.Close())
}

// awaitStop closes the server when the parent says so; when the parent is gone, or says
// nothing any more, computations end, too.
func awaitStop(stdin io.Reader, s *premises, abort func()) {
	go func() {
		_, err := readMessage(stdin)
		if s.plan.forget {
			s.drain()
		} else {
			_ = s.Close() // whose result the threads' owner asks for
		}
		if err == nil {
			_, _ = readMessage(stdin) // there is none: it ends with the parent, or by an abort
		}
		_ = s.Close() // threads that send come back
		abort()
	}()
}

// tellCounts tells the parent what has been done, four times a second.
func tellCounts(stdout io.Writer, s *premises, over <-chan struct{}) {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		c := s.counts()
		if writeMessage(stdout, appendCounts([]byte{forkCounts}, &c)) != nil {
			return // the parent is gone
		}
		select {
		case <-over:
			return
		case <-tick.C:
		}
	}
}

// tellAll tells the parent all that was done.
func tellAll(stdout io.Writer, s *premises) error {
	for port, rows := range s.samples() {
		for at := 0; at < rows.count(); at += rowsOfMessage {
			b := binary.AppendUvarint([]byte{forkRows}, uint64(port))
			b = appendRows(b, rows, at, min(rows.count(), at+rowsOfMessage))
			if err := writeMessage(stdout, b); err != nil {
				return err
			}
		}
	}
	c := s.counts()
	if err := writeMessage(stdout, appendCounts([]byte{forkCounts}, &c)); err != nil {
		return err
	}
	return writeMessage(stdout, binary.AppendVarint([]byte{forkEnd}, peakMemory()))
}

func appendCounts(b []byte, c *ServerCounts) []byte {
	for _, v := range c.fields() {
		b = binary.AppendVarint(b, *v)
	}
	return b
}

func (d *decoder) counts() (c ServerCounts) {
	for _, v := range c.fields() {
		*v = d.signed()
	}
	return c
}
