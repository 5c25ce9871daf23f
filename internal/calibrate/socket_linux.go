package calibrate

import (
	"fmt"
	"syscall"
	"unsafe"

	"github.com/fibsim/fibsim/gil"
)

// link is a TCP connection over loopback, both of its ends blocking.
type link struct{ near, far int }

// message is about as long as a request of the article's server.
var message = []byte("30")

// connect makes n links, and returns what it costs to accept a connection that
// has come already.
func connect(n int) (links []link, accept Sample, err error) {
	listener, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("loopback: socket: %w", err)
	}
	defer syscall.Close(listener)
	defer func() {
		if err != nil {
			err = fmt.Errorf("loopback: %w", err)
			closeLinks(links)
		}
	}()
	if err = syscall.Bind(listener, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return nil, nil, err
	}
	if err = syscall.Listen(listener, n); err != nil {
		return nil, nil, err
	}
	where, err := syscall.Getsockname(listener)
	if err != nil {
		return nil, nil, err
	}
	for range n {
		near, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
		if err != nil {
			return links, nil, err
		}
		links = append(links, link{near, -1})
		if err := syscall.Connect(near, where); err != nil {
			return links, nil, err
		}
		start := gil.Monotonic()
		far, _, err := syscall.Accept4(listener, syscall.SOCK_CLOEXEC)
		accept = append(accept, gil.Monotonic()-start)
		if err != nil {
			return links, nil, err
		}
		links[len(links)-1].far = far
	}
	return links, sorted(accept), nil
}

func closeLinks(links []link) {
	for _, l := range links {
		syscall.Close(l.near)
		if l.far >= 0 {
			syscall.Close(l.far)
		}
	}
}

// sendAndRecv returns what a send costs at whose other end nobody waits, and a
// recv that finds data.
func (l link) sendAndRecv(cpu, times int) (send, recv Sample) {
	sends, recvs := make([]int64, times), make([]int64, times)
	alone(cpu, func() {
		var buffer [100]byte
		for i := range times {
			if i%64 == 0 {
				breathe()
			}
			start := gil.Monotonic()
			transmit(l.near)
			middle := gil.Monotonic()
			receive(l.far, &buffer)
			recvs[i] = gil.Monotonic() - middle
			sends[i] = middle - start
		}
	})
	return sorted(sends), sorted(recvs)
}

// roundTrips returns how long it takes, each time, until what was sent to a thread that
// waits for it has come back from there.
func (l link) roundTrips(near, far, times int) Sample {
	lengths := make([]int64, times)
	var t threads
	t.on(far, func() {
		var buffer [100]byte
		for range times {
			receive(l.far, &buffer)
			transmit(l.far)
		}
	})
	t.on(near, func() {
		var buffer [100]byte
		for i := range times {
			if i%64 == 0 {
				breathe()
			}
			start := gil.Monotonic()
			transmit(l.near)
			receive(l.near, &buffer)
			lengths[i] = gil.Monotonic() - start
		}
	})
	t.wait()
	return sorted(lengths)
}

func transmit(fd int) { transmitBytes(fd, len(message)) }

// transmitBytes sends the first n bytes of message.
func transmitBytes(fd, n int) {
	syscall.RawSyscall(syscall.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&message[0])), uintptr(n))
}

func receive(fd int, buffer *[100]byte) {
	for {
		_, _, err := syscall.RawSyscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&buffer[0])), uintptr(len(buffer)))
		if err != syscall.EINTR {
			return
		}
	}
}
