package scenarios

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// roundTrip checks that the effective scenario means the same as s.
func roundTrip(t *testing.T, s *Scenario) {
	t.Helper()
	text := s.Effective()
	again, err := Parse("effective.yaml", text)
	if err != nil {
		t.Fatalf("%s: the effective scenario has mistakes: %v\n%s", s.Name, err, text)
	}
	if !reflect.DeepEqual(s.Variants, again.Variants) || s.Repeat != again.Repeat ||
		s.Title != again.Title || s.Question != again.Question || s.About != again.About {
		t.Errorf("%s: the effective scenario means something else:\n%s", s.Name, text)
	}
	if len(s.Claims) != len(again.Claims) {
		t.Fatalf("%s: %d claims became %d", s.Name, len(s.Claims), len(again.Claims))
	}
	for i := range s.Claims {
		a, b := &s.Claims[i], &again.Claims[i]
		if a.Text != b.Text || a.Check != b.Check || !reflect.DeepEqual(a.Needs, b.Needs) || !reflect.DeepEqual(a.refs, b.refs) {
			t.Errorf("%s: claim %d became %+v", s.Name, i, b)
		}
	}
	if twice := again.Effective(); string(twice) != string(text) {
		t.Errorf("%s: the effective scenario of the effective one differs:\n%s\n%s", s.Name, text, twice)
	}
}

func TestEffectiveRoundTrip(t *testing.T) {
	for _, s := range List() {
		roundTrip(t, s)
	}
	for _, text := range []string{plainScenario, variedScenario, everything} {
		s, err := Parse("test.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		roundTrip(t, s)
	}
	// What came by flags is in the effective scenario.
	s, err := Parse("varied.yaml", []byte(variedScenario), FlagOverride("--lock", "none"), FlagOverride("--seed", "9"))
	if err != nil {
		t.Fatal(err)
	}
	roundTrip(t, s)
}

// everything uses each key and operation that there is.
const everything = `version: 1
name: everything
title: "null"
question: 'Is "quoting": # right?'
about: |
  First line.

  - second: line
seed: 42
warmup: 0.25s
duration: 1.5s
repeat: 2
interpreter: {lock: cpython-3, switch_interval: 1.5us, wake_order: fifo, pace: 24.75, park: futex}
machine: {cpus: 4, scheduler: cfs, native_scheduler: fifo, hz: 1000, costs: "./my costs.yaml"}
threads:
  - name: a
    count: 3
    start: 10ms
    times: 5
    samples: 1/10
    nice: -5
    priority: 7
    slice: 1.5ms
    body:
      - &op {fib: 0}
      - *op
      - spin: {lognormal: {mean: 2ms, sigma: 0.5}}
      - nogil: {spin: {pareto: {mean: 2ms, alpha: 1.8}}}
      - nogil: {hash: 1.5KiB}
      - hold: {spin: 1us}
      - sleep: {uniform: [0s, 3ms]}
      - sleep: 0s
      - yield: 10
      - loop: {times: 3, body: [{loop: {times: 2, body: [{sleep: {exponential: 1ns}}]}}]}
      - read: 4MiB
      - {lock: l}
      - {lock: k}
      - {unlock: l}
      - {unlock: k}
      - {send: q}
      - {recv: bounded}
      - submit: {pool: p, body: [{fib: 3}, {loop: {times: 2, body: [{yield: 1}]}}]}
      - script: |
          # Adds up.
          def fib(n):
              return 1 if n <= 2 else fib(n - 1) + fib(n - 2)

          def run():
              return fib(10)
tasks:
  - {name: e, kind: yield, count: 2, start: 1ms, body: [{count: 10}, {send: bounded}], times: 3, samples: none}
  - {name: f, kind: asyncio, body: [{recv: q}, {sleep: 1ms}, {submit: {pool: other, body: [{fib: 1}]}}]}
server: {model: prefork, workers: 3, address: "localhost:8080"}
clients:
  - {name: b, count: 2, request: {fib: 45}, rate: 7/min, arrivals: uniform, samples: none}
  - {name: c, request: {fib: 0}, rate: 0.1/s}
  - {name: d, request: {fib: 0}}
pools: {p: {workers: 2}, other: {}}
queues: {q: {}, bounded: {size: 3}}
locks: {l: {}, k: {}}
variants:
  - {name: x, set: {}}
  - {name: y, set: {threads: [{name: z, times: 1, body: [{submit: {pool: p, body: [{fib: 1}]}}]}], tasks: null, server: null, clients: null, until: done, interpreter.pace: native}}
  - {name: w, set: {seed: 43, interpreter.lock: none, interpreter.pace: python, clients.b.rate: null, clients.b.arrivals: null, machine.cpus: 1}}
  - {name: v, set: {tasks.f.body.2.submit.pool: p, tasks.e.times: null, pools.p.workers: 9, server.model: processes, queues.q.size: 7}}
`

// The JSON of run.json keeps the order of keys, leaves comparisons readable, and
// is the same bytes each time.
func TestEffectiveMap(t *testing.T) {
	s, err := Find("mixed")
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.EffectiveMap().(json.Marshaler).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	if !json.Valid(b) || !strings.HasPrefix(text, `{"version":1,"name":"mixed","title":`) || !strings.Contains(text, ">= 0.95 * ms(5)") {
		t.Errorf("got %s", text)
	}
	for range 10 {
		if again, _ := s.EffectiveMap().(json.Marshaler).MarshalJSON(); string(again) != text {
			t.Fatal("two calls give different bytes")
		}
	}
	golden(t, "testdata/mixed.effective.yaml", string(s.Effective()))
}
