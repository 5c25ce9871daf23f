package workloads

import "testing"

func TestWorkers(t *testing.T) {
	p := &Program{Threads: []Group{{Count: 2}, {Count: 3}}, Tasks: []TaskGroup{{Group: Group{Count: 5}}}, Clients: []Client{{Count: 4}}}
	if got := p.Workers(); got != 14 {
		t.Errorf("%d workers, want 14", got)
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
		OpRead: "read", OpSend: "send", OpRecv: "recv", OpLock: "lock", OpUnlock: "unlock",
		OpSubmit: "submit", OpCount: "count", OpScript: "script",
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
