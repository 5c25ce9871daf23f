package trace

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// timed are the rules of the timed-request lock with an interval of 5 ms.
var timed = Rules{Lock: true, WakeOrder: orderFIFO, Interval: 5e6, Shakes: true}

// forced is a run in which b waits, asks, and is handed the lock by a, which shakes
// hands, waits and lets b go first; c comes late. Times are in µs.
const forced = `
	0     a take -
	0     a run
	0     a begin 0
	1000  b ask a
	1000  b wait_gil
	1000  b wait 1
	6000  b timed_out 1
	6000  b request a
	6000  b wait 2
	6100  a forced
	6100  a handoff b 2
	6100  a shake 1
	6100  a wait_gil
	6120  b woken 2
	6120  b take a
	6120  b handoff a 1
	6120  b run
	6120  b begin 0
	6130  a shaken 1
	6130  a ask b
	6130  a wait 2
	6500  c ask b
	6500  c wait_gil
	6500  c wait 1
	7000  b release
	7000  b handoff a 2
	7000  b sleep
	7010  a woken 2
	7010  a take b
	7010  a run
	7500  a end
	7500  a begin 1
	7600  a release
	7600  a handoff c 1
	7600  a io
	7610  c woken 1
	7610  c take a
	7610  c run
	7620  c release
	7620  c done
	8000  b take c
	8000  b run
	8100  b end
	8200  b release
	8200  b done
	`

// voluntary is a run in which a blocks while it is asked to let go, and shakes
// hands before its call begins.
const voluntary = `
	0     a take -
	0     a run
	100   b ask a
	100   b wait_gil
	100   b wait 1
	5100  b timed_out 1
	5100  b request a
	5100  b wait 2
	5200  a release
	5200  a handoff b 2
	5200  a shake 1
	5200  a wait_gil
	5220  b woken 2
	5220  b take a
	5220  b handoff a 1
	5220  b run
	5230  a shaken 1
	5230  a sleep
	5300  b release
	5300  b nogil
	6230  a take b
	6230  a run
	`

// ticks is a run of a lock that counts ticks: a lets go with nobody asking, and is
// back before b arrives.
const ticks = `
	0   a take -
	0   a run
	1   b ask a
	1   b wait_gil
	1   b wait 1
	20  a forced
	20  a handoff b 1
	20  a wait_gil
	20  a take a 1
	20  a run
	25  b woken 1
	25  b wait 2
	40  a forced
	40  a handoff b 2
	40  a wait_gil
	45  b woken 2
	45  b take a
	45  b run
	46  a ask b
	46  a wait 1
	`

// glibc is a run in which the newer group is served once the older one is empty,
// inside which the order is free.
const glibc = `
	0   a take -
	0   a run
	1   b ask a
	1   b wait_gil
	1   b wait 1
	2   c ask a
	2   c wait_gil
	2   c wait 1
	10  a release
	10  a handoff c 1
	10  a io
	11  c woken 1
	11  c take a
	11  c run
	12  a ask c
	12  a wait_gil
	12  a wait 1
	20  c release
	20  c handoff b 1
	20  c io
	21  b woken 1
	21  b take c
	21  b run
	22  c ask b
	22  c wait_gil
	22  c wait 2
	30  b release
	30  b handoff c 2
	30  b io
	`

