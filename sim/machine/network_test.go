package machine

import (
	"testing"

	"github.com/fibsim/fibsim/workloads"
)

// latencyOf returns the mean latency of one client in a closed loop, in ns, where
// nothing costs anything but what is given. A request is one call of fib: 25 ns.
func latencyOf(t *testing.T, c Costs) int64 {
	t.Helper()
	p := withClients(underLock("cpython-3", 20*ms), workloads.Client{Name: "fast", Count: 1, Request: 1})
	r := runs(t, p, Config{Costs: &c})
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
