package scenarios

import (
	"slices"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/workloads"
)

const sharing = `version: 1
name: sharing
threads:
  - {name: maker, body: [{lock: z}, {send: q}, {unlock: z}]}
  - {name: taker, body: [{recv: q}, {submit: {pool: b, body: [{fib: 3}]}}]}
tasks:
  - {name: task, kind: asyncio, body: [{submit: {pool: a, body: [{fib: 3}]}}]}
pools: {b: {workers: 2}, a: {}}
queues: {q: {size: 3}}
locks: {z: {}}
`

// What bodies share stands in the order of names, and a program has only what its
// own bodies use.
func TestShared(t *testing.T) {
	s, err := Parse("sharing.yaml", []byte(sharing+"variants:\n"+
		"  - {name: base, set: {}}\n"+
		"  - {name: without, set: {tasks: null, threads.maker.body: [{send: q}]}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	roundTrip(t, s)
	p := s.Variants[0].Program
	if !slices.Equal(p.Pools, []workloads.Pool{{Name: "a", Workers: 4}, {Name: "b", Workers: 2}}) ||
		p.Threads[1].Body[1].Ref != 1 || p.Tasks[0].Body[0].Ref != 0 || p.Tasks[0].Kind != workloads.AsyncioTask {
		t.Errorf("base: got %+v", p)
	}
	p = s.Variants[1].Program
	if !slices.Equal(p.Pools, []workloads.Pool{{Name: "b", Workers: 2}}) || len(p.Queues) != 1 || p.Locks != nil || p.Threads[1].Body[1].Ref != 0 {
		t.Errorf("without: got %+v", p)
	}
	_, err = Parse("sharing.yaml", []byte(sharing), set(t, "threads.maker.body=[{send: q}]"))
	if err == nil || !strings.Contains(err.Error(), "locks.z: no body uses this lock") {
		t.Errorf("got %v", err)
	}
}

// A model that a flag or a variant brings has its own numbers.
func TestServerNumbers(t *testing.T) {
	const head = "version: 1\nname: x\nclients: [{name: c, request: {fib: 1}}]\n"
	for _, tt := range []struct {
		server, set string
		want        workloads.Server
		note        string
	}{
		{"{}", "server.model=threads", workloads.Server{Model: workloads.Threads}, ""},
		{"{}", "server.model=processes", workloads.Server{Model: workloads.Processes, Workers: 4}, ""},
		{"{}", "server.model=prefork", workloads.Server{Model: workloads.Prefork, Workers: 4, Threads: 64}, ""},
		{"{model: prefork, workers: 2, threads: 3}", "server.model=interpreters", workloads.Server{Model: workloads.Interpreters, Workers: 2},
			"server.threads: 3 is dropped: the model is now interpreters, which has none to choose"},
		{"{model: coroutines+processes, workers: 2}", "server.model=coroutines", workloads.Server{Model: workloads.Coroutines},
			"server.workers: 2 is dropped: the model is now coroutines, which has none to choose"},
	} {
		s, err := Parse("x.yaml", []byte(head+"server: "+tt.server+"\n"), set(t, tt.set))
		if err != nil {
			t.Error(err)
			continue
		}
		roundTrip(t, s)
		tt.want.Address = "127.0.0.1:0"
		if got := *s.Variants[0].Program.Server; got != tt.want {
			t.Errorf("%s: got %+v", tt.set, got)
		}
		if got := strings.Join(s.Notes, "\n"); got != tt.note {
			t.Errorf("%s: note %q", tt.set, got)
		}
	}
}

// A script reads in the effective scenario as it was written.
func TestEffectiveScript(t *testing.T) {
	s, err := Parse("everything.yaml", []byte(everything))
	if err != nil {
		t.Fatal(err)
	}
	if text := string(s.Effective()); !strings.Contains(text, "- script: |\n") {
		t.Errorf("got\n%s", text)
	}
}
