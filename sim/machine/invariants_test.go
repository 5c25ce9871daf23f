package machine

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/internal/race"
	"github.com/fibsim/fibsim/workloads"
)

// The kinds of programs that scenarios ship, on every scheduler and under every
// lock: the named invariants hold, and the log folds to the meters (runs checks
// both).
func TestInvariants(t *testing.T) {
	for name, p := range programs() {
		long := p.Duration == 0 || p.Duration > brief
		for _, c := range machines() {
			for _, lock := range []string{"cpython-3", "cpython-2", "none"} {
				if c.Native && lock != "none" {
					continue
				}
				if race.Enabled && !c.Native && lock != "cpython-3" {
					continue // one goroutine, whatever the lock
				}
				t.Run(fmt.Sprintf("%s/%s-%d/%s", name, c.Scheduler, c.CPUs, lock), func(t *testing.T) {
					q := *p
					q.Interpreter.Lock = lock
					r := runs(t, &q, c)
					for _, g := range r.Groups {
						for i, w := range g.Workers {
							if w.Total(0).Iterations+w.Total(1).Iterations == 0 && lock == "none" && long && fair[c.Scheduler] && c.CPUs > 1 && !race.Enabled {
								t.Errorf("%s-%d has done nothing", g.Name, i)
							}
						}
					}
				})
			}
		}
	}
}

// fair are the schedulers under which nobody starves.
var fair = map[string]bool{"eevdf": true, "eevdf-6.6": true, "cfs": true, "rr": true}

// machines are the schedulers on one to four CPUs, all at the default costs.
func machines() []Config {
	var out []Config
	for i, name := range schedulers(false) {
		out = append(out, Config{Scheduler: name, CPUs: 1 + i%2}, Config{Scheduler: name, CPUs: 4, Native: i%2 == 0})
	}
	for _, name := range schedulers(true) {
		out = append(out, Config{Scheduler: name, CPUs: 1, Native: true, Kernel: "fifo"}, Config{Scheduler: name, CPUs: 3, Native: true, Kernel: "rr"})
	}
	return out
}

// brief is how long the programs run in which not everybody need get anything done.
const brief = 5 * time.Millisecond

func programs() map[string]*workloads.Program {
	d := 30 * time.Millisecond
	if race.Enabled {
		d /= 6
	}
	out := map[string]*workloads.Program{
		"mixed":       underLock("", d, groupOf("crunch", 1, fibOf(24)), groupOf("quick", 2, sleepExp(5*ms), fibOf(12))),
		"c-released":  underLock("", d, groupOf("ext", 2, nogilFor(5*ms)), groupOf("ticker", 1, sleepFor(5*ms))),
		"c-held":      underLock("", d, groupOf("ext", 2, holdFor(5*ms)), groupOf("ticker", 1, sleepFor(5*ms))),
		"go-convoy":   underLock("", d, groupOf("crunch", 5, fibOf(18)), groupOf("ticker", 1, sleepFor(5*ms))),
		"sleep-zero":  underLock("", d, groupOf("hog", 1, fibOf(18)), groupOf("polite", 1, yieldTimes(2))),
		"loops":       underLock("", d, groupOf("a", 3, loopOf(3, fibOf(8), loopOf(2, spinFor(30*us), yieldTimes(1)), sleepFor(100*us)), nogilFor(200*us))),
		"threads-fib": once(underLock("", 0, groupOf("crunch", 4, fibOf(20)))),
		"server": withClients(underLock("", d, groupOf("hog", 1, fibOf(18))),
			workloads.Client{Name: "slow", Count: 1, Request: 20},
			workloads.Client{Name: "fast", Count: 2, Request: 1},
			workloads.Client{Name: "web", Count: 2, Request: 5, Rate: 200},
			workloads.Client{Name: "even", Count: 1, Request: 5, Rate: 100, Arrivals: workloads.Uniform}),
	}
	out["threads-fib"].Threads[0].Times = 3
	out["locks"] = withLocks(underLock("", brief, groupOf("hog", 1, fibOf(18)),
		groupOf("user", 3, lockOf(0), sleepFor(1*ms), unlockOf(0), sleepExp(1*ms)), groupOf("c", 2, lockOf(1), nogilFor(200*us), unlockOf(1), spinFor(10*us))), "x", "y")
	out["queues"] = withQueues(underLock("", brief, groupOf("hog", 1, fibOf(18)),
		groupOf("make", 2, sleepExp(500*us), sendTo(0)), groupOf("work", 2, recvFrom(0), spinFor(300*us), sendTo(1)), groupOf("end", 1, recvFrom(1))), 1, 0)
	out["tasks"] = withTasks(underLock("", brief, groupOf("hog", 1, fibOf(18))), tasksOf(workloads.YieldTask, body(fibOf(12), yieldTimes(3)), body(countFrom(4), sleepExp(300*us)))...)
	out["asyncio"] = withTasks(withPools(underLock("", brief, groupOf("hog", 1, fibOf(18))), 2),
		tasksOf(workloads.AsyncioTask, body(fibOf(15), yieldTimes(1)), body(sleepExp(2*ms), fibOf(5)), body(submitTo(0, fibOf(14)), nogilFor(100*us)))...)
	for _, name := range []string{"tasks", "asyncio"} {
		for i := range out[name].Tasks {
			out[name].Tasks[i].Times = 0
		}
	}
	out["pool"] = withPools(underLock("", brief, groupOf("hog", 1, fibOf(18)), groupOf("use", 3, submitTo(0, fibOf(16), sleepExp(100*us)), sleepExp(1*ms)), groupOf("read", 1, workloads.Op{Kind: workloads.OpRead, Bytes: 3 << 20})), 2)
	for _, model := range workloads.Models() {
		p := withClients(underLock("", brief, groupOf("hog", 1, fibOf(16))),
			workloads.Client{Name: "slow", Count: 1, Request: 18}, workloads.Client{Name: "fast", Count: 2, Request: 1}, workloads.Client{Name: "web", Count: 2, Request: 5, Rate: 200})
		p.Server.Model, p.Server.Workers, p.Server.Threads = model, 2, 2
		out[string(model)] = p
	}
	return out
}

