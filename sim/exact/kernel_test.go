//go:build host && linux

package exact

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/sim/machine"
	"github.com/fibsim/fibsim/workloads"
)

// worker is a thread that computes, or computes and sleeps in turn. Both lengths are
// equally likely between half and one and a half of their mean, lest threads and ticks
// fall into step.
type worker struct {
	Name       string
	Nice       int
	Run, Sleep time.Duration // means; no Sleep: it computes all the time
	Urgent     bool          // has a real-time priority: nobody lets it wait
}

// job is what competes for one CPU.
type job struct {
	Name    string
	Workers []worker
}

// seen is what became of one worker.
type seen struct {
	CPU   float64   // share of the CPU time of all
	Turns float64   // in a second
	Waits []float64 // from when it should have woken to when it ran, in ms, sorted
	// PerTurn is the CPU time of a turn in ns, with what it costs to sleep.
	PerTurn float64
	// Others is the part of the time in which the CPU ran others than the workers, where
	// one of them computes all the time.
	Others float64
}

func (s *seen) mean() float64 {
	sum := 0.0
	for _, w := range s.Waits {
		sum += w
	}
	return sum / float64(len(s.Waits))
}

// above is the quantile q of the waits.
func (s *seen) above(q float64) float64 { return s.Waits[int(q*float64(len(s.Waits)))] }

// below is the part of the waits that are shorter.
func (s *seen) below(wait float64) float64 {
	n, _ := slices.BinarySearch(s.Waits, wait)
	return float64(n) / float64(len(s.Waits))
}

const (
	us = time.Microsecond
	ms = time.Millisecond
	// measured is how long each job runs on the host, and rounds is how often. Threads
	// that sleep fare differently each time: by how the others lie to each other and
	// to the ticks, which lasts.
	measured = 3 * time.Second
	rounds   = 8
	// predicted is how many runs of that length a prediction is of; each has another
	// phase of the ticks.
	predicted = 40
	// closeBy is how far a prediction may be from what was measured, as a part of it, and
	// nearby is how far a wait may be anyhow, in ms: the host has interrupts, and its
	// timers have noise.
	closeBy = 0.15
	nearby  = 0.05
	// t95 is the quantile of Student's t at 0.975 for rounds-1 degrees of freedom.
	t95 = 2.3646
)

func hog(name string, nice int) worker { return worker{Name: name, Nice: nice} }

var jobs = []job{
	{"2 hogs", []worker{hog("a", 0), hog("b", 0)}},
	{"nice 0 and 5", []worker{hog("a", 0), hog("b", 5)}},
	{"nice 0, 0 and 5", []worker{hog("a", 0), hog("b", 0), hog("c", 5)}},
	{"hog and sleeper", []worker{hog("hog", 0), {Name: "sleeper", Run: 100 * us, Sleep: 5 * ms}}},
	{"4 hogs and sleeper", []worker{hog("a", 0), hog("b", 0), hog("c", 0), hog("d", 0), {Name: "sleeper", Run: 100 * us, Sleep: 5 * ms}}},
	{"hog and half-timer", []worker{hog("hog", 0), {Name: "half", Run: 2 * ms, Sleep: 2 * ms}}},
	{"hog and 2 sleepers", []worker{hog("hog", 0), {Name: "short", Run: 100 * us, Sleep: 5 * ms}, {Name: "long", Run: 1 * ms, Sleep: 7 * ms}}},
}

// alarms measure what a timer costs on this host, without the scheduler: how late it
// wakes a thread that nobody lets wait, the CPU time of going to sleep, and that of
// computing.
var alarms = [2]job{
	{"short alarm", []worker{hog("hog", 0), {Name: "alarm", Run: 100 * us, Sleep: 5 * ms, Urgent: true}}},
	{"long alarm", []worker{hog("hog", 0), {Name: "alarm", Run: 2 * ms, Sleep: 5 * ms, Urgent: true}}},
}

// measureCosts finds out those of the modelled host.
func (h *host) measureCosts(t *testing.T) {
	t.Helper()
	short := &merge([][]seen{measure(t, 0), measure(t, 0)})[1]
	long := &merge([][]seen{measure(t, 1), measure(t, 1)})[1]
	ns := func(q float64) int64 { return int64(short.above(q) * 1e6) }
	c := machine.DefaultCosts()
	c.TimerSlack = machine.Spread{Min: ns(0), P10: ns(.1), P50: ns(.5), P90: ns(.9), P99: ns(.99), Max: ns(.99)}
	c.SystemCall, c.LockWait = 0, 0 // they are in h.sleep
	h.costs = c
	runs := [2]float64{float64(alarms[0].Workers[1].Run), float64(alarms[1].Workers[1].Run)}
	h.pace = (long.PerTurn - short.PerTurn) / (runs[1] - runs[0])
	h.sleep = max(0, int64(short.PerTurn-h.pace*runs[0]))
	t.Logf("a timer is late by %v to %v, %v in the middle; going to sleep takes %v, and computing 1 ms takes %.3f ms",
		time.Duration(c.TimerSlack.P10), time.Duration(c.TimerSlack.P90), time.Duration(c.TimerSlack.P50), time.Duration(h.sleep), h.pace)
}

