package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/internal/race"
	"github.com/fibsim/fibsim/scenarios"
)

// brokenChapters are changes to the article's chapters that break what they are about,
// and the numbers of the claims that must not hold any more. A change with => is one to
// the text, as what is set holds for every variant.
var brokenChapters = []struct {
	chapter, change string
	claims          []int
}{
	{"01-fib-grows", "threads.work.body=[{fib: 20}]", []int{1, 2}}, // where fib(22) is meant
	{"02-second-client-hangs", "clients.first.request={fib: 32}", []int{1}},
	{"02-second-client-hangs", "server.model=threads", []int{2}},
	{"02-second-client-hangs", "clients.second.request={fib: 32}", []int{3}},
	{"03-threads-answer-both", "clients.first.request={fib: 32}", []int{1}},
	{"03-threads-answer-both", "server.model=sequential", []int{2}},
	{"04-perf1-slows-perf1", "interpreter.lock=none", []int{1, 2, 3}},
	{"04-perf1-slows-perf1", "machine.cpus=1", []int{4}},
	{"05-sleep-in-threads", "threads.nap.body=[{fib: 30}]", []int{1, 2}},
	{"06-fib-in-threads", "interpreter.lock=none", []int{1, 2}},
	{"07-long-beats-short", "interpreter.lock=none", []int{1, 3, 4, 6}},
	{"07-long-beats-short", "clients.long.count=2", []int{2}},
	{"07-long-beats-short", "machine.cpus=16", []int{5}},
	{"08-monitor-undisturbed", "threads.sender.body=[{fib: 27}]", []int{1}},
	{"08-monitor-undisturbed", "threads.monitor.body=[{fib: 30}]", []int{2}},
	{"08-monitor-undisturbed", "interpreter.lock=none", []int{3}},
	{"09-pool-keeps-fast-safe", "server.model=processes", []int{1, 2}},
	{"09-pool-keeps-fast-safe", "clients.short.request={fib: 26}", []int{3}},
	{"10-threads-share-memory", "[{send: there}, {recv: back}] => [{send: there}, {fib: 22}, {recv: back}]", []int{1}},
	{"12-downloads", "threads.download.body=[{fib: 27}]", []int{1, 2}},
	{"13-transforms", "interpreter.lock=none", []int{1}},
	{"14-file-loads", "times: 8, body: [{read: 16MiB}] => times: 8, body: [{hold: {spin: 10ms}}]", []int{1}},
	{"15-threads-in-processes", "times: 3, body: [{sleep: 20ms}, {fib: 27}] => times: 3, body: [{fib: 27}]", []int{1}},
	{"15-threads-in-processes", "interpreter.lock=none", []int{2}},
	{"16-coroutines-interleave", "tasks.five.body=[{loop: {times: 30, body: [{spin: 1ms}, {yield: 1}]}}]", []int{1}},
	{"16-coroutines-interleave", "tasks.five.body=[{loop: {times: 5, body: [{spin: 1ms}]}}, {yield: 1}]", []int{4}},
	{"16-coroutines-interleave", "tasks.twenty.body=[{spin: 1ms}, {yield: 1}]", []int{2, 3}},
	{"17-c-code-scales", "machine.cpus=1", []int{1}},
	{"17-c-code-scales", "interpreter.lock=none", []int{2, 3}},
	{"17-c-code-scales", "threads.ext.body=[{hold: {spin: 20ms}}]", []int{4}},
}

// Every claim of the article fails where what it is about is broken: none is worded so
// that it cannot. That they hold where nothing is, is TestArticle.
func TestArticleClaimsCanFail(t *testing.T) {
	t.Parallel()
	race.SkipComputing(t)
	covered := map[string]bool{}
	for _, b := range brokenChapters {
		t.Run(b.chapter+"/"+b.change, func(t *testing.T) {
			found := changed(t, true, b.chapter, b.change)
			for _, n := range b.claims {
				covered[fmt.Sprintf("%s %d", b.chapter, n)] = true
				// A host with one CPU cannot decide some of them.
				if c := found.Claims[n-1]; !c.Failed() && !strings.HasPrefix(c.Reason, "needs cpus") {
					t.Errorf("%s: %s: %s %+v", c.Text, c.Verdict, c.Reason, c.Values)
				}
			}
		})
	}
	for _, s := range scenarios.Article() {
		for i, c := range s.Claims {
			if name := fmt.Sprintf("%s %d", s.Name, i+1); !covered[name] && s.Name != measuredAlone {
				t.Errorf("nothing breaks claim %s: %s", name, c.Text)
			}
		}
	}
}

// measuredAlone is the chapter that no prediction decides.
const measuredAlone = "11-processes-cost-memory"

// So does the claim about memory, in a measured run.
func TestMemoryClaimCanFail(t *testing.T) {
	t.Parallel()
	found := changed(t, false, measuredAlone, "threads.work.body=[{submit: {pool: workers, body: [{fib: 15}]}}, {sleep: 5ms}]", "duration=50ms", "warmup=20ms", "interpreter.pace=200")
	if c := found.Claims[0]; !c.Failed() && !c.Skipped() {
		t.Errorf("%+v", c)
	}
}

// changed checks a chapter with changes, predicted or measured.
func changed(t *testing.T, predict bool, name string, changes ...string) chapter {
	t.Helper()
	run := &runOptions{ties: tiesRule, quiet: true, changed: func(string) bool { return false }}
	run.chosen = chosen{gil: !predict, simGIL: predict, simNative: predict}
	source, _ := scenarios.Source("article/" + name)
	text := string(source)
	for _, c := range changes {
		from, to, isText := strings.Cut(c, " => ")
		switch {
		case !isText:
			run.set = append(run.set, c)
		case strings.Count(text, from) != 1:
			t.Fatalf("%s does not say %q once", name, from)
		default:
			text = strings.Replace(text, from, to, 1)
		}
	}
	overrides, err := run.overrides()
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenarios.Parse(name+".yaml", []byte(text), overrides...)
	if err != nil {
		t.Fatal(err)
	}
	if predict {
		s.Predict()
	}
	backends, _, err := openBackends(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	found, _, err := (&app{}).check(t.Context(), run, s, backends, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return found
}
