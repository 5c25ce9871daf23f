package calibrate

import (
	"runtime"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The system calls are raw: Go's runtime does not hear of them, so that its own
// work around a call is no part of what is measured. A thread that sleeps in one
// keeps its P meanwhile, of which there are enough (see withProcs).

const (
	futexWait        = 0
	futexWake        = 1
	futexPrivateFlag = 128

	clockMonotonic = 1
	timerAbstime   = 1

	maskWords = 16 // room for 1024 CPUs
)

// cpus returns the numbers of the CPUs that this process may use.
func cpus() []int { return cpusOf(0) }

// cpusOf returns those that a thread may use; 0 is the calling one. None: there is no such thread.
func cpusOf(id int) []int {
	var mask [maskWords]uint64
	n, _, err := syscall.RawSyscall(syscall.SYS_SCHED_GETAFFINITY, uintptr(id), unsafe.Sizeof(mask), uintptr(unsafe.Pointer(&mask)))
	if err != 0 {
		return nil
	}
	var list []int
	for i := range int(n) * 8 {
		if mask[i/64]>>(i%64)&1 == 1 {
			list = append(list, i)
		}
	}
	return list
}

// bind keeps the calling thread on some CPUs, out of those of cpus.
func bind(list ...int) { bindProcess(0, list...) }

// bindProcess keeps the only thread of a process on some CPUs; 0 is the calling thread.
func bindProcess(id int, list ...int) {
	var mask [maskWords]uint64
	for _, cpu := range list {
		mask[cpu/64] |= 1 << (cpu % 64)
	}
	syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, uintptr(id), unsafe.Sizeof(mask), uintptr(unsafe.Pointer(&mask)))
}

// currentCPU returns the CPU that the calling thread runs on.
func currentCPU() int {
	var cpu uint32
	syscall.RawSyscall(unix.SYS_GETCPU, uintptr(unsafe.Pointer(&cpu)), 0, 0)
	return int(cpu)
}

// yieldToAll gives the calling thread the policy under which it runs only where
// nobody else wants to, and lets go at once.
func yieldToAll() {
	const schedIdle = 5
	var priority int32
	syscall.RawSyscall(syscall.SYS_SCHED_SETSCHEDULER, 0, schedIdle, uintptr(unsafe.Pointer(&priority)))
}

// door is a futex at which one thread sleeps until another opens it.
type door struct {
	word uint32
	_    [60]byte // a cache line of its own
}

// pass sleeps until the door is open, and closes it.
func (d *door) pass() {
	for !atomic.CompareAndSwapUint32(&d.word, 1, 0) {
		d.sleep()
	}
}

// sleep waits in the kernel while the door is closed. It may return early.
func (d *door) sleep() {
	syscall.RawSyscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(&d.word)), futexWait|futexPrivateFlag, 0, 0, 0, 0)
}

// open lets the sleeper pass.
func (d *door) open() {
	atomic.StoreUint32(&d.word, 1)
	d.wake()
}

// wake wakes a thread that sleeps in the kernel, and reports whether there was one.
func (d *door) wake() bool {
	n, _, _ := syscall.RawSyscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(&d.word)), futexWake|futexPrivateFlag, 1, 0, 0, 0)
	return n == 1
}

// sleepUntil sleeps until the monotonic clock shows at, as CPython 3.11 and later
// do.
func sleepUntil(at int64) {
	ts := syscall.NsecToTimespec(at)
	for {
		_, _, err := syscall.RawSyscall6(syscall.SYS_CLOCK_NANOSLEEP, clockMonotonic, timerAbstime, uintptr(unsafe.Pointer(&ts)), 0, 0, 0)
		if err != syscall.EINTR {
			return
		}
	}
}

// sleepZero is sleep(0).
func sleepZero() {
	var ts syscall.Timespec
	syscall.RawSyscall6(syscall.SYS_CLOCK_NANOSLEEP, clockMonotonic, 0, uintptr(unsafe.Pointer(&ts)), 0, 0, 0)
}

func systemCall() { syscall.RawSyscall(syscall.SYS_GETPPID, 0, 0, 0) }

// breathe lets Go's scheduler have its way between two events. A thread that does
// this more often than each 10 ms is never preempted in the middle of one.
func breathe() { runtime.Gosched() }
