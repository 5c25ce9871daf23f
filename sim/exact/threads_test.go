//go:build host && linux

package exact

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/fibsim/fibsim/sim/machine"
	"github.com/fibsim/fibsim/workloads"
)

// host is what a prediction has to know of this one.
type host struct {
	release string
	hz      int
	slice   time.Duration
	grouped bool // each session is a group
	cpus    int
	costs   *machine.Costs
	sleep   int64   // CPU time of going to sleep, in ns
	pace    float64 // CPU time of computing, to what a worker takes it for
	cpu     int     // on which threads compete; everything else of this process is on the others
}

func thisHost() (*host, error) {
	mask, err := affinity()
	if err != nil {
		return nil, err
	}
	h := &host{cpus: runtime.NumCPU()}
	for c := range mostCPUs {
		if mask.has(c) {
			h.cpu = c
		}
	}
	if mask.count() < 2 {
		return nil, errors.New("one CPU has to be kept from everything else, so two are needed")
	}
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return nil, err
	}
	h.release = strings.TrimSpace(string(release))
	if h.hz, err = configuredHZ(h.release); err != nil {
		return nil, err
	}
	if sessions, err := os.ReadFile("/proc/sys/kernel/sched_autogroup_enabled"); err == nil {
		h.grouped = strings.TrimSpace(string(sessions)) == "1"
	}
	h.slice, err = currentSlice()
	return h, err
}

// configuredHZ reads the kernel's configuration.
func configuredHZ(release string) (int, error) {
	text, err := os.ReadFile("/boot/config-" + release)
	if packed, err2 := os.ReadFile("/proc/config.gz"); err2 == nil {
		var z *gzip.Reader
		if z, err = gzip.NewReader(bytes.NewReader(packed)); err == nil {
			text, err = io.ReadAll(z)
		}
	}
	if err != nil {
		return 0, fmt.Errorf("the kernel's configuration, which has the ticks: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "CONFIG_HZ="); ok {
			return strconv.Atoi(v)
		}
	}
	return 0, errors.New("the kernel's configuration does not have the ticks")
}

// currentSlice reads the time slice of this thread: that of those who ask for none.
func currentSlice() (time.Duration, error) {
	f, err := os.Open("/proc/self/sched")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if name, value, _ := strings.Cut(s.Text(), ":"); strings.TrimSpace(name) == "se.slice" {
			ns, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
			return time.Duration(ns), err
		}
	}
	return 0, errors.New("/proc/self/sched does not have the time slice: the kernel is older than EEVDF as of 6.12")
}

// cpuMask is a set of CPUs as the kernel has it.
type cpuMask [mostCPUs / 64]uint64

const mostCPUs = 1024

func (m *cpuMask) has(c int) bool { return m[c/64]>>(c%64)&1 != 0 }
func (m *cpuMask) count() (n int) {
	for _, w := range m {
		n += bits.OnesCount64(w)
	}
	return n
}

// affinity returns the CPUs that this process may use.
func affinity() (m cpuMask, err error) {
	if _, _, e := syscall.RawSyscall(syscall.SYS_SCHED_GETAFFINITY, 0, unsafe.Sizeof(m), uintptr(unsafe.Pointer(&m))); e != 0 {
		return m, e
	}
	return m, nil
}

// bind binds a thread to CPUs; 0 is the calling one.
func bind(thread int, m *cpuMask) error {
	if _, _, e := syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, uintptr(thread), unsafe.Sizeof(*m), uintptr(unsafe.Pointer(m))); e != 0 {
		return e
	}
	return nil
}

// bindTo binds the calling thread to one CPU.
func bindTo(cpu int) error {
	var one cpuMask
	one[cpu/64] = 1 << (cpu % 64)
	return bind(0, &one)
}

// Numbers of the kernel's interface.
const (
	clockMonotonic = 1
	clockThread    = 3
	absolute       = 1
	timerSlack     = 29 // PR_SET_TIMERSLACK
	schedFIFO      = 1
)

// clock reads a clock in ns. Nothing here goes through Go's scheduler.
//
//go:nosplit
func clock(id uintptr) int64 {
	var t syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, id, uintptr(unsafe.Pointer(&t)), 0)
	return t.Nano()
}

// sleepUntil sleeps until a time of the monotonic clock.
//
//go:nosplit
func sleepUntil(at int64) {
	t := syscall.NsecToTimespec(at)
	syscall.RawSyscall6(syscall.SYS_CLOCK_NANOSLEEP, clockMonotonic, absolute, uintptr(unsafe.Pointer(&t)), 0, 0, 0)
}

// TestKernelChild is the process that measures one job for TestKernel.
func TestKernelChild(t *testing.T) {
	number, err := strconv.Atoi(os.Getenv(inChild))
	if err != nil {
		t.Skip("this is a part of TestKernel")
	}
	all := append(alarms[:], jobs...)
	result, err := compete(all[number])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		t.Fatal(err)
	}
}

// TestKernelNeighbour is the process that is queued beside the workers for TestKernel.
func TestKernelNeighbour(t *testing.T) {
	cpu, err := strconv.Atoi(os.Getenv(inNeighbour))
	if err != nil {
		t.Skip("this is a part of TestKernel")
	}
	if err := neighbour(cpu, os.Stdout); err != nil {
		t.Fatal(err)
	}
}

