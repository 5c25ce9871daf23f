package machine

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/internal/race"
	"github.com/fibsim/fibsim/sim"
	"github.com/fibsim/fibsim/workloads"
)

// Random small programs, under every lock and on every scheduler, keep every
// invariant, and their log folds to their meters.

// dice makes programs out of a stream of numbers.
type dice struct{ s workloads.Stream }

func (d *dice) below(n int) int { return int(d.s.Uint64() % uint64(n)) }

func (d *dice) length() workloads.Duration {
	mean := int64(1+d.below(50)) * []int64{1, 100, 1000, 20_000, 200_000}[d.below(5)]
	switch d.below(4) {
	case 0:
		return workloads.Duration{Dist: workloads.Exponential, Mean: mean}
	case 1:
		return workloads.Duration{Dist: workloads.UniformDist, Low: mean / 2, High: 2 * mean}
	}
	return workloads.Duration{Mean: mean}
}

func (d *dice) body(depth int) []workloads.Op { return d.ops(depth, true) }

// ops is a body, which may share things with others or is for a worker process.
func (d *dice) ops(depth int, shares bool) []workloads.Op {
	var ops []workloads.Op
	for range 1 + d.below(4) {
		switch n := d.below(12); {
		case n < 3 && shares:
			ops = append(ops, d.shared(depth)...)
			continue
		case n == 3 && shares && depth < 2:
			ops = append(ops, workloads.Op{Kind: workloads.OpSubmit, Ref: d.below(2), Body: d.ops(depth+1, false)})
			continue
		case n == 4:
			ops = append(ops, workloads.Op{Kind: workloads.OpRead, Bytes: int64(1 + d.below(3<<20))}, workloads.Op{Kind: workloads.OpScript, Source: scriptOf(1 + d.below(200))})
			continue
		}
		op := workloads.Op{Kind: workloads.OpKind(d.below(int(workloads.OpLoop) + 1)), For: d.length(), N: 1 + d.below(12), Bytes: int64(d.below(100_000))}
		if op.Kind == workloads.OpLoop {
			if depth == 2 {
				continue
			}
			op.N = d.below(4)
			op.Body = d.ops(depth+1, shares)
		}
		if op.Kind == workloads.OpYield {
			op.N = d.below(4)
		}
		ops = append(ops, op)
	}
	return append(ops, spinFor(1*us)) // so that an iteration takes time
}

// shared is something with what all groups share: two locks, and two queues of
// which one is never full.
func (d *dice) shared(depth int) []workloads.Op {
	ref := d.below(2)
	switch {
	case d.below(2) == 0:
		return []workloads.Op{{Kind: workloads.OpSend + workloads.OpKind(d.below(2)), Ref: ref}}
	case depth == 2:
		return nil
	}
	ops := append([]workloads.Op{{Kind: workloads.OpLock, Ref: ref}}, d.body(depth+1)...)
	return append(ops, workloads.Op{Kind: workloads.OpUnlock, Ref: ref})
}

