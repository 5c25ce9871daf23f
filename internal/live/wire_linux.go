package live

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/internal/blocking"
)

// On Linux, sockets are blocking descriptors: a thread that waits for one sleeps
// in the kernel, as the thread of an interpreter does, and not in Go's netpoller,
// whose wake-ups take another path.

// listenRaw listens on a host:port for blocking streams, with room for that many
// connections that wait to be accepted.
func listenRaw(address string, backlog int) (listener, error) {
	fd, where, err := rawSocket(address)
	if err != nil {
		return nil, listenError(address, err)
	}
	l := &rawListener{fd: descriptor{fd: fd}}
	// Without it, a port cannot be listened on for a minute after it was in use.
	err = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)
	if err == nil {
		err = syscall.Bind(fd, where)
	}
	if err == nil {
		err = syscall.Listen(fd, backlog)
	}
	if err == nil {
		where, err = syscall.Getsockname(fd)
	}
	if err != nil {
		l.close()
		return nil, listenError(address, err)
	}
	l.where = hostPort(where)
	return l, nil
}

// dialRaw connects a blocking stream to a host:port.
func dialRaw(address string) (stream, error) {
	fd, where, err := rawSocket(address)
	if err != nil {
		return nil, fmt.Errorf("connect %s: %w", address, err)
	}
	s := &rawStream{fd: descriptor{fd: fd}}
	if err := syscall.Connect(fd, where); err != nil {
		s.close()
		return nil, fmt.Errorf("connect %s: %w", address, err)
	}
	return s, nil
}

// rawSocket makes a TCP socket for the family of an address.
func rawSocket(address string) (fd int, where syscall.Sockaddr, err error) {
	a, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return 0, nil, err
	}
	family := syscall.AF_INET6
	if ip := a.IP.To4(); ip != nil || a.IP == nil {
		v4 := &syscall.SockaddrInet4{Port: a.Port}
		copy(v4.Addr[:], ip)
		family, where = syscall.AF_INET, v4
	} else {
		v6 := &syscall.SockaddrInet6{Port: a.Port}
		copy(v6.Addr[:], a.IP.To16())
		where = v6
	}
	fd, err = syscall.Socket(family, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	return fd, where, err
}

// hostPort writes an address as other programs take it.
func hostPort(a syscall.Sockaddr) string {
	var ip net.IP
	switch a := a.(type) {
	case *syscall.SockaddrInet4:
		ip = a.Addr[:]
	case *syscall.SockaddrInet6:
		ip = a.Addr[:]
	}
	return net.JoinHostPort(ip.String(), strconv.Itoa(rawPort(a)))
}

func rawPort(a syscall.Sockaddr) int {
	switch a := a.(type) {
	case *syscall.SockaddrInet4:
		return a.Port
	case *syscall.SockaddrInet6:
		return a.Port
	}
	return 0
}

// descriptor is a socket that one goroutine owns and others may shut.
type descriptor struct {
	fd     int
	mu     sync.Mutex
	isShut bool
	closed bool
}

// shut wakes whoever blocks on the socket. The kernel may have given the number
// of a closed one to somebody else, hence the mutex.
func (d *descriptor) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed && !d.isShut {
		d.isShut = true
		_ = syscall.Shutdown(d.fd, syscall.SHUT_RDWR) // fails only where the other side is gone already
	}
}

// drain is shut for what is received alone.
func (d *descriptor) drain() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed && !d.isShut {
		_ = syscall.Shutdown(d.fd, syscall.SHUT_RD) // fails only where the other side is gone already
	}
}

func (d *descriptor) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.closed = true
		syscall.Close(d.fd)
	}
}

func (d *descriptor) wasShut() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.isShut
}

type rawListener struct {
	fd    descriptor
	where string
}

func (l *rawListener) accept() (stream, error) {
	for {
		fd, _, err := syscall.Accept4(l.fd.fd, syscall.SOCK_CLOEXEC)
		switch {
		case err == nil:
			return &rawStream{fd: descriptor{fd: fd}, accepted: true}, nil
		case l.fd.wasShut(), errors.Is(err, syscall.EINVAL):
			return nil, errShut // EINVAL: another process has shut the socket that both have
		case !errors.Is(err, syscall.EINTR) && !errors.Is(err, syscall.ECONNABORTED):
			return nil, fmt.Errorf("accept: %w", err)
		}
	}
}

func (l *rawListener) addr() string { return l.where }
func (l *rawListener) shut()        { l.fd.shut() }
func (l *rawListener) close()       { l.fd.close() }

type rawStream struct {
	fd       descriptor
	accepted bool // by a server
	quiet    bool // the last recv waited for long
}

// limit sets the time-outs of the kernel, with which a call on a blocking descriptor
// ends with EAGAIN.
func (s *rawStream) limit(idle time.Duration) {
	if idle <= 0 {
		return
	}
	t := syscall.NsecToTimeval(int64(idle))
	for _, which := range [...]int{syscall.SO_RCVTIMEO, syscall.SO_SNDTIMEO} {
		_ = syscall.SetsockoptTimeval(s.fd.fd, syscall.SOL_SOCKET, which, &t) // fails for no TCP socket
	}
}

// longWait is, in nanoseconds, after which a thread had better give up its P before it
// waits (see package blocking). That costs it half a microsecond when it comes back.
const longWait = int64(time.Millisecond)

// recv waits for the next bytes. A server's connection that has been quiet for long
// probably will be again.
func (s *rawStream) recv(b []byte) (int, error) {
	if !s.accepted {
		return received(s.fd.fd, b, readAtOnce)
	}
	read := readAtOnce
	if s.quiet {
		read = blocking.Read
	}
	begin := gil.Monotonic()
	n, err := received(s.fd.fd, b, read)
	s.quiet = gil.Monotonic()-begin > longWait
	return n, err
}

// received calls read until no signal interrupts it.
func received(fd int, b []byte, read func(int, []byte) (int, syscall.Errno)) (int, error) {
	for {
		switch n, err := read(fd, b); {
		case err == syscall.EINTR:
		case err != 0:
			return 0, err
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

// readAtOnce is read(2) where that seldom waits for long.
func readAtOnce(fd int, b []byte) (int, syscall.Errno) {
	n, _, err := syscall.Syscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	return int(n), err
}

func (s *rawStream) send(b []byte) error {
	for len(b) > 0 {
		n, err := syscall.Write(s.fd.fd, b)
		if n > 0 {
			b = b[n:]
		}
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
	return nil
}

func (s *rawStream) ports() (local, peer int) {
	if a, err := syscall.Getsockname(s.fd.fd); err == nil {
		local = rawPort(a)
	}
	if a, err := syscall.Getpeername(s.fd.fd); err == nil {
		peer = rawPort(a)
	}
	return local, peer
}

func (s *rawStream) drain() { s.fd.drain() }
func (s *rawStream) shut()  { s.fd.shut() }
func (s *rawStream) close() { s.fd.close() }

// file returns a second descriptor of the socket.
func (l *rawListener) file() (*os.File, error) {
	fd, err := syscall.Dup(l.fd.fd)
	if err != nil {
		return nil, os.NewSyscallError("dup", err)
	}
	syscall.CloseOnExec(fd)
	return os.NewFile(uintptr(fd), "listener"), nil
}

// rawInherited makes a listener of a descriptor that the process was started with.
func rawInherited(fd int) (listener, error) {
	where, err := syscall.Getsockname(fd)
	if err != nil {
		return nil, os.NewSyscallError("getsockname", err)
	}
	syscall.CloseOnExec(fd)
	return &rawListener{fd: descriptor{fd: fd}, where: hostPort(where)}, nil
}