var good = []struct {
	name, text string
	rules      Rules
}{
	{"forced", forced, timed},
	{"voluntary", voluntary, timed},
	{"ticks", ticks, Rules{Lock: true, WakeOrder: orderFIFO, Countdown: true}},
	{"glibc", glibc, Rules{Lock: true, WakeOrder: orderGlibc, Interval: 5e6, Shakes: true}},
	{"no order declared", glibc, Rules{Lock: true}},
	{"woken twice", `
		0  a take -
		0  a run
		1  b ask a
		1  b wait_gil
		1  b wait 1
		2  a forced
		2  a handoff b 1
		2  a wait_gil
		2  a take a 1
		2  a run
		3  a forced
		3  a handoff b 1  # it is on its way already, and nobody else waits
		3  a wait_gil
		4  b woken 1
		4  b take a
		4  b run`, Rules{Lock: true, WakeOrder: orderFIFO, Countdown: true}},
	{"empty", "", timed},
	{"no lock", "0 a run\n 0 b run\n 0 a begin 0\n 5 a sleep\n 9 a run\n 9 a end\n 9 a done", Rules{}},
	{"host", `
		0  a take -
		0  a run
		1  b ask a
		1  b wait_gil
		1  b wait 1
		2  b woken 1   # by nobody: a condition variable may do that
		2  b wait 2
		3  a release
		3  a handoff -
		3  a io
		4  b woken 2
		4  b take a
		4  b run`, Rules{Lock: true, WakeOrder: orderHost}},
	{"aborted", `
		0  a take -
		0  a run
		0  a begin 0
		1  b ask a
		1  b wait_gil
		1  b wait 1
		5  a release
		5  a handoff b 1
		5  a sleep
		6  a done       # from its blocking call, inside an iteration
		7  b woken 1
		7  b take a
		7  b run
		7  b release
		7  b done`, timed},
	{"preempted", `
		0  a take -
		0  a ready
		1  a run
		2  a ready
		3  a run
		4  a release
		4  a ready
		5  a sleep
		6  a ready
		7  a take a
		7  a run`, timed},
	{"timer", `
		0   a take -
		0   a run
		1   b ask a
		1   b wait_gil
		1   b wait 1
		50  - request a
		51  a forced
		51  a handoff b 1
		51  a wait_gil`, Rules{Lock: true, WakeOrder: orderFIFO}},
}

func TestGoodStreamsPass(t *testing.T) {
	for _, g := range good {
		t.Run(g.name, func(t *testing.T) {
			for _, err := range Check(parse(t, g.text), g.rules) {
				t.Error(err)
			}
		})
	}
}

