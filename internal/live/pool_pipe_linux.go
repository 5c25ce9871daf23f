package live

import (
	"errors"
	"io"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"github.com/fibsim/fibsim/internal/blocking"
)

// blockThread makes the calling goroutine wait for a pipe in the kernel, on an OS
// thread of its own, until the function that it returns is called.
func blockThread(pipe io.Reader) (end func()) {
	if f, ok := pipe.(*os.File); ok {
		f.Fd() // takes it out of the netpoller
	}
	runtime.LockOSThread()
	return runtime.UnlockOSThread
}

// pipeMailbox is a mailbox of two pipes, as ProcessPoolExecutor has them: the result
// queue and the wake-up of its manager. Each call but wait is one system call.
type pipeMailbox struct{ results, wakes rawPipe }

func newPipeMailbox() (*pipeMailbox, error) {
	m := new(pipeMailbox)
	if err := m.results.open(); err != nil {
		return nil, err
	}
	if err := m.wakes.open(); err != nil {
		m.results.close()
		return nil, err
	}
	return m, nil
}

func (m *pipeMailbox) post(message []byte) { _ = writeMessage(&m.results, message) } // fails only after close
func (m *pipeMailbox) wake()               { _, _ = m.wakes.Write([]byte{0, 0, 0, 0}) }

func (m *pipeMailbox) wait(stop func() bool) (posted bool) {
	fds := [...]pollFD{{fd: m.results.reader, events: pollIn}, {fd: m.wakes.reader, events: pollIn}}
	for !stop() {
		if n, _ := poll(fds[:], pollSlice); n > 0 {
			break
		}
	}
	return fds[0].revents != 0
}

func (m *pipeMailbox) length() (int, error)       { return readLength(&m.results) }
func (m *pipeMailbox) body(n int) ([]byte, error) { return readBody(&m.results, n) }
func (m *pipeMailbox) discard()                   { _, _ = m.results.Read(make([]byte, 4096)) }
func (m *pipeMailbox) woken() bool                { return m.wakes.readable() }
func (m *pipeMailbox) readWake()                  { _, _ = m.wakes.Read(make([]byte, 4)) }
func (m *pipeMailbox) close()                     { m.results.close(); m.wakes.close() }

// rawPipe is a pipe that the kernel blocks on, and nothing of Go.
type rawPipe struct{ reader, writer int32 }

func (p *rawPipe) open() error {
	var fds [2]int
	if err := syscall.Pipe2(fds[:], syscall.O_CLOEXEC); err != nil {
		return os.NewSyscallError("pipe2", err)
	}
	p.reader, p.writer = int32(fds[0]), int32(fds[1])
	return nil
}

func (p *rawPipe) close() {
	syscall.Close(int(p.reader))
	syscall.Close(int(p.writer))
}

// Read is read(2) where there is something to read.
func (p *rawPipe) Read(b []byte) (int, error) { return received(int(p.reader), b, readAtOnce) }

// Write is write(2), which takes all that is written here at once.
func (p *rawPipe) Write(b []byte) (int, error) {
	for {
		n, err := syscall.Write(int(p.writer), b)
		if !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}

// asleep is a pipe of which the next read is likely to wait for long.
type asleep struct{ *rawPipe }

// Read is read(2).
func (p asleep) Read(b []byte) (int, error) { return received(int(p.reader), b, blocking.Read) }

// readable reports whether there is something to read.
func (p *rawPipe) readable() bool {
	fds := [...]pollFD{{fd: p.reader, events: pollIn}}
	n, _ := poll(fds[:], 0)
	return n > 0
}

// pollFD is struct pollfd of poll(2).
type pollFD struct {
	fd      int32
	events  int16
	revents int16
}

const (
	pollIn  = 0x1
	pollOut = 0x4
)

// pollSlice bounds, in nanoseconds, how long who polls does not notice an abort.
const pollSlice = int64(100e6)

// poll is ppoll(2) for at most ns nanoseconds; it returns how many are ready. After
// a signal none are.
func poll(fds []pollFD, ns int64) (n int, err error) {
	ts := syscall.NsecToTimespec(ns)
	var errno syscall.Errno
	if ns == 0 {
		var r uintptr
		r, _, errno = syscall.Syscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(unsafe.SliceData(fds))), uintptr(len(fds)), uintptr(unsafe.Pointer(&ts)), 0, 0, 0)
		n = int(r)
	} else {
		n, errno = blocking.Poll(unsafe.Pointer(unsafe.SliceData(fds)), len(fds), &ts)
	}
	if errno != 0 {
		for i := range fds {
			fds[i].revents = 0
		}
		if errno == syscall.EINTR {
			return 0, nil
		}
		return 0, os.NewSyscallError("ppoll", errno)
	}
	return n, nil
}
