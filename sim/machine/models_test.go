package machine

import (
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// The ways to serve, held against what the article says of them.

// served runs a server with clients in a closed loop.
func served(t *testing.T, s workloads.Server, c Config, d time.Duration, clients ...workloads.Client) *trace.Report {
	t.Helper()
	p := withClients(underLock("cpython-3", d), clients...)
	p.Server = &s
	return runs(t, p, c)
}

func client(name string, n int) workloads.Client {
	return workloads.Client{Name: name, Count: 1, Request: n}
}

func meanOf(r *trace.Report, name string) int64 {
	s := total(r, name)
	return s.LatencySum / max(1, s.Iterations)
}

// Every model answers every client, natively too; but a sequential server serves the
// second client when the first has left.
func TestEveryModelServes(t *testing.T) {
	for _, model := range workloads.Models() {
		for _, native := range []bool{false, true} {
			c := Config{Native: native}
			r := served(t, workloads.Server{Model: model, Workers: 2, Threads: 2}, c, 40*ms, client("one", 5), client("two", 5))
			one, two := total(r, "one").Iterations, total(r, "two").Iterations
			switch {
			case model == workloads.Sequential && (one < 200 || two != 1 || rows(r, "two", 0)[0].End < int64(40*ms)):
				t.Errorf("%s, native %t: %d requests of the first, %d of the second", model, native, one, two)
			case model != workloads.Sequential && (one < 50 || two < one/2 || one < two/2):
				t.Errorf("%s, native %t: %d and %d requests", model, native, one, two)
			}
		}
	}
}

// Two clients that ask for much: under one lock each waits for the other; with
// processes, or interpreters, neither does. The pool is slower for a request of no
// work, and keeps it from a long one.
func TestModelsDiffer(t *testing.T) {
	const n = 22 // 35,421 calls, 0.89 ms
	work := fibTime(workloads.FibCalls(n), 25_000)
	c := Config{CPUs: 8}
	shared := map[workloads.Model]bool{workloads.Threads: true, workloads.Coroutines: true}
	for _, model := range workloads.Models()[1:] {
		r := served(t, workloads.Server{Model: model, Workers: 2, Threads: 4}, c, 100*ms, client("one", n), client("two", n))
		if mean := meanOf(r, "one"); shared[model] && mean < work*17/10 || !shared[model] && mean > work*15/10 {
			t.Errorf("%s: two clients, fib takes %d ns, a request %d", model, work, mean)
		}
	}
	quick := func(model workloads.Model, slow bool) int64 {
		clients := []workloads.Client{client("fast", 1)}
		if slow {
			clients = append(clients, client("slow", 27))
		}
		return meanOf(served(t, workloads.Server{Model: model, Workers: 4}, c, 150*ms, clients...), "fast")
	}
	threads, pool := quick(workloads.Threads, false), quick(workloads.Processes, false)
	beside, safe := quick(workloads.Threads, true), quick(workloads.Processes, true)
	if pool < 2*threads || safe > 2*pool || beside < 20*threads && beside < 5*safe {
		t.Errorf("fast: %d ns with threads, %d with a pool; next to a slow client %d and %d", threads, pool, beside, safe)
	}
	// A computation in a coroutine stops all others.
	if all := quick(workloads.Coroutines, true); all < int64(2*ms) {
		t.Errorf("coroutines: fast takes %d ns next to fib(27)", all)
	}
	if future := quick(workloads.CoroutinesProcesses, true); future > 2*quick(workloads.CoroutinesProcesses, false) {
		t.Errorf("coroutines+processes: fast takes %d ns next to fib(27)", future)
	}
}

// A thread of prefork serves its connection until it ends; one that finds no thread
// waits.
func TestPreforkHasItsThreads(t *testing.T) {
	clients := []workloads.Client{client("a", 1), client("b", 1), client("c", 1), client("d", 1), client("e", 1)}
	r := served(t, workloads.Server{Model: workloads.Prefork, Workers: 2, Threads: 2}, Config{CPUs: 4}, 50*ms, clients...)
	var waited int
	for _, c := range clients {
		if rows(r, c.Name, 0)[0].Latency() > int64(49*ms) {
			waited++
		}
	}
	if waited != 1 {
		t.Errorf("%d of 5 clients of 4 threads waited to the end", waited)
	}
}

// The rows of clients have the states of the server's thread, or of the task in it.
func TestModelsReportStates(t *testing.T) {
	for _, model := range workloads.Models() {
		r := served(t, workloads.Server{Model: model, Workers: 2, Threads: 2}, free(), 50*ms, client("one", 20))
		s := rows(r, "one", 0)[0]
		work := fibTime(workloads.FibCalls(20), 25_000)
		if got := s.Run + s.NoGIL; got < work*99/100 || s.Run+s.WaitGIL+s.NoGIL+s.Blocked+s.Ready > s.Latency() {
			if model != workloads.CoroutinesProcesses || s.Blocked < work {
				t.Errorf("%s: work of %d ns in %+v", model, work, s)
			}
		}
	}
}

// The log of every interpreter is there to be verified, with the takes of its threads.
func TestEveryInterpreterHasItsLog(t *testing.T) {
	for model, others := range map[workloads.Model]int{
		workloads.Threads: 0, workloads.Processes: 3, workloads.Prefork: 3, workloads.Interpreters: 2,
	} {
		r := served(t, workloads.Server{Model: model, Workers: 3, Threads: 2}, Config{CPUs: 4}, 20*ms, client("one", 5), client("two", 5), client("three", 5))
		if len(r.Others) != others {
			t.Errorf("%s: %d logs of other interpreters, want %d", model, len(r.Others), others)
		}
		for i, log := range r.Others {
			if len(log.Events) == 0 || !log.Rules.Lock {
				t.Errorf("%s: nothing in log %d", model, i)
			}
		}
	}
}
