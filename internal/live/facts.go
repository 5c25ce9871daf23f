package live

import (
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// gilFacts says how the emulation ran.
func gilFacts(rt *gil.Runtime, p *workloads.Program, t tools, d delays) []trace.Fact {
	s := rt.Stats()
	return slices.Concat([]trace.Fact{
		{Name: "park", Value: string(rt.Park())},
		{Name: "wake_order", Value: string(rt.Traits().WakeOrder)},
		{Name: "gomaxprocs", Value: int64(runtime.GOMAXPROCS(0))},
		{Name: "takes", Value: s.Takes},
		{Name: "switches", Value: s.Switches},
	}, d.facts(), paceFacts(t))
}

func nativeFacts(t tools, d delays) []trace.Fact {
	return slices.Concat([]trace.Fact{
		{Name: "gomaxprocs", Value: int64(runtime.GOMAXPROCS(0))},
	}, d.facts(), paceFacts(t))
}

// paceFacts says what a call of fib costs, and how much of that is padding.
func paceFacts(t tools) []trace.Fact {
	return []trace.Fact{
		{Name: "pace_asked_ns", Value: t.calls.Asked},
		{Name: "pace_achieved_ns", Value: t.calls.Actual},
		{Name: "pace_bare_ns", Value: t.calls.Bare},
	}
}

// keptLog returns the events of all threads. Their names say whose they are.
func keptLog(rt *gil.Runtime) *trace.Log {
	var threads []trace.Thread
	for _, t := range rt.Threads() {
		name := t.Name()
		dash := strings.LastIndexByte(name, '-')
		id, _ := strconv.Atoi(name[dash+1:])
		threads = append(threads, trace.Thread{Group: name[:dash], Worker: id})
	}
	return rt.Log(threads)
}
