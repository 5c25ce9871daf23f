package machine

import (
	"maps"
	"testing"

	"github.com/fibsim/fibsim/workloads"
)

// latencyOf returns the mean latency of one client in a closed loop, in ns, where
// nothing costs anything but what is given. A request is one call of fib: 25 ns.
func latencyOf(t *testing.T, c Costs) int64 {
	t.Helper()
	return latencyOn(t, Config{Costs: &c})
}

func latencyOn(t *testing.T, c Config) int64 {
	t.Helper()
	p := withClients(underLock("cpython-3", 20*ms), workloads.Client{Name: "fast", Count: 1, Request: 1})
	r := runs(t, p, c)
	all := rows(r, "fast", 0)
	if len(all) < 20 {
		t.Fatalf("got %d requests", len(all))
	}
	sum := int64(0)
	for i := range all {
		sum += all[i].Latency()
	}
	return sum / int64(len(all))
}

// A send costs what it costs when nobody waits, and beside that the wake-up of the
// one who does: the receiver's half of loopback runs in the sender's system call.
// The reply comes while the client still sends, so that it wakes nobody; the work
// of a request, 25 ns, may come on top.
func TestWhoSendsPaysForTheWakeUp(t *testing.T) {
	const send, wake, work = 1000, 5000, 25
	for _, paid := range [...]int64{0, wake} {
		got := latencyOf(t, Costs{Send: send, WakeCall: paid})
		if got < send+paid || got > send+paid+2*work {
			t.Errorf("with a wake-up of %d ns a request takes %d ns, want %d", paid, got, send+paid)
		}
	}
}

// A message that wakes its receiver faster than an idle CPU can be woken was received where
// it was sent: nobody was told of it, and nobody pays. Here a request takes a third of the time, since the
// client would be telling the server's CPU long after the reply has come.
func TestWhoWakesHisOwnCPUDoesNotPay(t *testing.T) {
	const send, wake, way, work = 1000, 5000, 1000, 25
	for idle, want := range map[int64]int64{way: send + wake, way + 1: 2*way + work} {
		got := latencyOf(t, Costs{Send: send, WakeCall: wake, WakeMessage: Exactly(way), WakeIdle: Exactly(idle), IdlePoll: 1 << 40})
		if got < want-2*work || got > want+2*work {
			t.Errorf("where an idle CPU takes %d ns a request takes %d, want %d", idle, got, want)
		}
	}
}

// Who waits for a message pays for that on its CPU: where both sides share one, that is
// time that the other waits for it; on a CPU that is idle nobody notices.
func TestReceiversPayForWaiting(t *testing.T) {
	const send, message, work = 1000, 5000, 25
	for _, c := range []struct{ cpus, want int64 }{{1, 2*(send+message) + work}, {2, send + work}} {
		got := latencyOn(t, Config{CPUs: int(c.cpus), Scheduler: "fifo", Costs: &Costs{Send: send, Message: message}})
		if got < c.want-work || got > c.want+work {
			t.Errorf("with %d CPUs a request takes %d ns, want %d", c.cpus, got, c.want)
		}
	}
}

// A CPU that goes from the server to a client and back changes its process twice.
func TestSwitchesBetweenProcesses(t *testing.T) {
	const send, other, work = 1000, 3000, 25
	got := latencyOn(t, Config{CPUs: 1, Scheduler: "fifo", Costs: &Costs{Send: send, SwitchProcess: other}})
	if want := int64(2*(send+other) + work); got != want {
		t.Errorf("a request takes %d ns, want %d", got, want)
	}
}

// A CPU that goes from a client to the P of a goroutine and back has two switches of the
// kernel, and changes its process twice; the way of the client to sleep comes on top,
// and what the message costs the goroutine.
func TestSwitchesToAProcessor(t *testing.T) {
	const send, other, message, change, work = 1000, 3000, 5000, 700, 25
	p := withClients(underLock("none", 20*ms), workloads.Client{Name: "fast", Count: 1, Request: 1})
	r := runs(t, p, Config{CPUs: 1, Native: true, Kernel: "fifo", Costs: &Costs{Send: send, SwitchProcess: other, Message: message, Switch: change}})
	all := rows(r, "fast", 0)
	got := all[len(all)-1].Start - all[len(all)-2].Start
	if want := int64(2*(send+other+message+change) + work); got < want-work || got > want+work {
		t.Errorf("a request takes %d ns, want %d", got, want)
	}
}

// Connections share processes as the measured backends have it, so that a switch
// between two of one process costs no more than between two threads.
func TestProcessesOfClients(t *testing.T) {
	m, err := newMachine(withClients(underLock("none", ms),
		workloads.Client{Name: "a", Count: 20, Request: 1}, workloads.Client{Name: "b", Count: 2, Request: 1}), Config{})
	if err != nil {
		t.Fatal(err)
	}
	count := map[int32]int{}
	for i := range m.threads {
		count[m.threads[i].process]++
	}
	// The thread that accepts and 22 that serve; 20 connections in two processes, and 2.
	if want := map[int32]int{0: 23, 1: 10, 2: 10, 3: 2}; !maps.Equal(count, want) {
		t.Errorf("threads by process: %v, want %v", count, want)
	}
}

// A client is a process of its own, which no interpreter slows down.
func TestClientsHaveTheCostsOfTheHost(t *testing.T) {
	const recv = 50_000
	got := latencyOf(t, Costs{Interpreter: &Interpreter{Recv: recv}})
	if want := int64(recv + 25); got != want {
		t.Errorf("a request takes %d ns, want %d: one recv of the interpreter", got, want)
	}
}

// For a goroutine time.Sleep(0) returns at once. The native backend reads the clock
// on both sides, so that a body of nothing else takes time nevertheless.
func TestSleepZeroOfGoroutines(t *testing.T) {
	p := underLock("none", 1*ms, groupOf("idle", 1, sleepFor(0)))
	r := runs(t, p, Config{Native: true, Costs: &Costs{Clock: 50}})
	for i, s := range rows(r, "idle", 0) {
		if s.Latency() != 100 {
			t.Fatalf("iteration %d takes %d ns, want twice the clock", i, s.Latency())
		}
	}
	if got := total(r, "idle").Iterations; got != 10_000 {
		t.Errorf("got %d iterations in 1 ms, want 10,000", got)
	}
}
