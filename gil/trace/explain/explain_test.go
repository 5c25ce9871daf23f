package explain

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
)

// a has the lock from the start in the scripts, and b is the one to explain.
const opening = `
	0 a take
	0 a run
	1000 b begin 0
	1000 b ask a
	1000 b wait_gil
	1000 b wait 1
	`

// Logs of which it is known where the time of the one iteration went.
func TestWhereTheTimeWent(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a forced switch: the interval, the way to a checkpoint, the wake-up", opening + `
			6000 b timed_out 1
			6000 b request a
			6000 b wait 2
			6007 a forced
			6007 a handoff b 2
			6007 a shake 1
			6007 a wait_gil
			6030 b woken 2
			6030 b take a
			6030 b handoff a 1
			6030 b run
			6040 b end 0`, "5000 interval a, 23 wake_up, 10 work, 7 notice a"},
		{"a call of C code that keeps the lock: waits after the request are no intervals", opening + `
			6000 b timed_out 1
			6000 b request a
			6000 b wait 2
			11000 b timed_out 2
			11000 b request a
			11000 b wait 3
			13000 a release
			13000 a handoff b 3
			13000 a io
			13000 b woken 3
			13000 b take a
			13000 b run
			13001 b end 0`, "7000 notice a x2, 5000 interval a, 1 work"},
		{"the holder blocks before the interval is over", opening + `
			1800 a release
			1800 a handoff b 1
			1800 a io
			1850 b woken 1
			1850 b take a
			1850 b run
			1850 b end 0`, "800 held a, 50 wake_up"},
		{"a lost race, and the interval that it costs", opening + `
			1300 a release
			1300 a handoff b 1
			1300 a sleep
			1302 a take a 1
			1302 a run
			1340 b woken 1
			1340 b wait 2
			6340 b timed_out 2
			6340 b request a
			6340 b wait 3
			6345 a forced
			6345 a handoff b 3
			6345 a shake 1
			6345 a wait_gil
			6360 b woken 3
			6360 b take a
			6360 b run
			6360 b end 0`, "5000 interval a, 300 held a, 40 lost_race a, 15 wake_up, 5 notice a"},
		{"a race lost in no time is counted", opening + `
			1300 a release
			1300 a handoff b 1
			1300 a sleep
			1300 a take a 1
			1300 a run
			1300 b woken 1
			1300 b wait 2
			1400 a release
			1400 a handoff b 2
			1400 a sleep
			1400 a take a 1
			1400 a run
			1400 b woken 2
			1400 b wait 3
			1500 a release
			1500 a handoff b 3
			1500 a sleep
			1500 b woken 3
			1500 b take a
			1500 b run
			1500 b end 0`, "500 held a x3, 0 lost_race a x2"},
		{"a third thread takes the lock from one that was woken, and lets it go in time", opening + `
			1300 a release
			1300 a handoff b 1
			1300 a sleep
			1310 c take a 1
			1310 c run
			1330 c release
			1330 c io
			1350 b woken 1
			1350 b take c
			1350 b run
			1350 b end 0`, "300 held a, 30 lost_race c, 20 wake_up"},
		{"a stolen signal: c asked later and is served", opening + `
			2000 c ask a
			2000 c wait_gil
			2000 c wait 1
			6000 b timed_out 1
			6000 b request a
			6000 b wait 2
			6010 a forced
			6010 a handoff c 1
			6010 a shake 1
			6010 a wait_gil
			6020 c woken 1
			6020 c take a
			6020 c handoff a 1
			6020 c run
			6021 a shaken 1
			6021 a ask c
			6021 a wait 2
			11000 b timed_out 2
			11000 b wait 3
			12000 c release
			12000 c handoff b 3
			12000 c io
			12005 b woken 3
			12005 b take c
			12005 b run
			12005 b end 0`, "5000 interval a, 4990 passed_over c, 1000 held c, 10 notice a, 5 wake_up"},
		{"a convoy: those who asked before have their turns", `
			0 a take
			0 a run
			10 c ask a
			10 c wait_gil
			10 c wait 1
			20 d ask a
			20 d wait_gil
			20 d wait 1
			1000 b begin 0
			1000 b ask a
			1000 b wait_gil
			1000 b wait 1
			1100 a release
			1100 a handoff c 1
			1100 a io
			1110 c woken 1
			1110 c take a
			1110 c run
			1120 a ask c
			1120 a wait_gil
			1120 a wait 1
			1200 c release
			1200 c handoff d 1
			1200 c io
			1210 d woken 1
			1210 d take c
			1210 d run
			1300 d release
			1300 d handoff b 1
			1300 d io
			1310 b woken 1
			1310 b take d
			1310 b run
			1311 b end 0`, "100 held a, 100 queue c, 100 queue d, 10 wake_up, 1 work"},
		{"it gives way itself: the shake, and its way back", `
			0 b take
			0 b run
			100 b begin 7
			100 a ask b
			100 a wait_gil
			100 a wait 1
			5100 a timed_out 1
			5100 a request b
			5100 a wait 2
			5110 b forced
			5110 b handoff a 2
			5110 b shake 1
			5110 b wait_gil
			5140 a woken 2
			5140 a take b
			5140 a handoff b 1
			5140 a run
			5146 b shaken 1
			5147 b ask a
			5147 b wait 2
			5200 a release
			5200 a handoff b 2
			5200 a io
			5250 b woken 2
			5250 b take a
			5250 b run
			5300 b end 0`, "5060 work x2, 56 wake_up x2, 53 held a, 30 shake a, 1 lock"},
		{"sleep as asked, and beyond", `
			0 b take
			0 b run
			0 b begin 0
			10 b release
			10 b sleep
			1075 b take b
			1075 b run
			1080 b end 1000`, "1000 sleep, 65 oversleep, 15 work x2"},
		{"sleep(0)", `
			0 b take
			0 b run
			0 b begin 0
			10 b release
			10 b sleep
			12 b take b
			12 b run
			20 b release
			20 b sleep
			22 b take b
			22 b run
			22 b end 0`, "18 work x2, 4 yield x2"},
		{"no CPU, before it has the lock and with it", opening + `
			1300 a release
			1300 a handoff b 1
			1300 a io
			1310 b ready
			1400 b woken 1
			1400 b take a
			1400 b run
			1450 b ready
			1500 b run
			1500 b end 0`, "300 held a, 140 ready x2, 50 work, 10 wake_up"},
		{"a host that does not say whom it wakes", opening + `
			1200 a release
			1200 a handoff
			1200 a io
			1205 c take a 1
			1205 c run
			1230 b woken 1
			1230 b wait 2
			1300 c release
			1300 c handoff
			1300 c io
			1330 b woken 2
			1330 b take c
			1330 b run
			1330 b end 0`, "200 held a, 70 held c, 30 lost_race c, 30 wake_up"},
		{"code without the lock, and a call that blocks", `
			0 b take
			0 b run
			0 b begin 0
			10 b release
			10 b nogil
			50 b take b
			50 b run
			50 b release
			50 b io
			70 b take b
			70 b run
			70 b end 0`, "40 nogil, 20 io, 10 work"},
		{"it begins in a wait already, which counts from there", `
			0 a take
			0 a run
			1000 b ask a
			1000 b wait_gil
			1000 b wait 1
			3000 b begin 0
			6000 b timed_out 1
			6000 b request a
			6000 b wait 2
			6010 a release
			6010 a handoff b 2
			6010 a io
			6010 b woken 2
			6010 b take a
			6010 b run
			6010 b end 0`, "3000 interval a, 10 notice a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := parse(t, c.text)
			h := New(log)
			if n := len(h.Iterations()); n != 1 {
				t.Fatalf("%d iterations", n)
			}
			if got := told(h, h.Parts(&h.Iterations()[0])); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			addUp(t, log)
		})
	}
}

// What a client saw of a request: the thread's part of it, cut to the client's time,
// and the rest is the network's and its own.
func TestSeenByAClient(t *testing.T) {
	h := New(parse(t, `
		0 b take
		0 b run
		0 b release
		0 b io
		100 b begin 0
		100 b take b
		100 b run
		150 b release
		150 b io
		180 b end 0`))
	it := &h.Iterations()[0]
	for _, c := range []struct {
		start, end int64
		want       string
	}{
		{60, 200, "60 network, 50 work, 30 io"},
		{60, 170, "50 work, 40 network, 20 io"}, // the reply is there before send has returned
		{110, 120, "10 work"},
		{300, 400, "100 network"}, // clocks that disagree
	} {
		seen := it.Seen(&trace.Sample{Intended: c.start * 1000, Start: c.start * 1000, End: c.end * 1000})
		if got := told(h, h.Parts(&seen)); got != c.want {
			t.Errorf("%d to %d: got %s, want %s", c.start, c.end, got, c.want)
		}
		if seen.Latency() != (c.end-c.start)*1000 || it.Latency() != 80_000 {
			t.Errorf("latencies %d and %d", seen.Latency(), it.Latency())
		}
	}
}

// A request that comes while its thread still waits for the lock, after the reply before, waits for that, and so it does
// where recv has to take the lock again; what comes between is the network's.
func TestSentBeforeTheServerIsThere(t *testing.T) {
	h := New(parse(t, `
		0 a take
		0 a run
		3 b io
		5 b begin 0
		10 b ask
		10 b wait_gil
		10 b wait 1
		30 a release
		30 a handoff b 1
		30 a io
		35 b woken 1
		35 b take a
		35 b run
		36 b end 0
		37 b release
		37 b io
		40 a take b
		40 a run
		60 b ask
		60 b wait_gil
		60 b wait 2
		90 a release
		90 a handoff b 2
		90 a io
		94 b woken 2
		94 b take a
		94 b run
		95 b begin 1
		97 b release
		97 b io
		99 b end 0`))
	for _, c := range []struct {
		seq        int
		start, end int64
		want       string
	}{
		{1, 98, 100, "1 io, 1 network"},
		{1, 70, 100, "20 held a, 4 wake_up, 3 work x2, 2 io, 1 network"},
		{1, 50, 100, "30 held a, 11 network, 4 wake_up, 3 work x2, 2 io"},
		{1, 20, 100, "40 held a x2, 24 network, 9 wake_up x2, 5 work x4, 2 io"},
		{0, 1, 9, "4 io, 4 network"}, // before there is a thread
	} {
		it := &h.Iterations()[c.seq]
		seen := it.Seen(&trace.Sample{Start: c.start * 1000, End: c.end * 1000})
		parts := h.Parts(&seen)
		if got := told(h, parts); got != c.want {
			t.Errorf("sent at %d: got %s, want %s", c.start, got, c.want)
		}
		sum := int64(0)
		for _, p := range parts {
			sum += p.NS
		}
		if sum != seen.Latency() {
			t.Errorf("sent at %d: the parts are %d ns of %d", c.start, sum, seen.Latency())
		}
	}
}

// An iteration that begins in a state that a thread keeps is told from its own begin on,
// not from that of the state: a thread that computes may go on for a million of them.
func TestIterationsOfOneState(t *testing.T) {
	h := New(parse(t, `
		0 a take
		0 a run
		10 a begin 0
		30 a end 0
		30 a begin 1
		35 a end 0
		40 a begin 2
		45 a nogil
		55 a run
		60 a end 0`))
	if len(h.Iterations()) != 3 {
		t.Fatalf("%d iterations", len(h.Iterations()))
	}
	for i, want := range []string{"work 20", "work 5", "nogil 10, work 10"} {
		it := &h.Iterations()[i]
		if begin := &h.log.Events[h.lanes[it.lane][it.anchor]]; begin.Kind != trace.IterBegin || begin.Arg != it.Seq {
			t.Errorf("iteration %d is told from %+v on", i, begin)
		}
		var parts []string
		for _, p := range h.Parts(it) {
			parts = append(parts, fmt.Sprintf("%s %d", p.Cause, p.NS/1000))
		}
		if slices.Sort(parts); strings.Join(parts, ", ") != want {
			t.Errorf("iteration %d: %v, want %s", i, parts, want)
		}
	}
}

// An iteration that was open when the log ended is in no list.
func TestOpenIterations(t *testing.T) {
	h := New(parse(t, opening))
	if n := len(h.Iterations()); n != 0 {
		t.Errorf("%d iterations", n)
	}
	if h := New(&trace.Log{}); len(h.Iterations()) != 0 {
		t.Error("an empty log has iterations")
	}
}