// Each invariant is found in a stream that breaks it, and as that invariant: one
// edit of a good stream, or a stream of its own.
func TestBrokenStreamsAreFound(t *testing.T) {
	const alone = "0 a take -\n0 a run\n"
	cases := []struct {
		want     Invariant
		name     string
		text     string
		old, new string // the edit
		says     string // part of the error
	}{
		{OneHolder, "second take", alone + "1 b take a\n", "", "", "b-0 takes the lock that a-0 has"},
		{OneHolder, "runs without", alone + "1 b run\n", "", "", "b-0 runs, and a-0 has the lock"},
		{OneHolder, "two run", "0 a take -\n0 a run\n1 a release\n1 b take a\n1 b run\n", "", "", "b-0 runs when another thread still does"},
		{OneHolder, "sleeps with it", alone + "1 a sleep\n", "", "", "a-0 goes to sleep with the lock"},
		{OneHolder, "ends with it", alone + "1 a done\n", "", "", "a-0 goes to done with the lock"},
		{OneHolder, "foreign release", alone + "1 b release\n", "", "", "b-0 lets go of the lock, and a-0 has it"},
		{OneHolder, "wrong predecessor", forced, "7010  a take b", "7010  a take c", "from c-0, but b-0 had it last"},
		{OneHolder, "waits for its own", alone + "1 a ask a\n", "", "", "a-0 waits for the lock that it has"},

		{LegalTransition, "sleep to io", voluntary, "5230  a sleep", "5230  a sleep\n5231 a io", "a-0 goes from sleep to io"},
		{LegalTransition, "begins asleep", "0 a sleep\n", "", "", "a-0 goes from done to sleep"},
		{LegalTransition, "same state", "0 a take -\n0 a run\n1 a run\n", "", "", "a-0 goes from run to run"},
		{LegalTransition, "begins again", forced, "8200  b done", "8200  b done\n8300 b wait_gil", "b-0 goes to wait_gil after it has ended"},

		{StatesAddUp, "time goes back", forced, "7500  a end", "7000  a end", "the time of a-0 goes back by 10000 ns"},
		{StatesAddUp, "gap in a life", forced, "8200  b done", "8200  b done\n8300 b wait_gil\n8400 b done", "the states of b-0 add up to 7300000 ns, and it lived for 7400000 ns"},
		{StatesAddUp, "iteration before the thread", "0 a begin 0\n1 a take -\n1 a run\n2 a end\n", "", "", "iteration 0 of a-0 add up to 1000 ns, its latency is 2000 ns"},

		{SeqGapless, "gap", voluntary, "6230  a take b", "6230  a take b #99", "take of a-0 has number 99, and 15 is next"},
		{SeqGapless, "starts late", "0 a take - #2", "", "", "number 2, and 1 is next"},
		{SeqGapless, "twice", voluntary, "6230  a take b", "6230  a take b #14", "number 14, and 15 is next"},
		{SeqGapless, "time goes back", voluntary, "6230  a take b", "5000  a take b", "comes 300000 ns before"},
		{SeqGapless, "number of a state", "0 a take -\n0 a run #2\n", "", "", "has number 2 for what the lock does not number"},

		{ForcedAfterRequest, "nobody asked", ticks, "", "", "a-0 is forced to let go, and nobody asked it to"},
		{ForcedAfterRequest, "shakes unasked", alone + "1 a release\n1 a shake 1\n", "", "", "a-0 shakes hands, and nobody asked it"},
		{ForcedAfterRequest, "asks who has it not", forced, "6000  b request a", "6000  b request c", "b-0 asks c-0 to let go, and a-0 has the lock"},
		{ForcedAfterRequest, "asks nobody", voluntary, "5300  b nogil", "5300 b nogil\n5400 c request b", "c-0 asks b-0 to let go, and nobody has the lock"},

		{DropperWaits, "takes again", forced, "6120  b woken 2", "6110 a take a", "a-0 was asked to let go and takes the lock again"},
		{DropperWaits, "goes on", voluntary, "5200  a wait_gil", "5200  a sleep", "a-0 was asked to let go and goes to sleep before another"},
		{DropperWaits, "shake ends early", voluntary, "5220  b woken 2", "5210  a shaken 1", "a-0 ends its shake before another thread has the lock"},
		{DropperWaits, "woken early", voluntary, "5220  b woken 2", "5210 b handoff a 1", "wakes a-0 from its shake before another"},
		{DropperWaits, "shakes no hands", voluntary, "5200  a shake 1\n", "", "a-0 ends a shake that it is not in"},

		{RequestWiped, "next holder is forced", forced, "7000  b release", "7000 b forced", "b-0 is forced to let go"},
		{RequestWiped, "next holder shakes", forced, "7000  b sleep", "7000 b shake 3", "b-0 shakes hands, and nobody asked it"},

		{WakeOrderKept, "overtaken in fifo", glibc, "", "", "a-0 wakes c-0, whose turn it is not under fifo"},
		{WakeOrderKept, "wakes who does not wait", forced, "7600  a handoff c 1", "7600 a handoff b 2", "a-0 wakes b-0 from wait 2"},
		{WakeOrderKept, "wakes nobody", voluntary, "5200  a handoff b 2\n", "", "a-0 let go and woke nobody, and 1 wait"},
		{WakeOrderKept, "leaves it to the host", voluntary, "5200  a handoff b 2", "5200  a handoff -", "a-0 wakes nobody"},
		{WakeOrderKept, "woken by nobody", "0 a take -\n0 a run\n1 b wait 1\n2 b woken 1\n", "", "", "b-0 wakes, and nobody woke it"},
		{WakeOrderKept, "another wait", voluntary, "5220  b woken 2", "5220  b woken 1", "wait 1 of b-0 ends (woken), and it is not in that wait"},
		{WakeOrderKept, "wait in a wait", voluntary, "5100  b timed_out 1\n\t5100  b request a\n", "", "b-0 begins wait 2 inside wait 1"},

		{TimeoutFullInterval, "too early", forced, "1000  b wait 1", "1001  b wait 1", "timed out after 4999000 ns, and the interval is 5000000 ns"},
		{TimeoutFullInterval, "asks untimed", voluntary, "5100  b timed_out 1", "5100  b woken 1", ""},
		{TimeoutFullInterval, "lock changed hands", `
			0     a take -
			0     a run
			1     b wait 1
			2     c wait 1
			3     a release
			3     a handoff b 1
			3     a io
			4     b woken 1
			4     b take a
			4     b run
			5002  c timed_out 1
			5002  c request b`, "", "", "the lock has changed hands in its wait"},

		{RequestEndsOnce, "nested", forced, "7500  a end\n", "", "a-0 begins iteration 1 inside iteration 0"},
		{RequestEndsOnce, "ends twice", forced, "8100  b end", "8100  b end\n8100 b end", "b-0 ends an iteration when it is in none"},
		{RequestEndsOnce, "leaves one out", forced, "7500  a begin 1", "7500  a begin 2", "a-0 begins iteration 2, and 1 is next"},
		{RequestEndsOnce, "does not start at 0", forced, "6120  b begin 0", "6120  b begin 5", "b-0 begins iteration 5, and 0 is next"},
	}
	covered := map[Invariant]bool{}
	for _, c := range cases {
		t.Run(string(c.want)+"/"+c.name, func(t *testing.T) {
			text := c.text
			if c.old != "" {
				if strings.Count(text, c.old) != 1 {
					t.Fatalf("the edit does not apply: %q", c.old)
				}
				text = strings.Replace(text, c.old, c.new, 1)
			}
			found := Check(parse(t, text), timed)
			for _, err := range found {
				var v *Violation
				if errors.As(err, &v) && v.Invariant == c.want && strings.Contains(err.Error(), c.says) {
					return
				}
			}
			t.Errorf("not found; instead: %v", errors.Join(found...))
		})
		covered[c.want] = true
	}
	for _, i := range []Invariant{
		OneHolder, LegalTransition, StatesAddUp, SeqGapless, ForcedAfterRequest,
		DropperWaits, RequestWiped, WakeOrderKept, TimeoutFullInterval, RequestEndsOnce,
	} {
		if !covered[i] {
			t.Errorf("no stream breaks %s", i)
		}
	}
}