func (d *dice) program() *workloads.Program {
	p := underLock(policy.Names()[d.below(len(policy.Names()))], time.Duration(1+d.below(8))*ms)
	p.Seed = d.s.Uint64()
	p.Locks = []workloads.Lock{{Name: "door"}, {Name: "gate"}}
	p.Queues = []workloads.Queue{{Name: "pipe", Size: 1 + d.below(3)}, {Name: "heap"}}
	p.Warmup = time.Duration(d.below(2)) * ms
	p.Interpreter.Pace.NS = []float64{25, 1.7, 46.123}[d.below(3)]
	if p.Interpreter.Lock == "cpython-3" {
		p.Interpreter.Params = map[string]any{
			"switch_interval": []time.Duration{5 * ms, 100 * us, 1 * us}[d.below(3)],
			"wake_order":      []string{"fifo", "glibc-2.36"}[d.below(2)],
		}
	}
	for i := range 1 + d.below(3) {
		g := groupOf(string(rune('a'+i)), 1+d.below(4), d.body(0)...)
		g.Start = time.Duration(d.below(2)*d.below(1000)) * us
		g.Times = d.below(2) * d.below(20)
		p.Threads = append(p.Threads, g)
	}
	for i := range d.below(4) {
		k := workloads.TaskGroup{Kind: workloads.TaskKind(d.below(2)), Group: groupOf(string(rune('k'+i)), 1+d.below(4), d.body(0)...)}
		k.Body = append(k.Body, workloads.Op{Kind: workloads.OpCount, N: 1 + d.below(5)})
		k.Start = time.Duration(d.below(2)*d.below(1000)) * us
		k.Times = d.below(2) * d.below(20)
		p.Tasks = append(p.Tasks, k)
	}
	withPools(p, 1+d.below(3), 1)
	if d.below(3) == 0 {
		withClients(p, workloads.Client{Name: "x", Count: 1 + d.below(3), Request: 1 + d.below(15)},
			workloads.Client{Name: "y", Count: 1, Request: 1, Rate: float64(1 + d.below(5000)), Arrivals: workloads.Arrivals(d.below(2))})
		p.Server = &workloads.Server{Model: workloads.Models()[d.below(len(workloads.Models()))], Workers: 1 + d.below(3), Threads: 1 + d.below(2)}
	}
	return p
}

func (d *dice) machine() Config {
	c := Config{CPUs: 1 + d.below(4), HZ: []int{100, 250, 1000}[d.below(3)], Ties: d.below(2) == 0, Native: d.below(3) == 0}
	names := schedulers(false)
	c.Kernel = names[d.below(len(names))]
	c.Scheduler = c.Kernel
	if gos := schedulers(true); c.Native && len(gos) > 0 && d.below(3) > 0 {
		c.Scheduler = gos[d.below(len(gos))]
	}
	c.Costs = DefaultCosts()
	if d.below(3) == 0 {
		c.Costs = &Costs{SystemCall: int64(d.below(2) * 100), HashKiB: 1}
	}
	if d.below(3) == 0 {
		c.Costs.StallEvery, c.Costs.Stall = int64(d.below(5e6)), Spread{Max: int64(d.below(5e6))}
	}
	if d.below(4) == 0 {
		c.Costs.Interpreter = DefaultInterpreter()
	}
	if d.below(3) == 0 { // a kernel that packs, and wake-ups that take their caller long
		c.Costs.Pack, c.Costs.WakeCall = int64(d.below(mostPack+1)), int64(d.below(20_000))
	}
	if d.below(2) == 0 { // what a race at the lock's inner mutex depends on
		c.Costs.AskHold, c.Costs.FallAsleep, c.Costs.LockWait = int64(d.below(2)*d.below(9000)), int64(d.below(2000)), int64(d.below(20_000))
		c.Costs.AskHoldShort = c.Costs.AskHold
		c.Costs.TimerSlack = Spread{Min: 50_000, P10: 52_000, P50: 60_000, P90: 90_000, P99: 100_000, Max: 100_000}
		c.Costs.TimerSlackLong, c.Costs.TimerWake, c.Costs.TimerRange = Exactly(int64(d.below(2)*d.below(200_000))), int64(d.below(30_000)), int64(d.below(2)*50_000)
		c.Costs.AfterWait = Exactly(int64(d.below(30_000)))
		c.Costs.AfterWaitShort, c.Costs.AfterWaitLong = c.Costs.AfterWait, c.Costs.AfterWait
		c.Costs.WakeIdle = Exactly(int64(d.below(30_000)))
		c.Costs.TimerBusy, c.Costs.WakeBusy = Exactly(int64(d.below(2)*d.below(100_000))), Spread{P50: 2000, P90: 9000, P99: 30_000, Max: 60_000}
		c.Costs.SettleWarmShort, c.Costs.SettleWarmLong = int64(d.below(2)*d.below(4000)), int64(d.below(2)*d.below(4000))
	}
	return c
}

