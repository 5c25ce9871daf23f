package live

import (
	"fmt"
	"syscall"

	"github.com/fibsim/fibsim/gil"
)

// epollSelector waits in epoll_wait(2), and is woken by a byte through a pair of
// sockets, as the loop of asyncio on Linux.
type epollSelector struct {
	epoll   int
	sockets [2]int // read here, written there
}

func newEpollSelector() (selector, error) {
	fail := func(err error) (selector, error) {
		return nil, fmt.Errorf("asyncio: no selector for the loop: %w; raise the limit of open files (ulimit -n)", err)
	}
	sockets, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		return fail(err)
	}
	p := &epollSelector{epoll: -1, sockets: sockets}
	if p.epoll, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC); err != nil {
		p.close()
		return fail(err)
	}
	readable := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(sockets[0])}
	if err := syscall.EpollCtl(p.epoll, syscall.EPOLL_CTL_ADD, sockets[0], &readable); err != nil {
		p.close()
		return fail(err)
	}
	return p, nil
}

// wait takes whole milliseconds, as epoll_wait does; a part of one is rounded up
// (Lib/selectors.py, EpollSelector.select).
func (p *epollSelector) wait(ns int64, stop func() bool) bool {
	const ms = int64(1e6)
	var events [1]syscall.EpollEvent
	left := (ns + ms - 1) / ms
	until := int64(0)
	if ns > 0 {
		until = gil.Monotonic() + left*ms
	}
	for {
		slice := int64(waitSlice) / ms
		if ns >= 0 {
			slice = min(slice, left)
		}
		n, err := syscall.EpollWait(p.epoll, events[:], int(slice))
		switch {
		case n > 0:
			return true
		case ns >= 0 && err == nil && slice == left, stop():
			return false
		case ns > 0:
			left = max(0, (until-gil.Monotonic()+ms-1)/ms)
		}
	}
}

func (p *epollSelector) read() bool {
	var b [4096]byte
	n, _ := syscall.Read(p.sockets[0], b[:])
	return n > 0
}

// wake may find the socket full: then the loop has much to read already.
func (p *epollSelector) wake() { _, _ = syscall.Write(p.sockets[1], []byte{0}) }

func (p *epollSelector) close() {
	for _, fd := range []int{p.epoll, p.sockets[0], p.sockets[1]} {
		if fd >= 0 {
			syscall.Close(fd)
		}
	}
}
