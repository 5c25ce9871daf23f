package explain

import (
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
)

// a is the thread of a loop in the scripts, and x the task to explain, which begins at
// 0 and lets the others go on at 10.
const loop = `
	0 a take
	0 a run
	0 a begin 0 x
	0 a end
	0 a task_begin 0 x
	0 a begin 1 x
	`

// Logs of loops of which it is known where the time of the one iteration went.
func TestWhatATaskWaitedFor(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"turns of another, which an iteration of that one cuts in two", loop + `
			10 a end
			12 a begin 2 y 11
			4000 a end
			4000 a begin 3 y 4000
			5012 a end
			5013 a begin 4 x 10
			5020 a end
			5021 a begin 5 y 5012
			5041 a end
			5042 a begin 6 x 5020
			5050 a end
			5050 a task_end x`, "5020 behind y x2, 25 work x3, 5 loop x4"},
		{"its sleep, after which the other waits for the lock, and the loop sleeps on", loop + `
			10 a end 1000
			12 a release
			12 a io
			900 a take
			900 a run
			900 a begin 2 y 890
			1100 a release
			1100 a io
			1150 b take a
			1150 b run
			1160 a ask b
			1160 a wait_gil
			1160 a wait 1
			1260 b release
			1260 b handoff a 1
			1260 b io
			1265 a woken 1
			1265 a take b
			1265 a run
			1500 a end
			1500 a release
			1500 a io
			1600 a take
			1600 a run
			1601 a begin 3 x 1009
			1611 a end
			1611 a task_end 1000 x`, "999 sleep, 386 behind y, 100 held b, 100 oversleep, 20 work x2, 5 wake_up, 1 loop"},
		{"the lock is waited for in its sleep, and beyond", loop + `
			10 a end 1000
			20 a release
			20 a io
			30 b take a
			30 b run
			500 a ask b
			500 a wait_gil
			500 a wait 1
			1509 b release
			1509 b handoff a 1
			1509 b io
			1510 a woken 1
			1510 a take b
			1510 a run
			1511 a begin 2 x 1009
			1512 a end
			1512 a task_end 1000 x`, "999 sleep, 500 held b, 11 work x2, 1 wake_up, 1 loop"},
		{"a future, which ends the loop's select", loop + `
			10 a end
			11 a release
			11 a io
			820 a take
			820 a run
			821 a begin 2 x 800
			830 a end
			830 a task_end x`, "790 io, 20 wake_up, 19 work x2, 1 loop"},
		{"a future that another process computes for a time", loop + `
			10 a end
			11 a release
			11 a io
			820 a take
			820 a run
			821 a begin 2 x 800
			821 a task_served 100 x 700
			830 a end
			830 a task_end x`, "600 nogil, 190 io, 20 wake_up, 19 work x2, 1 loop"},
		{"it sleeps on the thread of the loop", loop + `
			10 a release
			10 a sleep
			1060 a take
			1060 a run
			1060 a end
			1060 a task_end 1000 x`, "1000 sleep, 50 oversleep, 10 work"},
		{"a task that nobody asks about is the loop's own", loop + `
			10 a end
			10 a begin 2
			40 a end
			40 a begin 3 x 10
			50 a end
			50 a task_end x`, "30 loop, 20 work x2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := parse(t, c.text)
			h := New(log)
			it := taskIteration(t, h)
			if got := told(h, h.Parts(it)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if who := h.Threads()[it.Thread].Group; who != "x" {
				t.Errorf("it is by %s", who)
			}
			addUp(t, log)
		})
	}
}

// taskIteration returns the one iteration of a task.
func taskIteration(t *testing.T, h *History) *Iteration {
	t.Helper()
	var found *Iteration
	for i := range h.Iterations() {
		if it := &h.Iterations()[i]; int(it.Thread) >= len(h.log.Threads) {
			if found != nil {
				t.Fatal("there is a second one")
			}
			found = it
		}
	}
	if found == nil {
		t.Fatal("there is none")
	}
	return found
}

// A request waits for the loop from when it was sent, whatever that does meanwhile: an
// earlier request of the same connection is no work for this one.
func TestTaskSeenByAClient(t *testing.T) {
	h := New(parse(t, `
		0 a take
		0 a run
		40 a begin 0 x
		50 a end
		50 a begin 1 y
		5050 a end
		5051 a release
		5051 a io
		5056 a begin 2 x
		5060 a end
		5060 a task_begin 0 x
		5060 a begin 3 x
		5062 a take
		5062 a run
		5075 a release
		5075 a io
		5080 a end
		5080 a task_end x`))
	it := taskIteration(t, h)
	for _, c := range []struct {
		start, end int64
		want       string
	}{
		{100, 5100, "4950 behind y, 29 network, 13 work, 7 io x2, 1 loop"},
		{45, 5080, "5000 behind y, 13 work, 9 network, 7 io x2, 6 loop x2"},
		{5065, 5070, "5 work"},
		{6000, 7000, "1000 network"}, // clocks that disagree
	} {
		seen := it.Seen(&trace.Sample{Intended: c.start * 1000, Start: c.start * 1000, End: c.end * 1000})
		parts := h.Parts(&seen)
		sum := int64(0)
		for _, p := range parts {
			sum += p.NS
		}
		if got := told(h, parts); got != c.want || sum != seen.Latency() {
			t.Errorf("%d to %d: got %s, %d ns; want %s", c.start, c.end, got, sum, c.want)
		}
	}
}
