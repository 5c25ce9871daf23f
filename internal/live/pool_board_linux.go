package live

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/fibsim/fibsim/internal/blocking"
)

// The descriptors of a board in a worker process: the first beyond the standard ones.
const (
	boardFD   = 3
	resultsFD = 4
)

// newBoard returns a board for the worker processes of a pool, and the mailbox that their
// results go to.
func newBoard() (*board, mailbox, error) {
	fd, err := unix.MemfdCreate("fibsim-board", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, nil, os.NewSyscallError("memfd_create", err)
	}
	memory := os.NewFile(uintptr(fd), "board")
	if err := memory.Truncate(int64(unsafe.Sizeof(boardMemory{}))); err != nil {
		memory.Close()
		return nil, nil, err
	}
	b, err := mapBoard(fd)
	if err != nil {
		memory.Close()
		return nil, nil, err
	}
	b.inherited = []*os.File{memory}
	box, err := newPipeMailbox()
	if err != nil {
		b.close()
		return nil, nil, err
	}
	writer, err := unix.FcntlInt(uintptr(box.results.writer), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		b.close()
		box.close()
		return nil, nil, os.NewSyscallError("fcntl", err)
	}
	b.inherited = append(b.inherited, os.NewFile(uintptr(writer), "results"))
	return b, box, nil
}

// boardOfWorker returns the board that a worker process was started with.
func boardOfWorker() (*board, error) {
	b, err := mapBoard(boardFD)
	if err != nil {
		return nil, err
	}
	b.results = &rawPipe{writer: resultsFD}
	return b, nil
}

func mapBoard(fd int) (*board, error) {
	memory, err := unix.Mmap(fd, 0, int(unsafe.Sizeof(boardMemory{})), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("memory to share with worker processes: %w", os.NewSyscallError("mmap", err))
	}
	return &board{
		boardMemory: (*boardMemory)(unsafe.Pointer(unsafe.SliceData(memory))),
		unmap:       func() { _ = unix.Munmap(memory) }, // fails for no mapping
	}, nil
}

// takeTurn waits until it is a worker's turn. That is a mutex between processes: 0, or one
// more than the place of who has it, so that the parent can tell whether one that has died
// did.
func (b *board) takeTurn(place int) {
	for !atomic.CompareAndSwapUint32(&b.turn, 0, uint32(place+1)) {
		if other := atomic.LoadUint32(&b.turn); other != 0 {
			blocking.WaitSharedFutex(&b.turn, other)
		}
	}
}

// passTurn lets the next one have it.
func (b *board) passTurn() {
	atomic.StoreUint32(&b.turn, 0)
	blocking.WakeSharedFutex(&b.turn)
}

// inherit passes the turn on that a worker had who has died, or the waking that it had
// been given for it.
func (b *board) inherit(place int) {
	atomic.CompareAndSwapUint32(&b.turn, uint32(place+1), 0)
	if atomic.LoadUint32(&b.turn) == 0 {
		blocking.WakeSharedFutex(&b.turn)
	}
}

// taskPipe returns standard input as what a worker reads tasks from in the kernel, and
// the same as what it waits at.
func taskPipe(stdin io.Reader) (tasks, head io.Reader) {
	f, ok := stdin.(*os.File)
	if !ok {
		return stdin, stdin
	}
	p := &rawPipe{reader: int32(f.Fd())}
	return p, asleep{p}
}