// A run is a function of its program, machine and costs: the hash of its events and
// all of its rows are the same each time. They change with the seed where anything
// is drawn.
func TestDeterminism(t *testing.T) {
	for name, p := range programs() {
		for i, c := range machines() {
			if i%3 > 0 && name != "mixed" {
				continue
			}
			q := *p
			q.Interpreter.Lock = "cpython-3"
			a, b := fingerprint(t, &q, c), fingerprint(t, &q, c)
			if a != b {
				t.Fatalf("%s on %s differs from itself", name, c.Scheduler)
			}
			if q.Seed = 2; name == "mixed" && fingerprint(t, &q, c) == a {
				t.Fatalf("%s on %s: the seed changes nothing", name, c.Scheduler)
			}
		}
	}
}

// fingerprint is everything that a run reports, as text.
func fingerprint(t *testing.T, p *workloads.Program, c Config) string {
	t.Helper()
	r, err := Run(p, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintln(&b, r.Window, r.Facts, r.Warnings)
	for _, g := range r.Groups {
		for i := range g.Workers {
			fmt.Fprintln(&b, rows(r, g.Name, i))
		}
	}
	return b.String()
}

// What takes no time at all would go on for ever: it is an error that names the
// thread.
func TestStandstill(t *testing.T) {
	for _, p := range []*workloads.Program{
		underLock("none", time.Second, groupOf("still", 1, yieldTimes(1))),
		underLock("none", time.Second, groupOf("still", 2, loopOf(1_000_000_000, yieldTimes(1)))),
	} {
		_, err := Run(p, free(), nil)
		if err == nil || !strings.Contains(err.Error(), "still-0 goes on and on") {
			t.Errorf("got %v", err)
		}
	}
}

// A run that is told to stop says so and reports what it has.
func TestStop(t *testing.T) {
	asked := 0
	r, err := Run(underLock("none", time.Hour, groupOf("hog", 1, fibOf(5))), Config{Scheduler: "fifo"}, func() bool { asked++; return asked == 3 })
	if !errors.Is(err, ErrStopped) || r == nil || total(r, "hog").Iterations == 0 {
		t.Errorf("got %v, %+v", err, r)
	}
}

// What cannot be modelled, or makes no sense, is an error and never ignored.
func TestRunRefuses(t *testing.T) {
	for want, spoil := range map[string]func(*workloads.Program, *Config){
		"from 1 to 4096 CPUs":     func(_ *workloads.Program, c *Config) { c.CPUs = -1 },
		"ticks a second":          func(_ *workloads.Program, c *Config) { c.HZ = 20_000 },
		"nosuch":                  func(_ *workloads.Program, c *Config) { c.Scheduler = "nosuch" },
		"no lock policy is named": func(p *workloads.Program, _ *Config) { p.Interpreter.Lock = "nosuch" },
		"needs an interpreter":    func(p *workloads.Program, _ *Config) { p.Interpreter.Pace.Mode = workloads.PacePython },
		"pace: must be":           func(p *workloads.Program, _ *Config) { p.Interpreter.Pace.NS = -1 },
		"switch must be from 0":   func(_ *workloads.Program, c *Config) { c.Costs = &Costs{Switch: -1} },
		"server.model nosuch": func(p *workloads.Program, _ *Config) {
			withClients(p, workloads.Client{Name: "c", Count: 1}).Server.Model = "nosuch"
		},
		"clients and no server": func(p *workloads.Program, _ *Config) { p.Clients = []workloads.Client{{Name: "c", Count: 1}} },
		"cannot be simulated": func(p *workloads.Program, _ *Config) {
			p.Threads[0].Body = []workloads.Op{{Kind: workloads.OpLoop, N: 1, Body: []workloads.Op{{Kind: 200}}}}
		},
	} {
		p, c := underLock("cpython-3", 10*ms, groupOf("a", 1, spinFor(1*ms))), Config{Scheduler: "fifo"}
		spoil(p, &c)
		if _, err := Run(p, c, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}
