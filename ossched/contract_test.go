package ossched

import (
	"fmt"
	"slices"
	"testing"
)

// randomScripts makes tasks of all kinds: hogs of some length, sleepers, yielders,
// pairs that wake each other, with nice values, priorities and slices of their own.
func randomScripts(random *chance) []script {
	var scripts []script
	for range 1 + random.below(8) {
		s := script{start: int64(random.below(20)) * int64(random.below(3_000_000))}
		if random.below(3) == 0 {
			s.attr = Attr{Nice: random.below(40) - 20, Priority: random.below(5), Slice: int64(random.below(3)) * 300_000}
		}
		for range 1 + random.below(6) {
			s.bursts = append(s.bursts, 1+int64(random.below(1+random.below(20)*1_000_000)))
			s.sleeps = append(s.sleeps, max(int64(random.below(8_000_000))-1_000_000, 0))
		}
		scripts = append(scripts, s)
	}
	if random.below(2) == 0 {
		n := Task(len(scripts))
		for i := range Task(2) {
			scripts = append(scripts, script{bursts: []int64{50_000 + int64(random.below(100_000))}, sleeps: []int64{-1}, loop: true, wakes: true, peer: n + 1 - i, asleep: i > 0 && random.below(2) == 0})
		}
	}
	return scripts
}

func randomConfig(random *chance) Config {
	return Config{
		CPUs: []int{1, 1, 2, 3, 8}[random.below(5)], Tick: []int64{ms, 4 * ms, 10 * ms}[random.below(3)],
		Ties: uint64(random.below(3)),
	}
}

// Every policy keeps the contract on random machines with random tasks: the driver
// and the book see to it that no task is lost or runs twice; the audit looks at the
// insides after each event; leaving out the ticks before Next changes nothing.
func TestContract(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			for seed := range 80 {
				random := chance(seed)
				checkContract(t, name, fmt.Sprint("seed ", seed), &random)
			}
		})
	}
}

func checkContract(t *testing.T, name, what string, random *chance) {
	c, scripts := randomConfig(random), randomScripts(random)
	stagger := int64(random.below(2)) * 321_000
	contract(t, name, what, c, stagger, scripts)
	if HasParam(name, "pack") {
		c.Params = map[string]any{"pack": []int{30, 70, 100}[random.below(3)]}
		contract(t, name, what+", packing", c, stagger, scripts)
	}
}

func contract(t *testing.T, name, what string, c Config, stagger int64, scripts []script) {
	run := func(every bool) *driver {
		d := newDriver(t, name, c, scripts...)
		d.every, d.stagger, d.check = every, stagger, audit
		return d.run(120 * ms)
	}
	d := run(false)
	if again := run(false); !slices.Equal(d.segments, again.segments) {
		t.Fatalf("%s: two runs differ", what)
	}
	every := run(true)
	for i := range min(len(d.segments), len(every.segments)) {
		if d.segments[i] != every.segments[i] {
			t.Fatalf("%s: segment %d is %+v, with all ticks %+v", what, i, d.segments[i], every.segments[i])
		}
	}
	if len(d.segments) != len(every.segments) {
		t.Fatalf("%s: %d segments, with all ticks %d", what, len(d.segments), len(every.segments))
	}
	if _, fair := d.p.(mover); d.wasted != 0 && (!fair || c.CPUs == 1) {
		t.Errorf("%s: idle for %d ns while a task waited", what, d.wasted)
	}
}

func FuzzContract(f *testing.F) {
	f.Add(uint64(1), uint8(0))
	f.Add(uint64(258), uint8(0)) // whether a task may be taken depended on when its CPU had ticked
	f.Fuzz(func(t *testing.T, seed uint64, policy uint8) {
		random := chance(seed)
		checkContract(t, Names()[int(policy)%len(schedulers)], fmt.Sprint("seed ", seed), &random)
	})
}

// audit looks at the insides of a policy.
func audit(d *driver) {
	switch p := d.p.(type) {
	case *eevdf:
		auditFair(d, &p.fair)
		for c := range p.cpus {
			auditEEVDF(d, p, CPU(c))
		}
	case *cfs:
		auditFair(d, &p.fair)
		for c := range p.cpus {
			auditCFS(d, p, CPU(c))
		}
	case *goroutines:
		auditGo(d, p)
	}
}

// auditPacking compares the past of each CPU with those of its tasks, which are rounded.
func auditPacking(d *driver, f *fair) {
	if f.packing == nil {
		return
	}
	for c, cpu := range f.packing.cpus {
		cpu.until(d.now, f.cur[c] != NoTask)
		sum := int64(0)
		for t, past := range f.packing.tasks {
			if f.homes[t] == CPU(c) && f.phases[t] != gone {
				past.ran.until(d.now, f.phases[t] == running)
				sum += past.ran.sum
			}
		}
		if off := cpu.sum - sum; off < -1000 || off > 1000 {
			d.t.Fatalf("at %d CPU %d has a past of %d ns, and its tasks have one of %d", d.now, c, cpu.sum, sum)
		}
	}
}