const (
	// inChild says which job a process of this test is to measure.
	inChild = "FIBSIM_KERNEL_JOB"
	// inNeighbour says on which CPU one is to be queued beside them.
	inNeighbour = "FIBSIM_KERNEL_NEIGHBOUR"
)

// On one CPU of this host threads compete for some seconds, and the machine predicts
// under eevdf, with the ticks and the time slice of this kernel, what CPU time each
// gets and how long sleepers wait when they wake.
func TestKernel(t *testing.T) {
	host, err := thisHost()
	if err != nil {
		t.Skip(err)
	}
	t.Logf("%s: Linux %s, %d Hz, time slice %v, CPU %d of %d", time.Now().Format(time.DateOnly), host.release, host.hz, host.slice, host.cpu, host.cpus)
	t.Logf("%-20s %-8s %-12s %9s %9s %7s   %s", "", "", "", "measured", "predicted", "ratio", "95 % interval")
	if host.grouped {
		moveIn(t, host.cpu)
	}
	host.measureCosts(t)
	for i, j := range jobs {
		t.Run(j.Name, func(t *testing.T) {
			var all [][]seen
			for range rounds {
				all = append(all, measure(t, len(alarms)+i))
			}
			compare(t, j, all, predict(t, j, host))
		})
	}
}

// process is a part of this test that is a process of its own, in a session of its own (favour): Go's runtime must not
// interrupt its threads, and is told so by a setting that it reads at the start.
func process(part, key string, value int) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "-test.run=^"+part+"$")
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", key, value), "GODEBUG=asyncpreemptoff=1", "GOGC=off", "GOMAXPROCS=32")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Stderr = os.Stderr
	return cmd
}

// moveIn has a neighbour on a CPU until the test is over.
func moveIn(t *testing.T, cpu int) {
	t.Helper()
	cmd := process("TestKernelNeighbour", inNeighbour, cpu)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); strings.TrimSpace(line) != moved {
		t.Fatalf("the neighbour has not moved in, and said %q: %v", line, err)
	}
}

// measure runs a job.
func measure(t *testing.T, job int) []seen {
	t.Helper()
	out, err := process("TestKernelChild", inChild, job).Output()
	if err != nil {
		t.Fatalf("the process that measures: %v\n%s", err, out)
	}
	line, _, _ := strings.Cut(string(out), "\n")
	var result []seen
	if err := json.Unmarshal([]byte(line), &result); err != nil {
		t.Fatalf("the process that measures said %q: %v", line, err)
	}
	return result
}

// merge returns the mean of the shares and rates and all waits.
func merge(runs [][]seen) []seen {
	sum := make([]seen, len(runs[0]))
	for _, run := range runs {
		for i, s := range run {
			sum[i].CPU += s.CPU / float64(len(runs))
			sum[i].Turns += s.Turns / float64(len(runs))
			sum[i].PerTurn += s.PerTurn / float64(len(runs))
			sum[i].Waits = append(sum[i].Waits, s.Waits...)
		}
	}
	for i := range sum {
		slices.Sort(sum[i].Waits)
	}
	return sum
}

// compare prints what was measured, with its 95 % interval over the rounds, beside
// what was predicted. It fails where all of the interval is too far from that, and says
// so where the interval is too wide for the row to decide anything.
func compare(t *testing.T, j job, runs [][]seen, predicted []seen) {
	t.Helper()
	all := merge(runs)
	others, half := spread(runs, func(r []seen) float64 { return r[0].Others })
	t.Logf("%-20s the CPU ran others for %.1f ± %.1f %% of the time", j.Name, others*100, half*100)
	row := func(who, what string, least, m, p, low, high float64) {
		t.Helper()
		t.Logf("%-20s %-8s %-12s %9.4f %9.4f %7.3f   %.4f to %.4f", j.Name, who, what, m, p, p/m, low, high)
		switch allowed := max(closeBy*m, least); {
		case high-low > 2*allowed && math.Abs(p-m) > allowed:
			t.Logf("%-20s %-8s %-12s undecided: the interval is wider than %.0f %% to each side", j.Name, who, what, closeBy*100)
		case p < low-allowed || p > high+allowed:
			t.Errorf("%s, %s: %s is %.4f, between %.4f and %.4f, and %.4f was predicted", j.Name, who, what, m, low, high, p)
		}
	}
	// mean compares a value of one round by the mean over them.
	mean := func(who, what string, least float64, value func(run []seen) float64) {
		t.Helper()
		m, half := spread(runs, value)
		row(who, what, least, m, value(predicted), m-half, m+half)
	}
	for i, w := range j.Workers {
		mean(w.Name, "CPU", 0, func(r []seen) float64 { return r[i].CPU })
		if w.Sleep == 0 {
			continue
		}
		mean(w.Name, "turns/s", 0, func(r []seen) float64 { return r[i].Turns })
		mean(w.Name, "wait, mean", nearby, func(r []seen) float64 { return r[i].mean() })
		for _, q := range []float64{.5, .9} {
			// A quantile lies where the rounds say that this part of the waits is shorter:
			// where few waits are of middling length, it is anywhere between.
			at := all[i].above(q)
			_, half := spread(runs, func(r []seen) float64 { return r[i].below(at) })
			row(w.Name, fmt.Sprintf("wait, p%g", q*100), nearby, at, predicted[i].above(q),
				all[i].above(max(q-half, 0)), all[i].above(min(q+half, .999)))
		}
	}
}

