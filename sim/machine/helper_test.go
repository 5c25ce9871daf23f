package machine

import (
	"strconv"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/ossched"
	"github.com/fibsim/fibsim/workloads"
)

const (
	us = time.Microsecond
	ms = time.Millisecond
)

// The operations of bodies.
func fibOf(n int) workloads.Op { return workloads.Op{Kind: workloads.OpFib, N: n} }
func spinFor(d time.Duration) workloads.Op {
	return workloads.Op{Kind: workloads.OpSpin, For: fixed(d)}
}
func holdFor(d time.Duration) workloads.Op {
	return workloads.Op{Kind: workloads.OpHold, For: fixed(d)}
}
func sleepFor(d time.Duration) workloads.Op {
	return workloads.Op{Kind: workloads.OpSleep, For: fixed(d)}
}
func nogilFor(d time.Duration) workloads.Op {
	return workloads.Op{Kind: workloads.OpNoGILSpin, For: fixed(d)}
}
func yieldTimes(n int) workloads.Op { return workloads.Op{Kind: workloads.OpYield, N: n} }
func loopOf(n int, body ...workloads.Op) workloads.Op {
	return workloads.Op{Kind: workloads.OpLoop, N: n, Body: body}
}
func sleepExp(mean time.Duration) workloads.Op {
	return workloads.Op{Kind: workloads.OpSleep, For: workloads.Duration{Dist: workloads.Exponential, Mean: int64(mean)}}
}

func lockOf(ref int) workloads.Op   { return workloads.Op{Kind: workloads.OpLock, Ref: ref} }
func unlockOf(ref int) workloads.Op { return workloads.Op{Kind: workloads.OpUnlock, Ref: ref} }
func sendTo(ref int) workloads.Op   { return workloads.Op{Kind: workloads.OpSend, Ref: ref} }
func recvFrom(ref int) workloads.Op { return workloads.Op{Kind: workloads.OpRecv, Ref: ref} }

func withLocks(p *workloads.Program, names ...string) *workloads.Program {
	for _, name := range names {
		p.Locks = append(p.Locks, workloads.Lock{Name: name})
	}
	return p
}

// withQueues adds queues of these sizes, which are called by their numbers.
func withQueues(p *workloads.Program, sizes ...int) *workloads.Program {
	for i, size := range sizes {
		p.Queues = append(p.Queues, workloads.Queue{Name: strconv.Itoa(i), Size: size})
	}
	return p
}

func fixed(d time.Duration) workloads.Duration { return workloads.Duration{Mean: int64(d)} }

// group is a group of threads that go on until the run ends.
func groupOf(name string, count int, body ...workloads.Op) workloads.Group {
	return workloads.Group{Name: name, Count: count, Body: body}
}

// underLock returns a program of threads under a lock, at 25 ns for a call of fib.
func underLock(lock string, d time.Duration, groups ...workloads.Group) *workloads.Program {
	return &workloads.Program{
		Name: "test", Seed: 1, Duration: d, Threads: groups,
		Interpreter: workloads.Interpreter{Lock: lock, Pace: workloads.Pace{NS: 25}},
	}
}

// withClients adds a threaded server and clients to a program.
func withClients(p *workloads.Program, clients ...workloads.Client) *workloads.Program {
	p.Server = &workloads.Server{Model: "threads"}
	p.Clients = clients
	return p
}

// runs runs a program and holds the invariants against its log, and the log against
// its meters.
func runs(t testing.TB, p *workloads.Program, c Config) *trace.Report {
	t.Helper()
	c.Keep = true
	m, err := newMachine(p, c)
	if err == nil {
		err = m.run(nil)
	}
	if err != nil || m.failed != nil {
		t.Fatal(err, m.failed)
	}
	r := m.report()
	checkLogs(t, m)
	checkFold(t, p, r)
	return r
}

// runsOn gives a CPU that has no task a thread.
func runsOn(m *machine, t *thread, c int32) {
	m.os.policy.Enqueue(ossched.CPU(c), t.task, m.now, ossched.Wakeup)
	m.os.waiting++
	m.pick(m.os, c, 0, 0)
}

// checkLogs holds the invariants against the logs of all interpreters.
func checkLogs(t testing.TB, m *machine) {
	t.Helper()
	for _, l := range m.locks {
		log := m.log(l)
		for i, err := range trace.Check(log, log.Rules) {
			if i < 5 {
				t.Errorf("lock %d: %v", l.number, err)
			}
		}
	}
}

// rows returns the kept iterations of one worker.
func rows(r *trace.Report, group string, worker int) []trace.Sample {
	var out []trace.Sample
	for _, g := range r.Groups {
		if g.Name == group {
			g.Workers[worker].Rows(func(s *trace.Sample) { out = append(out, *s) })
		}
	}
	return out
}

// total returns the fold of the measured phase of a group.
func total(r *trace.Report, group string) *trace.Total {
	var sum trace.Total
	for _, g := range r.Groups {
		if g.Name == group {
			for _, w := range g.Workers {
				sum.Merge(w.Total(trace.Measure))
			}
		}
	}
	return &sum
}

func fact(r *trace.Report, name string) any {
	for _, f := range r.Facts {
		if f.Name == name {
			return f.Value
		}
	}
	return nil
}

// checkFold holds the fold of the log against the meters of all threads of groups.
func checkFold(t testing.TB, p *workloads.Program, r *trace.Report) {
	t.Helper()
	if r.Log.Cut != 0 {
		return
	}
	meters := r.Log.Fold(func(int) *trace.Meter { return trace.NewMeter(r.Window, 0, 0) })
	for i, th := range r.Log.Threads {
		for _, g := range r.Groups {
			if g.Name != th.Group || g.Client || p.UntilDone {
				continue
			}
			a, b := meters[i].Total(trace.Measure), g.Workers[th.Worker].Total(trace.Measure)
			if a.Iterations != b.Iterations || a.LatencySum != b.LatencySum || a.Run != b.Run || a.WaitGIL != b.WaitGIL ||
				a.NoGIL != b.NoGIL || a.Blocked != b.Blocked || a.Ready != b.Ready || a.Counts != b.Counts {
				t.Errorf("%s-%d: the log folds to %+v, its meter to %+v", th.Group, th.Worker, a.Counts, b.Counts)
			}
		}
	}
}

// schedulers returns the names of the schedulers of a kernel, or of Go.
func schedulers(goes bool) []string {
	var out []string
	for _, name := range ossched.Names() {
		p, err := ossched.New(name, ossched.Config{CPUs: 2, Tick: 4e6})
		if err == nil && p.Traits().Goroutines == goes {
			out = append(out, name)
		}
	}
	return out
}
