package live

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
	"github.com/fibsim/fibsim/workloads/kernel"
)

// server is a server of either backend and of any model.
type server interface {
	addr() string // host:port
	// Close ends the server: threads that accept, receive or send come back, and end.
	// It does not wait for them. It may be called more than once, and returns why the
	// server had ended before, if it had.
	Close() error
	// settle ends what the server has beside its threads, which must all have ended: its
	// processes, whose largest resident sizes it adds up, in bytes.
	settle() (peak int64, err error)
	// samples returns the requests of all connections, once all is settled.
	samples() serverSamples
	// counts returns what the server has done so far, at any time.
	counts() ServerCounts
}

// ServerLimits keep strangers from taking more of a server than they should. The zero
// value of each is no limit.
type ServerLimits struct {
	MaxFib         int           // the largest number that is computed; 0: 45
	MaxConnections int           // at one time; one more is told so, and closed
	Idle           time.Duration // a connection that sends or takes nothing for so long is closed
}

// ServerCounts is what a server has done.
type ServerCounts struct {
	Connections int64 // accepted
	Open        int64 // of those, not yet closed
	Refused     int64 // beyond the limit
	Starved     int64 // times that none could be accepted, for want of descriptors or memory
	Requests    int64 // answered
	Errors      int64 // of those, by an error
	BusyNS      int64 // from the end of recv to the end of send
	WaitNS      int64 // of that, waiting for the lock
	Lost        int64 // server processes that died
}

func (c *ServerCounts) fields() [9]*int64 {
	return [...]*int64{&c.Connections, &c.Open, &c.Refused, &c.Starved, &c.Requests, &c.Errors, &c.BusyNS, &c.WaitNS, &c.Lost}
}

// add adds what another part of the server has done.
func (c *ServerCounts) add(d ServerCounts) {
	more := d.fields()
	for i, sum := range c.fields() {
		*sum += *more[i]
	}
}

// attendant is the recorder of a thread that serves connections, one after the other
// or in turns.
type attendant struct {
	lane *trace.Lane
	now  func() int64
	seq  int64 // iterations so far
}

// begin begins an iteration.
func (a *attendant) begin(at int64) { a.lane.Begin(a.seq, at, at) }

// beginPiece begins an iteration of a loop's thread: it goes on with a task, which could
// since then.
func (a *attendant) beginPiece(task int32, since, at int64) {
	a.lane.BeginPiece(task, a.seq, since, at)
}

// end ends the iteration and returns what it was.
func (a *attendant) end(at int64, problem string) *trace.Sample {
	a.lane.End(at, 0, problem)
	a.seq++
	return a.lane.Sample()
}

// compute returns fib(n), or what went wrong in a few words.
type compute func(n int) (value uint64, problem string)

// serverConnection is one connection of a server, of any model. It belongs to
// the thread that serves it; the steps recv, answer and send are the same for all,
// what is around them is the server's.
type serverConnection struct {
	sockets *sockets
	stream  stream

	framer   framer
	received [maxRequest]byte
	pad      kernel.Pad // written at every call of fib: on no cache line of another thread
	reply    []byte
	problem  string // with the request that is being answered
	over     bool   // nothing more can be received or sent
	rows     *serverRows
}

// recv receives once. Where that completes a request, its iteration begins: waiting
// for the lock in order to answer it belongs to it.
func (c *serverConnection) recv(a *attendant) {
	n, err := c.stream.recv(c.received[:])
	at := a.now()
	if err != nil {
		c.over = true
		return
	}
	c.framer.add(c.received[:n])
	if c.framer.ready() {
		a.begin(at)
	}
}

// answer computes the reply to the next request.
func (c *serverConnection) answer(fib compute) {
	c.reply, c.problem = appendReply(c.reply[:0], c.framer.take(), c.sockets.limits.MaxFib, fib)
}

// send sends the reply, which ends the iteration.
func (c *serverConnection) send(a *attendant) {
	err := c.stream.send(c.reply)
	at := a.now()
	if err != nil {
		c.over, c.problem = true, "the client is gone"
	}
	c.count(a.end(at, c.problem))
	if !c.over && c.framer.ready() {
		// A pipelined request has been waiting for this moment.
		a.begin(at)
	}
}

// count adds a request that has been answered.
func (c *serverConnection) count(s *trace.Sample) {
	t := &c.sockets.totals
	t.requests.Add(1)
	if c.problem != "" {
		t.errors.Add(1)
	}
	t.busy.Add(s.Latency())
	t.wait.Add(s.WaitGIL)
	if c.rows != nil {
		c.rows.add(s)
	}
}

// sockets are the listener of a server and the connections that it has accepted.
type sockets struct {
	listener listener
	pad      kernel.Pad
	limits   ServerLimits
	forget   bool // the requests are counted, and no rows are kept of them

	totals struct{ connections, refused, starved, requests, errors, busy, wait atomic.Int64 }

	mu     sync.Mutex
	open   map[*serverConnection]bool
	rows   serverSamples
	failed error
	closed bool
}

