package live

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
	"github.com/fibsim/fibsim/workloads/kernel"
)

// serverConnection is one connection of a server, of either kind. It belongs to
// the thread that serves it; the steps recv, answer and send are the same for all,
// what is around them is the server's.
type serverConnection struct {
	stream  stream
	claimed atomic.Bool // by who will close it

	framer   framer
	received [maxRequest]byte
	pad      kernel.Pad // written at every call of fib: on no cache line of another thread
	reply    []byte
	problem  string // with the request that is being answered
	seq      int64
	over     bool // nothing more can be received or sent
	rows     *serverRows
}

// recv receives once. Where that completes a request, its iteration begins: waiting
// for the lock in order to answer it belongs to it.
func (c *serverConnection) recv(l *trace.Lane, now func() int64) {
	n, err := c.stream.recv(c.received[:])
	at := now()
	if err != nil {
		c.over = true
		return
	}
	c.framer.add(c.received[:n])
	c.begin(l, at)
}

// begin begins the iteration of the next request if there is one.
func (c *serverConnection) begin(l *trace.Lane, at int64) {
	if c.framer.ready() {
		l.Begin(c.seq, at, at)
	}
}

// answer computes the reply to the next request.
func (c *serverConnection) answer(fib func(n int) uint64) {
	c.reply, c.problem = appendReply(c.reply[:0], c.framer.take(), fib)
}

// send sends the reply, which ends the iteration.
func (c *serverConnection) send(l *trace.Lane, now func() int64) {
	err := c.stream.send(c.reply)
	at := now()
	if err != nil {
		c.over, c.problem = true, "the client is gone"
	}
	l.End(at, 0, c.problem)
	c.rows.add(l.Sample())
	c.seq++
	if !c.over {
		// A pipelined request has been waiting for this moment.
		c.begin(l, at)
	}
}

// claim reports whether the caller has to close the connection. Of the thread that
// is started for it and the one that starts it, an abort may end either first.
func (c *serverConnection) claim() bool { return c.claimed.CompareAndSwap(false, true) }

// sockets are the listener of a server and the connections that it has accepted.
type sockets struct {
	listener listener
	claimed  atomic.Bool // the listener, by who will close it
	pad      kernel.Pad

	mu     sync.Mutex
	open   map[*serverConnection]bool
	rows   serverSamples
	failed error
	closed bool
}

func newSockets(l listener, pad kernel.Pad) *sockets {
	return &sockets{listener: l, pad: pad, open: map[*serverConnection]bool{}, rows: serverSamples{}}
}

// accept waits for the next connection; nil when there will be none any more.
func (s *sockets) accept() *serverConnection {
	stream, err := s.listener.accept()
	if err != nil {
		s.fail(err)
		return nil
	}
	c := &serverConnection{stream: stream, pad: s.pad, reply: make([]byte, 0, maxRequest), rows: newServerRows()}
	_, peer := stream.ports()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		stream.close()
		return nil
	}
	s.open[c] = true
	s.rows[peer] = c.rows
	return c
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

// claimListener reports whether the caller has to close the listener. The thread
// that accepts may be aborted before it begins.
func (s *sockets) claimListener() bool { return s.claimed.CompareAndSwap(false, true) }

// Close ends the server: threads that accept, receive or send come back, and end.
// It does not wait for them. It may be called more than once, and returns why the
// server had ended before, if it had.
func (s *sockets) Close() error {
	s.shut()
	if s.claimListener() {
		s.listener.close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
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