// checkMutex holds what is to be so between events against the inner mutexes.
func checkMutex(t *testing.T, m *machine) {
	owners, waits := 0, 0
	for i := range m.threads {
		x := &m.threads[i]
		if x.detour == owning {
			if owners++; x.lock.mutex != x.id {
				t.Fatalf("at %d: thread %d owns the mutex of %d", m.now, x.id, x.lock.mutex)
			}
		}
		if (x.detour == contending || x.detour == falling) && !x.on && !x.queued {
			t.Fatalf("at %d: thread %d is off its CPU on its way to sleep", m.now, x.id)
		}
	}
	for _, l := range m.locks {
		if l.mutex >= 0 {
			owners--
		}
		waits += len(l.contend)
	}
	if owners != 0 || waits > len(m.threads) {
		t.Fatalf("at %d: %d threads more than mutexes with an owner, %d wait for one", m.now, owners, waits)
	}
}

// play runs one random program and holds the invariants against it.
func play(t *testing.T, seed uint64) {
	d := &dice{workloads.NewStream(seed, "fuzz", 0, "dice")}
	p, c := d.program(), d.machine()
	c.Keep, c.Values = true, true
	asked := 0 // some programs would go on through the whole grace
	var m *machine
	c.Observe = func(sim.Event) { checkMutex(t, m) }
	m, err := newMachine(p, c)
	if err == nil {
		if err = m.run(func() bool { asked++; return asked == 6 }); m.failed != nil {
			err = m.failed
		}
	}
	if err != nil && !errors.Is(err, ErrStopped) {
		t.Fatalf("seed %d: %v", seed, err)
	}
	checkShared(t, m)
	r := m.report()
	if checkLogs(t, m); t.Failed() {
		t.Errorf("seed %d, %s on %s (native %t)", seed, p.Interpreter.Lock, c.Scheduler, c.Native)
	}
	checkFold(t, p, r)
	for _, g := range r.Groups {
		for i := range g.Workers {
			for _, s := range rows(r, g.Name, i) {
				if sum := s.Run + s.WaitGIL + s.NoGIL + s.Blocked + s.Ready; s.End < s.Start || sum > s.Latency() || !g.Client && sum != s.Latency() {
					t.Errorf("seed %d: %s-%d: states of %d ns in %+v", seed, g.Name, i, sum, s)
				}
			}
		}
	}
}

// checkShared holds what threads share against who waits for it: nobody sleeps in
// front of a lock that is free, a queue that has an item or one that has room,
// unless another has been woken for it.
func checkShared(t *testing.T, m *machine) {
	t.Helper()
	onTheWay := func(kinds ...opKind) (n int) {
		for i := range m.threads {
			th := &m.threads[i]
			for _, pc := range []int32{th.pc - 1, th.pc} {
				if pc >= 0 && int(pc) < len(th.group.code) && slices.Contains(kinds, th.group.code[pc].kind) && (th.queued || th.on || th.notified || th.phase == take || th.phase == queueing) {
					n++
					break
				}
			}
		}
		return n
	}
	for i := range m.userLocks {
		if l := &m.userLocks[i]; l.holder < 0 && len(l.waiters) > 0 && onTheWay(opLock) == 0 {
			t.Errorf("lock %s is free, and %d threads sleep", l.name, len(l.waiters))
		}
	}
	for i := range m.queues {
		q := &m.queues[i]
		if q.items > 0 && len(q.getters) > 0 && onTheWay(opGet) == 0 || q.size > 0 && q.items < q.size && len(q.putters) > 0 && onTheWay(opPut) == 0 {
			t.Errorf("queue %s has %d of %d items, %d threads want one and %d have one", q.name, q.items, q.size, len(q.getters), len(q.putters))
		}
	}
}

func TestRandomPrograms(t *testing.T) {
	count := uint64(250)
	if race.Enabled {
		count = 100
	}
	for seed := range count {
		play(t, seed)
		if t.Failed() {
			return
		}
	}
}

func FuzzPrograms(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(play)
}