// Under glibc's order a member of the newer group has to wait for the older one.
func TestNewerGroupWaits(t *testing.T) {
	text := strings.Replace(glibc, "20  c handoff b 1", "20  c handoff a 1", 1)
	found := Check(parse(t, text), Rules{Lock: true, WakeOrder: orderGlibc})
	if len(found) == 0 || !strings.HasPrefix(found[0].Error(), "wake-order: at 20µs, seq 13: c-0 wakes a-0, whose turn it is not under glibc-2.36") {
		t.Errorf("got %v", found)
	}
}

// A run without a lock has nothing of one.
func TestNoLockMeansNone(t *testing.T) {
	for text, want := range map[string]Invariant{
		"0 a run\n1 a wait_gil": LegalTransition,
		"0 a take -":            OneHolder,
	} {
		var v *Violation
		if found := Check(parse(t, text), Rules{}); len(found) != 1 || !errors.As(found[0], &v) || v.Invariant != want {
			t.Errorf("%q: %v", text, found)
		}
	}
}

// What cannot be an event at all is reported, and does not stop the check.
func TestForeignEvents(t *testing.T) {
	log := &Log{Threads: []Thread{{"a", 0}}, Events: []Event{
		{Kind: StateChange, Thread: 7},
		{Kind: StateChange, Thread: -2},
		{Kind: kinds, Thread: 0},
		{Kind: StateChange, Thread: 0, Arg: int64(states)},
		{Kind: StateChange, Thread: 0, Arg: -1},
		{Kind: IterBegin, Thread: -1},
		{Kind: Handoff, Thread: 0, Other: 9, Seq: 1},
	}}
	if found := Check(log, timed); len(found) != len(log.Events) {
		t.Errorf("%d of %d found: %v", len(found), len(log.Events), found)
	}
}

// A log that breaks a rule at every event fills a screen, not a disk.
func TestViolationsAreBounded(t *testing.T) {
	log := &Log{Threads: []Thread{{"a", 0}}}
	for range 250 {
		log.Events = append(log.Events, Event{Kind: IterEnd, Thread: 0})
	}
	found := Check(log, Rules{})
	if len(found) != mostViolations+1 || found[mostViolations].Error() != "and 150 more" {
		t.Errorf("%d errors, the last: %v", len(found), found[len(found)-1])
	}
}

