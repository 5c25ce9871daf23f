package report

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/predict"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/workloads"
)

// plain is a scenario with a claim that holds, one that fails and one that cannot be
// decided.
const plain = `
version: 1
name: plain
title: One thread <crunches> & short work waits
question: What happens to short work while one thread is CPU-bound?
warmup: 50ms
duration: 1500ms
interpreter: {lock: cpython-3, switch_interval: 5ms, pace: 25}
threads:
  - {name: crunch, count: 1, body: [{fib: 22}]}
  - {name: quick, count: 2, body: [{sleep: {exponential: 5ms}}, {fib: 12}]}
expect:
  - {claim: Short work waits a whole switch interval or more, check: gil.quick.delay_p50_ns >= 0.95 * ms(5)}
  - {claim: It waits an hour, check: gil.quick.delay_p50_ns >= s(3600)}
  - {claim: Sixty-four CPUs help, check: gil.quick.delay_p50_ns > 0, needs: [cpus>=64]}
`

// intervals has variants that differ in the switch interval, and repetitions.
const intervals = `
version: 1
name: intervals
title: The switch interval is what short work waits
warmup: 20ms
duration: 400ms
repeat: 3
interpreter: {lock: cpython-3, switch_interval: 1ms, pace: 25}
variants:
  - {name: fast, set: {}}
  - {name: slow, set: {interpreter.switch_interval: 10ms, warmup: 30ms}}
threads:
  - {name: hog, count: 1, body: [{fib: 18}]}
  - {name: sleeper, count: 2, body: [{sleep: 2ms}, {fib: 5}]}
`

// short is plain with a window that is over before there is a percentile, and with tasks
// that take turns.
var short = strings.Replace(plain, "duration: 1500ms", "duration: 10ms", 1) + `
tasks:
  - {name: step, kind: asyncio, count: 2, body: [{fib: 12}, {yield: 1}, {fib: 10}, {sleep: 2ms}]}
`

// disguised is a prediction that calls itself by the name of a measured backend, so
// that a page of both is the same each time. Blind, it sees no states, as a real
// interpreter does.
type disguised struct {
	*predict.Backend
	name  string
	blind bool
}

func (d disguised) Name() string     { return d.name }
func (d disguised) Evidence() string { return "measured" }

func (d disguised) Run(ctx context.Context, p *workloads.Program, o session.Options) (*trace.Report, error) {
	r, err := d.Backend.Run(ctx, p, o)
	if r != nil && d.blind {
		r.States, r.Lock, r.Ready, r.Log = false, false, false, nil
	}
	return r, err
}

// backends returns one of each kind.
func backends() []session.Backend {
	return []session.Backend{
		disguised{Backend: predict.NewGIL(), name: "gil"}, disguised{Backend: predict.NewNative(), name: "native"},
		predict.NewGIL(), predict.NewNative(), disguised{Backend: predict.NewGIL(), name: "python_3_11", blind: true},
	}
}

// result runs a scenario and returns its result directory, opened.
func result(t *testing.T, text string, states bool) *results.Dir {
	t.Helper()
	s, err := scenarios.Parse("fixture.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	plan := session.PlanOptions{Backends: backends(), Repeat: s.Repeat, Seed: s.Seed, Baseline: true}
	config := results.Config{
		Scenario: s.Name, Effective: s.EffectiveMap(), Version: "0.0-test", Command: []string{"fibsim", "run", s.Name}, Seed: s.Seed,
		Start: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Host: results.Host{OS: "linux", Arch: "amd64", CPUModel: "Abacus 1", CPUCount: 4, CPUs: 2},
		Claims: s.Claims, Baseline: true, Dir: filepath.Join(t.TempDir(), s.Name), States: states,
		Tasks: s.Variants[0].Program.HasTasks(),
	}
	for _, v := range s.Variants {
		plan.Variants = append(plan.Variants, session.Variant{Name: v.Name, Program: v.Program})
		config.Variants = append(config.Variants, v.Name)
	}
	for _, b := range plan.Backends {
		config.Backends = append(config.Backends, b.Name())
	}
	w, err := results.Create(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Run(t.Context(), session.NewPlan(plan), session.Hooks{Add: w.Add, Events: states}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(false); err != nil {
		t.Fatal(err)
	}
	d, err := results.Open(config.Dir)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// written returns the page of directories.
func written(t *testing.T, dirs ...*results.Dir) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, dirs); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
