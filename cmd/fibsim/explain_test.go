package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/gil/trace/explain"
	"github.com/fibsim/fibsim/internal/predict"
	"github.com/fibsim/fibsim/internal/race"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/scenarios"
)

// poll is a scenario with the threads of pollLog.
const poll = `
version: 1
name: poll
warmup: 10ms
duration: 1s
threads:
  - {name: hog, body: [{fib: 5}]}
  - {name: poll, count: 2, body: [{sleep: 1ms}, {fib: 5}]}
`

// pollLog is a log in which poll-0 waits for hog-0 five times, once more in each
// iteration: an interval for a race that it has lost. Iteration 0 lies before the
// window.
func pollLog() *trace.Log {
	log := &trace.Log{Threads: []trace.Thread{{Group: "hog"}, {Group: "poll"}, {Group: "poll", Worker: 1}}}
	seq := int64(0)
	add := func(us int64, thread int32, k trace.Kind, other int32, arg int64) {
		e := trace.Event{Time: us * 1000, Thread: thread, Kind: k, Other: other, Arg: arg}
		if k.OfLock() {
			seq++
			e.Seq = seq
		}
		if k == trace.IterBegin {
			e.Arg2 = e.Time
		}
		log.Events = append(log.Events, e)
	}
	state := func(us int64, thread int32, s trace.State) { add(us, thread, trace.StateChange, -1, int64(s)) }
	const hog, poller, window = 0, 1, 10_000
	add(0, poller, trace.Take, -1, 0)
	state(0, poller, trace.Run)
	wait := int64(0)
	at := int64(window - 2000) // the first one begins before the window
	for i := range int64(5) {
		add(at, poller, trace.IterBegin, -1, i)
		add(at+5, poller, trace.Release, -1, 0)
		state(at+5, poller, trace.Sleep)
		add(at+6, hog, trace.Take, poller, 0)
		state(at+6, hog, trace.Run)
		at += 1065 // 60 beyond the sleep
		add(at, poller, trace.Ask, hog, 0)
		state(at, poller, trace.WaitGIL)
		for race := range i + 1 {
			wait++
			add(at, poller, trace.Wait, -1, wait)
			at += 5000
			add(at, poller, trace.TimedOut, -1, wait)
			add(at, poller, trace.Request, hog, 0)
			wait++
			add(at, poller, trace.Wait, -1, wait)
			at += 10
			add(at, hog, trace.Release, -1, 0)
			add(at, hog, trace.Handoff, poller, wait)
			state(at, hog, trace.IO)
			if race < i {
				add(at+1, hog, trace.Take, hog, 1)
				state(at+1, hog, trace.Run)
			}
			at += 20
			add(at, poller, trace.Woken, -1, wait)
		}
		add(at, poller, trace.Take, hog, 0)
		state(at, poller, trace.Run)
		at += 7
		add(at, poller, trace.IterEnd, -1, 1_000_000)
	}
	return log
}

func explainPoll(t *testing.T, log *trace.Log, args ...string) output {
	t.Helper()
	args = append([]string{"explain", write(t, poll)}, args...)
	return with(t.Context(), []session.Backend{&fake{name: "gil", delay: 1000, log: log}}, args...)
}

// What the command prints of a log of which all is known.
func TestExplain(t *testing.T) {
	got := explainPoll(t, pollLog(), "--slowest", "3")
	if got.status != 0 || got.stderr != "" {
		t.Errorf("status %d, stderr %s", got.status, got.stderr)
	}
	golden(t, "explain.txt", got.stdout)

	one := explainPoll(t, pollLog(), "--iteration", "poll-0:2")
	if one.status != 0 || one.stderr != "" {
		t.Errorf("status %d, stderr %s", one.status, one.stderr)
	}
	golden(t, "explain-one.txt", one.stdout)

	group := explainPoll(t, pollLog(), "--group", "poll", "--slowest", "3")
	if group.status != 0 || strings.Contains(group.stdout, "hog:") || !strings.Contains(got.stdout, "hog:") {
		t.Errorf("status %d\n%s", group.status, group.stdout)
	}
}