// spread returns the mean of a value over the rounds, and half of its 95 % interval.
func spread(runs [][]seen, value func(run []seen) float64) (mean, half float64) {
	n := float64(len(runs))
	for _, r := range runs {
		mean += value(r) / n
	}
	squares := 0.0
	for _, r := range runs {
		squares += (value(r) - mean) * (value(r) - mean)
	}
	return mean, t95 * math.Sqrt(squares/(n-1)/n)
}

// predict runs a job on the modelled machine.
func predict(t *testing.T, j job, h *host) []seen {
	t.Helper()
	var runs [][]seen
	for seed := 1; seed <= predicted; seed++ {
		runs = append(runs, byMachine(t, j, h, seed))
	}
	return merge(runs)
}

// around is the distribution of a worker's lengths.
func around(mean time.Duration) workloads.Duration {
	return workloads.Duration{Dist: workloads.UniformDist, Low: int64(mean / 2), High: int64(mean * 3 / 2)}
}

// needs is the distribution of the CPU time of computing for about a mean. A worker
// leaves out what it takes for the time of others (gap): so also that in which a
// hypervisor has the CPU, which the kernel counts as the worker's.
func (h *host) needs(mean time.Duration) workloads.Duration {
	return around(time.Duration(float64(mean) * h.pace))
}

// params are those of the kernel, for threads that are a session, with a neighbour queued beside it.
func (h *host) params() map[string]any {
	return map[string]any{"base_slice": h.slice, "grouped": h.grouped}
}

func byMachine(t *testing.T, j job, h *host, seed int) []seen {
	p := &workloads.Program{Name: "kernel", Seed: uint64(seed), Duration: measured, Interpreter: workloads.Interpreter{Lock: "none"}}
	for _, w := range j.Workers {
		body := []workloads.Op{{Kind: workloads.OpSpin, For: fixed(int64(ms))}}
		if w.Sleep > 0 {
			body = []workloads.Op{
				{Kind: workloads.OpSleep, For: around(w.Sleep)}, {Kind: workloads.OpSpin, For: h.needs(w.Run)},
				{Kind: workloads.OpSpin, For: fixed(h.sleep)},
			}
		}
		p.Threads = append(p.Threads, workloads.Group{Name: w.Name, Count: 1, Body: body, Sched: workloads.Sched{Nice: w.Nice}})
	}
	r := run(t, p, machine.Config{CPUs: 1, Scheduler: "eevdf", HZ: h.hz, Params: h.params(), Ties: true, Costs: h.costs, Keep: true})
	out := make([]seen, len(j.Workers))
	total := 0.0
	for i, g := range r.Groups {
		sum := g.Workers[0].Total(trace.Measure)
		out[i].CPU = float64(sum.Run)
		out[i].Turns = float64(sum.Iterations) / measured.Seconds()
		total += out[i].CPU
	}
	for i := range out {
		out[i].CPU /= total
		if j.Workers[i].Sleep > 0 {
			out[i].Waits = waits(r.Log, int32(i))
		}
	}
	return out
}

// waits returns how long a thread waited after each sleep until it ran, in ms.
func waits(l *trace.Log, thread int32) []float64 {
	var all []float64
	var slept, ran int64
	for _, e := range l.Events {
		if e.Thread != thread {
			continue
		}
		switch {
		case e.Kind == trace.IterBegin:
			slept, ran = -1, -1
		case e.Kind == trace.StateChange && trace.State(e.Arg) == trace.Sleep && slept < 0:
			slept = e.Time
		case e.Kind == trace.StateChange && trace.State(e.Arg) == trace.Run && slept >= 0 && ran < 0:
			ran = e.Time
		case e.Kind == trace.IterEnd && ran >= 0:
			all = append(all, float64(ran-slept-e.Arg)/1e6)
		}
	}
	return all
}