// compete runs a job on one CPU of this host.
func compete(j job) ([]seen, error) {
	h, err := thisHost()
	if err != nil {
		return nil, err
	}
	if err := makeWay(h.cpu); err != nil {
		return nil, err
	}
	favour()
	var stop atomic.Bool
	var wait sync.WaitGroup
	out := make([]seen, len(j.Workers))
	failed := make([]error, len(j.Workers))
	start := clock(clockMonotonic) + int64(200*ms)
	for i, w := range j.Workers {
		wait.Go(func() {
			runtime.LockOSThread() // and never unlocks: the thread ends with it
			if failed[i] = w.settle(h.cpu); failed[i] == nil {
				w.work(&out[i], start, &stop)
			}
		})
	}
	sleepUntil(start + int64(measured))
	stop.Store(true)
	wait.Wait()
	total := 0.0
	for i := range out {
		total += out[i].CPU
		if out[i].Turns > 0 {
			out[i].PerTurn = out[i].CPU / (out[i].Turns * measured.Seconds())
		}
	}
	for i := range out {
		out[i].CPU /= total
		out[i].Others = 1 - total/float64(measured)
	}
	return out, errors.Join(failed...)
}

// makeWay binds all threads of this process, and those that they will make, to
// the other CPUs.
func makeWay(cpu int) error {
	others, err := affinity()
	if err != nil {
		return err
	}
	others[cpu/64] &^= 1 << (cpu % 64)
	threads, err := filepath.Glob("/proc/self/task/*")
	for _, path := range threads {
		id, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			return err
		}
		if err := bind(id, &others); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	return err
}

// favour gives the session, which is that of this process alone, the greatest weight,
// lest others interrupt the threads: a CPU is first divided among sessions, and then
// within them (man 7 sched, autogroup). Where the kernel does not do that, they may.
func favour() { weigh("-20") }

// weigh gives the session of this process a nice value.
func weigh(nice string) { _ = os.WriteFile("/proc/self/autogroup", []byte(nice), 0) }

// neighbour is a session that wants the CPU all the time, and has the least weight there is: a 6,000th of that of
// workers that favour has favoured. Whether others are queued beside the workers
// changes what becomes of these (grouped), and without it that is a matter of what else the host does: with
// one hog and two sleepers the longer one waited 0.47 to 0.49 ms where nobody was, and 0.40 ms with this one.
func neighbour(cpu int, line io.Writer) error {
	runtime.LockOSThread() // and never unlocks
	weigh("19")
	const least = 19
	if err := syscall.Setpriority(syscall.PRIO_PROCESS, 0, least); err != nil {
		return err
	}
	if err := bindTo(cpu); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(line, moved); err != nil {
		return err
	}
	parent := os.Getppid()
	for end := clock(clockMonotonic) + int64(longest); os.Getppid() == parent && clock(clockMonotonic) < end; {
	}
	return nil
}

const (
	moved   = "moved in"
	longest = 15 * time.Minute // that a neighbour stays: the test is over by then
)

// settle binds the calling thread to the CPU, gives it its nice value or real-time
// priority, and takes away the slack of its timers.
func (w *worker) settle(cpu int) error {
	if err := bindTo(cpu); err != nil {
		return err
	}
	if _, _, e := syscall.RawSyscall(syscall.SYS_PRCTL, timerSlack, 1, 0); e != 0 {
		return e
	}
	if w.Urgent {
		priority := int32(1)
		if _, _, e := syscall.RawSyscall(syscall.SYS_SCHED_SETSCHEDULER, 0, schedFIFO, uintptr(unsafe.Pointer(&priority))); e != 0 {
			return e
		}
		return nil
	}
	return syscall.Setpriority(syscall.PRIO_PROCESS, 0, w.Nice)
}

// gap is from how long on the time between two looks at the clock is no computing,
// but that of another thread, in ns. The CPU clock of the thread would say it better,
// but to read it makes the kernel look whether the time slice is over, which it does
// in ticks only where nobody asks.
const gap = 20_000

// compute computes for so many ns.
//
//go:nosplit
func compute(ns int64) {
	last := clock(clockMonotonic)
	for ns > 0 {
		now := clock(clockMonotonic)
		if now-last < gap {
			ns -= now - last
		}
		last = now
	}
}

// turn is a sleep, how long it took to run after it, and a time of computing, in ns.
type turn struct{ sleep, wait, run int64 }

// work is what a worker does until it is told to stop.
func (w *worker) work(s *seen, start int64, stop *atomic.Bool) {
	lengths := workloads.NewStream(uint64(start), w.Name, 0, "body")
	var turns []turn
	if w.Sleep > 0 {
		turns = make([]turn, measured/(w.Sleep/2)+1)
	}
	for i := range turns {
		turns[i] = turn{sleep: around(w.Sleep).Draw(&lengths), run: around(w.Run).Draw(&lengths)}
	}
	sleepUntil(start)
	before := clock(clockThread)
	turns = turns[:takeTurns(turns, stop)]
	s.CPU = float64(clock(clockThread) - before)
	s.Turns = float64(len(turns)) / measured.Seconds()
	for i := range turns {
		s.Waits = append(s.Waits, float64(turns[i].wait)/1e6)
	}
	slices.Sort(s.Waits)
}

// takeTurns sleeps and computes in turn, and only computes when there are no turns. It
// returns how many there were. Go's runtime asks who has run for 10 ms to make way,
// which he does at his next call that looks at the stack, and which puts the
// thread to sleep in the middle of a turn. So there is no such call here.
//
//go:nosplit
func takeTurns(turns []turn, stop *atomic.Bool) int {
	taken := 0
	for !stop.Load() {
		if taken == len(turns) {
			continue
		}
		t := &turns[taken]
		at := clock(clockMonotonic) + t.sleep
		sleepUntil(at)
		t.wait = clock(clockMonotonic) - at
		compute(t.run)
		taken++
	}
	return taken
}