// The JSON has the same parts, which add up to the latency.
func TestExplainJSON(t *testing.T) {
	var run explainedRun
	got := explainPoll(t, pollLog(), "--json", "--group", "poll")
	if err := json.Unmarshal([]byte(got.stdout), &run); err != nil || got.status != 0 {
		t.Fatalf("status %d, %v: %s", got.status, err, got.stdout)
	}
	if run.Scenario != "poll" || run.Backend != "gil" || run.Evidence != "measured" || len(run.Groups) != 1 {
		t.Fatalf("%+v", run)
	}
	g := run.Groups[0]
	if g.Group != "poll" || g.Iterations != 4 || g.Slow != 4 || len(g.Slowest) != 4 || len(g.AllShares) == 0 || len(g.SlowShares) != len(g.AllShares) {
		t.Fatalf("%+v", g)
	}
	for _, it := range g.Slowest {
		sum := int64(0)
		for _, p := range it.Parts {
			sum += p.NS
		}
		if sum != it.Latency || it.Planned != 1_000_000 {
			t.Errorf("%+v: the parts are %d ns", it, sum)
		}
	}
	first := g.Slowest[0].Parts[0]
	if first.Cause != "interval" || first.Group != "hog" || first.Worker == nil || *first.Worker != 0 || first.NS != 25_000_000 || first.Count != 5 {
		t.Errorf("the largest part is %+v", first)
	}
	only := explainPoll(t, pollLog(), "--json", "--iteration", "poll-0:2")
	if err := json.Unmarshal([]byte(only.stdout), &run); err != nil || len(run.Groups) != 1 || len(run.Groups[0].Slowest) != 1 || run.Groups[0].Slowest[0].Seq != 2 {
		t.Errorf("%v: %s", err, only.stdout)
	}
}

// What a run has not is told, with what there is.
func TestExplainOfWhatIsNotThere(t *testing.T) {
	for _, c := range []struct {
		log    *trace.Log
		args   string
		status int
		want   string
	}{
		{pollLog(), "--iteration poll-0:9", 2, "--iteration poll-0:9: the iterations of poll-0 in the window are 1 to 4"},
		{pollLog(), "--iteration poll-0:0", 2, "--iteration poll-0:0: the iterations of poll-0 in the window are 1 to 4"},
		{pollLog(), "--iteration poll-1:0", 2, "--iteration poll-1:0: no iteration of poll-1 ended in the window"},
		{nil, "", 4, "gil does not tell what its threads did"},
	} {
		got := explainPoll(t, c.log, strings.Fields(c.args)...)
		if got.status != c.status || got.stdout != "" || got.stderr != "fibsim: "+c.want+"\n" {
			t.Errorf("%s: status %d, %s%s", c.args, got.status, got.stdout, got.stderr)
		}
	}
}

// A prediction is explained to the nanosecond, and the same each time.
func TestExplainOfAPrediction(t *testing.T) {
	t.Parallel()
	line := []string{"explain", "mixed", "--sim", "--duration", "500ms", "--group", "quick"}
	a, b := fibsim(line...), fibsim(line...)
	if a != b || a.status != 0 || !strings.Contains(a.stdout, "interval against crunch") {
		t.Errorf("status %d\n%s%s", a.status, a.stdout, a.stderr)
	}
}

// In every prediction of the scenarios that come with the program, the parts of each
// iteration are its latency, and no thread is to blame for its own waiting.
func TestPartsOfPredictionsAddUp(t *testing.T) {
	t.Parallel()
	race.SkipComputing(t)
	count := 0
	for _, name := range scenarios.Names() {
		s, err := scenarios.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		p := *s.Variants[0].Program
		p.Warmup, p.Duration = min(p.Warmup, 20*time.Millisecond), min(p.Duration, 80*time.Millisecond)
		costs, err := loadCosts(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range []*predict.Backend{predict.NewGIL(), predict.NewNative()} {
			b.Costs = costs
			report, err := b.Run(t.Context(), &p, session.Options{Events: true})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			h, groups := explain.Read(report)
			for _, g := range groups {
				for i := range min(len(g.Iterations), 5000) { // more are like those
					it := &g.Iterations[i]
					sum := int64(0)
					for _, part := range h.Parts(it) {
						sum += part.NS
						if part.NS < 0 || part.Culprit == it.Thread {
							t.Fatalf("%s, %s: %s %d: %+v", name, b.Name(), g.Name, it.Seq, part)
						}
					}
					if count++; sum != it.Latency() {
						t.Fatalf("%s, %s: %s %d: the parts are %d ns of %d", name, b.Name(), g.Name, it.Seq, sum, it.Latency())
					}
				}
			}
		}
	}
	if count < 1000 {
		t.Errorf("%d iterations", count)
	}
}
