package workloads

import (
	"reflect"
	"testing"
)

func program() *Program {
	return &Program{
		Pools: []Pool{{"idle", 1}, {"p", 2}}, Queues: []Queue{{"a", 0}, {"b", 1}, {"c", 2}}, Locks: []Lock{{"l"}},
		Threads: []Group{
			{Name: "t", Count: 2, Body: []Op{{Kind: OpLoop, N: 2, Body: []Op{{Kind: OpSend, Ref: 2}}}}},
			{Name: "u", Count: 1, Body: []Op{{Kind: OpSubmit, Ref: 1, Body: []Op{{Kind: OpYield, N: 1}}}}},
		},
		Tasks:   []TaskGroup{{Group: Group{Name: "v", Count: 1, Samples: 3, Body: []Op{{Kind: OpRecv, Ref: 0}}}}},
		Clients: []Client{{Name: "w", Count: 4, Samples: SampleNone}},
	}
}

func TestCohorts(t *testing.T) {
	want := []Cohort{
		{Name: "t", Count: 2, Social: true}, {Name: "u", Count: 1},
		{Name: "v", Count: 1, Samples: 3, Social: true}, {Name: "w", Count: 4, Samples: SampleNone, Client: true},
	}
	if got := program().Cohorts(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

// What nobody uses is gone, the rest is referred to as before, and the bodies of
// the program that it came from are as they were.
func TestTrim(t *testing.T) {
	original := program()
	p := *original
	p.Trim()
	if !reflect.DeepEqual(p.Pools, []Pool{{"p", 2}}) || !reflect.DeepEqual(p.Queues, []Queue{{"a", 0}, {"c", 2}}) || p.Locks != nil {
		t.Errorf("got %+v %+v %+v", p.Pools, p.Queues, p.Locks)
	}
	if send, submit, recv := p.Threads[0].Body[0].Body[0], p.Threads[1].Body[0], p.Tasks[0].Body[0]; send.Ref != 1 || submit.Ref != 0 || recv.Ref != 0 {
		t.Errorf("send %d, submit %d, recv %d", send.Ref, submit.Ref, recv.Ref)
	}
	if !reflect.DeepEqual(original, program()) {
		t.Errorf("the original became %+v", original)
	}
}

func TestYields(t *testing.T) {
	in := func(ops ...Op) []Op { return []Op{{Kind: OpLoop, N: 1, Body: ops}} }
	for _, tt := range []struct {
		body           []Op
		yield, asyncio bool
	}{
		{in(Op{Kind: OpFib}), false, false},
		{in(Op{Kind: OpYield, N: 1}), true, true},
		{in(Op{Kind: OpCount, N: 1}), true, true},
		{in(Op{Kind: OpSleep}), false, true},
		{in(Op{Kind: OpSubmit, Body: in(Op{Kind: OpYield, N: 1})}), false, true},
	} {
		if YieldTask.Yields(tt.body) != tt.yield || AsyncioTask.Yields(tt.body) != tt.asyncio {
			t.Errorf("%+v: got %t and %t", tt.body, !tt.yield, !tt.asyncio)
		}
	}
}