// The check of any stream ends, and never panics.
func FuzzCheck(f *testing.F) {
	f.Add([]byte("any bytes make events: kinds, threads, numbers, in any order there is"), uint8(7))
	f.Fuzz(func(t *testing.T, data []byte, rules uint8) {
		log := &Log{Threads: []Thread{{"a", 0}, {"b", 0}, {"c", 0}}}
		for i := 0; i+4 <= len(data); i += 4 {
			log.Events = append(log.Events, Event{
				Seq: int64(i / 4), Time: int64(data[i]), Kind: Kind(data[i+1] % byte(kinds+1)),
				Thread: int32(data[i+2]%6) - 2, Other: int32(data[i+2]>>4%6) - 2, Arg: int64(data[i+3]%9) - 1,
			})
		}
		orders := [...]string{"", orderFIFO, orderGlibc, orderHost}
		Check(log, Rules{Lock: rules&1 > 0, WakeOrder: orders[rules>>1%4], Interval: int64(rules >> 3 & 1 * 10), Countdown: rules>>4&1 > 0, Shakes: rules>>5&1 > 0})
	})
}

// The iterations of a loop's tasks are checked like those of threads, and a loop goes on
// with a task that the log knows, when that can go on.
func TestTasks(t *testing.T) {
	good := []Event{
		{Kind: StateChange, Arg: int64(Run)},
		{Kind: IterBegin, Other: 0, Time: 1, Arg2: 1},
		{Kind: IterEnd, Time: 2, Other: -1},
		{Kind: TaskBegin, Other: 0, Time: 2},
		{Kind: IterBegin, Other: 0, Time: 2, Arg: 1, Arg2: 2},
		{Kind: IterEnd, Time: 5, Other: -1},
		{Kind: IterBegin, Other: -1, Time: 5, Arg: 2, Arg2: 5},
		{Kind: IterEnd, Time: 6, Other: -1},
		{Kind: TaskBegin, Other: 1, Time: 6},
		{Kind: TaskEnd, Other: 0, Time: 7},
		{Kind: TaskBegin, Other: 0, Time: 7, Arg: 1},
		{Kind: IterBegin, Other: 0, Time: 7, Arg: 3, Arg2: 5},
		{Kind: IterEnd, Time: 9, Other: -1},
		{Kind: StateChange, Time: 9, Arg: int64(Done)},
	}
	check := func(events []Event) []error {
		return Check(&Log{Threads: []Thread{{"loop", 0}}, Tasks: []Thread{{"x", 0}, {"y", 0}}, Events: events}, Rules{})
	}
	served := slices.Insert(slices.Clone(good), 9, Event{Kind: TaskServed, Other: 0, Time: 7, Arg: 3, Arg2: 6})
	if found := append(check(good), check(served)...); len(found) > 0 {
		t.Fatal(found)
	}
	for want, change := range map[string]func(e []Event){
		"states-add-up: at 9ns: y-0 was served from 8 to 10 ns":                                          func(e []Event) { e[13] = Event{Kind: TaskServed, Other: 1, Time: 9, Arg: 8, Arg2: 10} },
		"states-add-up: at 2ns: x-0 was served from 1 to 2 ns":                                           func(e []Event) { e[3] = Event{Kind: TaskServed, Other: 0, Time: 2, Arg: 1, Arg2: 2} },
		"request-ends-once: at 7ns: x-0 ends an iteration when it is in none":                            func(e []Event) { e[3] = Event{Kind: StateChange, Arg: int64(NoGIL), Time: 2} },
		"request-ends-once: at 7ns: x-0 begins iteration 1 inside iteration 0":                           func(e []Event) { e[9] = Event{Kind: StateChange, Arg: int64(NoGIL), Time: 7} },
		"request-ends-once: at 7ns: x-0 begins iteration 2, and 1 is next":                               func(e []Event) { e[10].Arg = 2 },
		"request-ends-once: at 7ns: loop-0 goes on with x-0 3 ns before it can":                          func(e []Event) { e[11].Arg2 = 10 },
		"seq-gapless: at 7ns: begin of task 2, of which the log knows nothing":                           func(e []Event) { e[11].Other = 2 },
		"seq-gapless: at 6ns: task_begin of task -1, of which the log knows nothing":                     func(e []Event) { e[8].Other = -1 },
		"seq-gapless: at 6ns, seq 3: loop-0 has number 3 for what the lock does not number (task_begin)": func(e []Event) { e[8].Seq = 3 },
	} {
		events := slices.Clone(good)
		change(events)
		if found := check(events); len(found) == 0 || found[0].Error() != want {
			t.Errorf("want %s; got %v", want, found)
		}
	}
}