// auditFair compares the counts with what they count.
func auditFair(d *driver, f *fair) {
	auditPacking(d, f)
	overloaded := 0
	for c := range f.cpus {
		n, load := 0, int64(0)
		for t, phase := range f.phases {
			if f.homes[t] == CPU(c) && (phase == queued || phase == running) {
				n++
				load += f.tasks[t].weight
			}
		}
		if q := &f.cpus[c]; q.n != n || q.load != load {
			d.t.Fatalf("at %d CPU %d counts %d tasks that weigh %d, and has %d that weigh %d", d.now, c, q.n, q.load, n, load)
		}
		if n >= 2 {
			overloaded++
		}
	}
	if overloaded > 0 && !f.crowded {
		d.t.Fatalf("at %d there are %d overloaded CPUs, and nobody would look for them", d.now, overloaded)
	}
	if f.overloaded != overloaded {
		d.t.Fatalf("at %d %d CPUs count as overloaded, and %d are", d.now, f.overloaded, overloaded)
	}
}

// auditEEVDF works out V and who is to run by looking at every task.
func auditEEVDF(d *driver, e *eevdf, c CPU) {
	var all []Task // in the queue or running
	weight, sum := int64(0), int64(0)
	for t := range e.tasks {
		if e.homes[t] == c && (e.phases[t] == queued || e.phases[t] == running || e.entities[t].delayed) {
			all = append(all, Task(t))
			weight += e.tasks[t].weight
			sum += e.tasks[t].weight * (e.tasks[t].v - e.queues[c].mean)
		}
	}
	q := &e.queues[c]
	if q.n != len(all) || q.weight != weight || q.sum != sum {
		d.t.Fatalf("at %d CPU %d has %+v, not %d tasks that weigh %d with a sum of %d", d.now, c, *q, len(all), weight, sum)
	}
	if q.n == 0 {
		return
	}
	// The mean is V rounded down, so that the weighted lags add up to 0 with an error
	// of less than the weights: Σ w·(V-v) = 0.
	if sum < 0 || sum >= weight {
		d.t.Fatalf("at %d the lags on CPU %d add up to %d", d.now, c, -sum)
	}
	best, shortest := NoTask, Never
	for _, t := range all {
		shortest = min(shortest, e.entities[t].slice)
		if t != e.cur[c] && e.tasks[t].v <= q.mean && (best == NoTask || e.nodes.less(t, best)) {
			best = t
		}
	}
	if got := e.choose(c, NoTask); got != best {
		d.t.Fatalf("at %d on CPU %d chosen task %d, looking at all %d", d.now, c, got, best)
	}
	if got := e.shortest(c); got != shortest {
		d.t.Fatalf("at %d on CPU %d the shortest slice is %d, not %d", d.now, c, got, shortest)
	}
}

// auditCFS looks for the first of the queue at every task.
func auditCFS(d *driver, s *cfs, c CPU) {
	first := NoTask
	for t := range s.tasks {
		if s.homes[t] == c && s.phases[t] == queued && (first == NoTask || s.nodes.less(Task(t), first)) {
			first = Task(t)
		}
	}
	if got := s.first(s.cpus[c].queue); got != first {
		d.t.Fatalf("at %d on CPU %d task %d is first, looking at all %d", d.now, c, got, first)
	}
}

// auditGo counts the goroutines in all queues.
func auditGo(d *driver, g *goroutines) {
	n := g.global.n
	for i := range g.ps {
		n += g.ps[i].local.n
		if g.ps[i].next != NoTask {
			n++
		}
		if g.ps[i].local.n > localSize {
			d.t.Fatalf("the ring of P %d has %d goroutines", i, g.ps[i].local.n)
		}
	}
	waiting := 0
	for _, phase := range g.phases {
		if phase == queued {
			waiting++
		}
	}
	if n != g.queued || n != waiting {
		d.t.Fatalf("at %d %d goroutines are queued, %d count as queued, %d wait", d.now, n, g.queued, waiting)
	}
}

// The book refuses what would lose a task or have it twice.
func TestContradictionsPanic(t *testing.T) {
	for _, name := range Names() {
		for what, do := range map[string]func(p Policy){
			"added twice":    func(p Policy) { p.Add(0, Attr{}) },
			"queued twice":   func(p Policy) { p.Enqueue(0, 0, 0, Wakeup); p.Enqueue(0, 0, 0, Wakeup) },
			"put of nothing": func(p Policy) { p.Put(0, 0, Blocked) },
			"picked over":    func(p Policy) { p.Enqueue(0, 0, 0, Wakeup); p.Pick(0, 0); p.Enqueue(0, 1, 0, Wakeup); p.Pick(0, 0) },
			"queued when over": func(p Policy) {
				p.Enqueue(0, 0, 0, Created)
				p.Pick(0, 0)
				p.Put(0, 1, Exited)
				p.Enqueue(0, 0, 1, Wakeup)
			},
			"wrong reason":    func(p Policy) { p.Enqueue(0, 0, 0, Blocked) },
			"tick of nothing": func(p Policy) { p.Tick(0, 0) },
		} {
			p, err := New(name, Config{CPUs: 1, Tick: ms})
			if err != nil {
				t.Fatal(err)
			}
			p.Add(0, Attr{})
			p.Add(1, Attr{})
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: a task %s, and no panic", name, what)
					}
				}()
				do(p)
			}()
		}
	}
}
