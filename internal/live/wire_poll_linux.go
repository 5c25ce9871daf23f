package live

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// listenPolled is listenRaw for sockets that do not block.
func listenPolled(address string, backlog int) (listener, error) {
	l, err := listenRaw(address, backlog)
	if err != nil {
		return nil, err
	}
	raw := l.(*rawListener)
	if err := syscall.SetNonblock(raw.fd.fd, true); err != nil {
		raw.close()
		return nil, listenError(address, err)
	}
	return polledListener{raw}, nil
}

type polledListener struct{ *rawListener }

func (l polledListener) descriptor() int { return l.fd.fd }

func (l polledListener) accept() (stream, error) {
	fd, _, err := syscall.Accept4(l.fd.fd, syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK)
	switch {
	case err == nil:
		return &rawPolled{rawStream{fd: descriptor{fd: fd}}}, nil
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EINTR), errors.Is(err, syscall.ECONNABORTED):
		return nil, errWouldBlock
	case l.fd.wasShut():
		return nil, errShut
	}
	return nil, fmt.Errorf("accept: %w", err)
}

type rawPolled struct{ rawStream }

func (s *rawPolled) descriptor() int { return s.fd.fd }

func (s *rawPolled) recv(b []byte) (int, error) {
	n, err := s.rawStream.recv(b)
	if errors.Is(err, syscall.EAGAIN) {
		err = errWouldBlock
	}
	return n, err
}

func (s *rawPolled) sendSome(b []byte) (int, error) {
	n, err := syscall.Write(s.fd.fd, b)
	switch {
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EINTR), err == nil && n < len(b):
		err = errWouldBlock
	}
	return max(n, 0), err
}

// poller is a set of sockets to wait for, and a pair of sockets by which another
// thread ends that.
type poller struct {
	fds     []pollFD
	pair    [2]int
	stopped func() bool
	limit   time.Duration // wait returns after it at the latest; 0: only when a socket is ready
}

func newPoller(stopped func() bool) (*poller, error) {
	p := &poller{stopped: stopped}
	var err error
	p.pair, err = syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	return p, os.NewSyscallError("socketpair", err)
}

func (p *poller) close() {
	syscall.Close(p.pair[0])
	syscall.Close(p.pair[1])
}

// waker returns the socket that becomes readable when wake was called.
func (p *poller) waker() int { return p.pair[0] }

// wake may be called by any thread. Where the pair is full, the loop will look anyway.
func (p *poller) wake() { _, _ = syscall.Write(p.pair[1], []byte{'x'}) }

// drain reads up to a hundred wake-ups.
func (p *poller) drain() {
	var b [100]byte
	_, _ = syscall.Read(p.pair[0], b[:])
}

// reset empties the set, and sets how long wait may take; 0: without end.
func (p *poller) reset(limit time.Duration) { p.fds, p.limit = p.fds[:0], limit }

// skip takes the place of a socket that is not to be looked at for so long.
func (p *poller) skip(d time.Duration) {
	p.fds = append(p.fds, pollFD{fd: -1}) // which poll ignores
	if p.limit == 0 || d < p.limit {
		p.limit = d
	}
}

// add adds a socket, to be written to or read from.
func (p *poller) add(fd int, write bool) {
	f := pollFD{fd: int32(fd), events: pollIn}
	if write {
		f.events = pollOut
	}
	p.fds = append(p.fds, f)
}

// wait returns when a socket of the set is ready, the limit is over, or the run is
// being aborted.
func (p *poller) wait() {
	slice := pollSlice
	if p.limit > 0 {
		slice = min(slice, int64(p.limit))
	}
	for !p.stopped() {
		if n, err := poll(p.fds, slice); n > 0 || err != nil || p.limit > 0 {
			return
		}
	}
}

// ready reports whether the i-th socket of the set was ready.
func (p *poller) ready(i int) bool { return p.fds[i].revents != 0 }
