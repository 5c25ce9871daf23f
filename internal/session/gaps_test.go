package session

import (
	"slices"
	"testing"

	"github.com/fibsim/fibsim/workloads"
)

// What works from the start is no gap; what a row names is found wherever it
// stands, and for the backend of that row alone.
func TestGaps(t *testing.T) {
	if got := Gaps(program(), "gil"); got != nil {
		t.Errorf("got %q", got)
	}
	known := gaps
	defer func() { gaps = known }()
	gaps = []gap{
		{"read", does(workloads.OpRead), "gil"},
		{"tasks of kind yield", tasks(workloads.YieldTask), "gil"},
		{"server: {model: prefork}", serves(workloads.Prefork), "python"},
	}
	p := &workloads.Program{
		Threads: []workloads.Group{{Body: []workloads.Op{{Kind: workloads.OpLoop, Body: []workloads.Op{{Kind: workloads.OpRead}}}}}},
		Tasks:   []workloads.TaskGroup{{Kind: workloads.YieldTask}},
		Server:  &workloads.Server{Model: workloads.Prefork},
	}
	for backend, want := range map[string][]string{
		"gil": {"read", "tasks of kind yield"}, "native": nil, "python_3_11": {"server: {model: prefork}"}, "pypy_3_9": {"server: {model: prefork}"},
	} {
		if got := Gaps(p, backend); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", backend, got, want)
		}
	}
	p.Threads, p.Tasks[0].Body = nil, []workloads.Op{{Kind: workloads.OpRead}}
	p.Tasks[0].Kind = workloads.AsyncioTask
	if got := Gaps(p, "gil"); !slices.Equal(got, []string{"read"}) {
		t.Errorf("got %q", got)
	}
}