func newSockets(l listener, plan *serverPlan) *sockets {
	return &sockets{
		listener: l, pad: plan.tools.pad, limits: plan.limits, forget: plan.forget,
		open: map[*serverConnection]bool{}, rows: serverSamples{},
	}
}

// accept waits for the next connection; nil when there will be none any more.
func (s *sockets) accept() *serverConnection {
	for {
		stream, err := s.listener.accept()
		switch {
		case err == nil:
			if c, over := s.admit(stream); c != nil || over {
				return c
			}
		case s.endures(err):
			time.Sleep(starvedPause)
		default:
			s.fail(err)
			return nil
		}
	}
}

// starvedPause is how long a server that could not accept lets the kernel keep what
// comes, until it tries again: somebody may have left by then.
const starvedPause = 100 * time.Millisecond

// endures reports whether a server on its own goes on after an error of accept: the
// process, or the host, has no descriptor or no memory for one connection more. In a
// measured run that is no server to measure.
func (s *sockets) endures(err error) bool {
	if !s.forget {
		return false
	}
	for _, want := range [...]error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM} {
		if errors.Is(err, want) {
			s.totals.starved.Add(1)
			return true
		}
	}
	return false
}

// admit makes a connection of a stream that was accepted, unless there are too many;
// over says that the server has been shut.
func (s *sockets) admit(stream stream) (c *serverConnection, over bool) {
	c = &serverConnection{sockets: s, stream: stream, pad: s.pad, reply: make([]byte, 0, maxRequest)}
	_, peer := stream.ports()
	stream.limit(s.limits.Idle)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		stream.close()
		return nil, true
	case s.limits.MaxConnections > 0 && len(s.open) >= s.limits.MaxConnections:
		s.totals.refused.Add(1)
		_ = stream.send([]byte(tooMany)) // into an empty buffer
		stream.close()
		return nil, false
	}
	s.totals.connections.Add(1)
	s.open[c] = true
	if !s.forget {
		c.rows = newServerRows()
		s.rows[peer] = c.rows
	}
	return c, false
}

// tooMany is what a connection beyond the limit is told.
const tooMany = "error: the server has as many connections as it may; try again later\n"

// counts returns what the server has done so far.
func (s *sockets) counts() ServerCounts {
	t := &s.totals
	s.mu.Lock()
	open := int64(len(s.open))
	s.mu.Unlock()
	return ServerCounts{
		Connections: t.connections.Load(), Open: open, Refused: t.refused.Load(), Starved: t.starved.Load(),
		Requests: t.requests.Load(), Errors: t.errors.Load(), BusyNS: t.busy.Load(), WaitNS: t.wait.Load(),
	}
}

// release closes a connection.
func (s *sockets) release(c *serverConnection) {
	s.mu.Lock()
	delete(s.open, c)
	s.mu.Unlock()
	c.stream.close()
}

// fail ends the server after an error of accept, so that no client waits for what
// will never come.
func (s *sockets) fail(err error) {
	if errors.Is(err, errShut) {
		return
	}
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		err = fmt.Errorf("%w; raise the limit of open files (ulimit -n) or use fewer connections", err)
	}
	s.mu.Lock()
	s.failed = fmt.Errorf("server: %w", err)
	s.mu.Unlock()
	s.shut()
}

// shut makes everything that blocks on a socket return.
func (s *sockets) shut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.listener.shut()
	for c := range s.open {
		c.stream.shut()
	}
}

// drain lets no new connection and no new request in, and lets those that are being
// answered end.
func (s *sockets) drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.listener.shut()
	for c := range s.open {
		c.stream.drain()
	}
}

// Close makes all threads of the server come back and end.
func (s *sockets) Close() error {
	s.shut()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

// free gives back all descriptors. An abort may have left connections behind whose
// threads never began.
func (s *sockets) free() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.open {
		c.stream.close()
	}
	clear(s.open)
	s.listener.close()
}

// addr returns host:port.
func (s *sockets) addr() string { return s.listener.addr() }

// samples returns the requests of all connections. All threads of the server must
// have ended.
func (s *sockets) samples() serverSamples {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rows
}

// serverMeter returns a meter for a thread of a server: its lane would not look at
// states without one, but it is the clients that keep the rows.
func serverMeter(w trace.Window) *trace.Meter { return trace.NewMeter(w, -1, 0) }

// serverGroup names the threads of a server in a log: number 0 accepts, the others
// serve a connection each, in the order in which they were accepted.
const serverGroup = "server"

// backlog is how many connections may wait to be accepted: all of them, as clients
// connect faster than threads start.
func backlog(p *workloads.Program) int { return max(128, p.Workers()) }
