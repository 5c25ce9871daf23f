package gil

import (
	"sync/atomic"
	"syscall"
	"unsafe"
)

// doorstop keeps a P until the function that it returns is called.
//
// When all P's are idle, Go's monitor goes to sleep for good, and the next thread that
// comes back from the kernel wakes it. For a millisecond it then looks every 20
// microseconds whether there is something to do, and after that less and less often
// (runtime/proc.go: sysmon). A worker process of a pool, which has nothing to do between
// two tasks, so paid each of them with 60 wake-ups, most of them on the CPU of the thread
// that computes: 500 a second, and its parent 1,500, where CPython has none. While one P
// is not idle the monitor does not go to sleep, and looks once in 10 ms.
//
// So a goroutine has a P and waits in the kernel, with a call that the runtime does not
// see. The monitor takes it for one that computes and interrupts it each time; it then
// does what is asked of it, such as to stop for the garbage collector, and goes on.
func doorstop() (remove func()) {
	var pipe [2]int
	if syscall.Pipe2(pipe[:], syscall.O_CLOEXEC) != nil {
		return func() {} // the monitor is a nuisance, and no more
	}
	var over atomic.Bool
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for !over.Load() && rest(int32(pipe[0])) {
		}
	}()
	return func() {
		over.Store(true)
		syscall.Close(pipe[1])
		<-ended
		syscall.Close(pipe[0])
	}
}

// rest waits until the other end of a pipe is closed, a signal comes, or 10 ms have gone
// by, since there may be no signals (GODEBUG=asyncpreemptoff=1), and reports whether it
// can. The kernel never goes on with ppoll(2) after a signal, whatever the handler asks
// for (signal(7)), so that nothing that the runtime wants has to wait: it stops a
// goroutine where that calls a function, which is why this one must stay one.
//
//go:noinline
func rest(fd int32) bool {
	closed := struct {
		fd      int32
		events  int16
		revents int16
	}{fd: fd}
	limit := syscall.NsecToTimespec(10e6)
	_, _, err := syscall.RawSyscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&closed)), 1, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	return err == 0 || err == syscall.EINTR
}
