package workloads

import "testing"

func TestWorkers(t *testing.T) {
	p := &Program{Threads: []Group{{Count: 2}, {Count: 3}}, Clients: []Client{{Count: 4}}}
	if got := p.Workers(); got != 9 {
		t.Errorf("%d workers, want 9", got)
	}
	if got := new(Program).Workers(); got != 0 {
		t.Errorf("an empty program has %d workers", got)
	}
}

// Each operation has the name of its key in a scenario.
func TestOpNames(t *testing.T) {
	want := map[OpKind]string{
		OpFib: "fib", OpSpin: "spin", OpSleep: "sleep", OpYield: "yield",
		OpNoGILSpin: "nogil", OpNoGILHash: "nogil", OpHold: "hold", OpLoop: "loop",
	}
	if len(want) != len(opNames) {
		t.Errorf("%d names, want %d", len(opNames), len(want))
	}
	for k, name := range want {
		if k.String() != name {
			t.Errorf("operation %d is called %s, want %s", k, k, name)
		}
	}
}
