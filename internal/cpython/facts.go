package cpython

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// obey puts what the interpreter can obey of the scenario's interpreter into the
// request.
func (b *Backend) obey(req *request, in *workloads.Interpreter) {
	if d, ok := in.Params["switch_interval"].(time.Duration); ok && b.id.SwitchIntervalNS > 0 {
		req.SwitchIntervalNS = int64(d)
	}
	if n, ok := in.Params["check_interval"].(int); ok && b.id.CheckInterval > 0 {
		req.CheckInterval = n
	}
}

// facts returns what the run was made with, in a fixed order.
func (r *running) facts(id *identity) []trace.Fact {
	facts := []trace.Fact{
		{Name: "implementation", Value: id.Implementation},
		{Name: "version", Value: id.Version},
		{Name: "executable", Value: filepath.Base(r.path)},
		{Name: "free_threaded_build", Value: id.FreeThreaded},
		{Name: "gil_enabled", Value: id.GILEnabled},
	}
	if id.SwitchIntervalNS > 0 {
		facts = append(facts, trace.Fact{Name: "switch_interval_ns", Value: id.SwitchIntervalNS})
	}
	if id.CheckInterval > 0 {
		facts = append(facts, trace.Fact{Name: "check_interval", Value: int64(id.CheckInterval)})
	}
	facts = append(facts, trace.Fact{Name: "fib_call_ns", Value: id.FibCallNS})
	if id.NoGILAchieved > 0 {
		facts = append(facts, trace.Fact{Name: "nogil_spin_achieved_ratio", Value: id.NoGILAchieved})
	}
	if id.HoldAchieved > 0 {
		facts = append(facts, trace.Fact{Name: "hold_spin_achieved_ratio", Value: id.HoldAchieved})
	}
	if id.StartMethod != "" {
		facts = append(facts, trace.Fact{Name: "start_method", Value: id.StartMethod})
	}
	if keys := ignored(&r.program.Interpreter); len(keys) > 0 {
		facts = append(facts, trace.Fact{Name: "ignored", Value: strings.Join(keys, ", ")})
	}
	return facts
}

// ignored returns the keys that a scenario sets to something of its own and that
// say how to emulate, which means nothing to the real thing.
func ignored(in *workloads.Interpreter) []string {
	var keys []string
	if in.Park != "" && in.Park != "auto" {
		keys = append(keys, "interpreter.park")
	}
	if spec := policy.Lookup(in.Lock); spec != nil {
		for _, p := range spec.Params {
			v, ok := in.Params[p.Name]
			if ok && v != p.Default && p.Name != "switch_interval" && p.Name != "check_interval" {
				keys = append(keys, "interpreter."+p.Name)
			}
		}
	}
	return keys
}

// How far a figure may be from what was asked before it is worth a warning.
const (
	paceOff  = 1.1
	speedOff = 1.25
	spinOff  = 1.25 // two threads of one core slow each other by as much
	lateMost = 2 * time.Millisecond

	// hashReleases is the size from which hashlib releases the lock.
	hashReleases = 2048
)

// warnings returns what the interpreter did otherwise than the scenario asks.
func (r *running) warnings(res *result) []trace.Warning {
	var all []trace.Warning
	add := func(code, hint, format string, args ...any) {
		all = append(all, trace.Warning{Code: code, Message: fmt.Sprintf(format, args...), Hint: hint})
	}
	in, id := &r.program.Interpreter, &res.Facts
	switch lock := id.lock(); {
	case lock == in.Lock:
	case lock == "":
		add("python-lock-differs", "take CPython as the reference, with --python=PATH",
			"the scenario asks for the lock of %s; %s has one of its own, which no policy describes", in.Lock, r.name)
	default:
		add("python-lock-differs", fmt.Sprintf("compare with --lock %s, or choose another interpreter with --python=PATH", lock),
			"the scenario asks for the lock %s; %s has that of %s", in.Lock, r.name, lock)
	}
	if asked := r.request.SwitchIntervalNS; asked > 0 && far(float64(id.SwitchIntervalNS), float64(asked), 1.01) {
		add("python-interval-differs", "choose a switch interval that the interpreter can keep",
			"the scenario asks for a switch interval of %v; %s made it %v", time.Duration(asked), r.name, time.Duration(id.SwitchIntervalNS))
	}
	// A pace that was measured here is the interpreter's own. Where a neighbour shares
	// the core of one CPU, the interpreter may still run at another speed by now,
	// depending on the CPU that it was put on: up to twice slower was seen.
	if r.pace > 0 && in.Pace.NS == r.pace && far(id.FibCallNS, r.pace, speedOff) {
		add("python-speed-changed", "run again on an idle host, and compare only repetitions of like fib_call_ns in run.json",
			"when %s was asked for its pace, a call of fib took %.3g ns; in this run it takes %.3g ns", r.name, r.pace, id.FibCallNS)
	}
	if pace := in.Pace; pace.Mode == workloads.PaceFixed && pace.NS > 0 && pace.NS != r.pace && far(id.FibCallNS, pace.NS, paceOff) {
		add("python-pace-differs", "--set interpreter.pace=python gives every backend the interpreter's own",
			"the scenario's pace is %.3g ns per call of fib; in %s a call takes %.3g ns", pace.NS, r.name, id.FibCallNS)
	}
	r.warnOperations(id, add)
	if res.CutOff {
		add("cut-off", "their group is slower than its figures say; make the duration several times as long as one iteration",
			"iterations were still under way %v after the window and were cut off", grace)
	}
	if late := time.Duration(res.LateNS); late > lateMost && r.clients != nil {
		add("python-late-start", "run again on an idle host",
			"the interpreter's threads were let go %v after its clients", late.Round(100*time.Microsecond))
	}
	return all
}

// warnOperations adds what became of the operations of the bodies.
func (r *running) warnOperations(id *identity, add func(code, hint, format string, args ...any)) {
	off := func(op string, achieved float64) {
		if achieved > 0 && far(achieved, 1, spinOff) {
			add("python-spin-off", "run again on an idle host",
				"%s spin in %s takes %.2f of the CPU time that is asked for", op, r.name, achieved)
		}
	}
	off("nogil", id.NoGILAchieved)
	off("hold", id.HoldAchieved)
	var spins, smallHash bool
	for _, g := range groupsOf(r.program) {
		eachOp(g.Body, func(op *workloads.Op) {
			spins = spins || op.Kind == workloads.OpSpin
			smallHash = smallHash || op.Kind == workloads.OpNoGILHash && op.Bytes < hashReleases
		})
	}
	if spins && id.CPUClock != "thread" {
		add("python-spin-clock", "use fib instead of spin, or a newer interpreter",
			"%s cannot tell the CPU time of a thread; spin counts that of the whole process", r.name)
	}
	if smallHash {
		add("python-hash-keeps-lock", fmt.Sprintf("hash %d bytes or more", hashReleases),
			"hashlib keeps the lock for less than %d bytes", hashReleases)
	}
}

// eachOp calls f with every operation of a body.
func eachOp(body []workloads.Op, f func(*workloads.Op)) {
	for i := range body {
		f(&body[i])
		eachOp(body[i].Body, f)
	}
}

// far reports whether a and b differ by more than the factor.
func far(a, b, factor float64) bool { return a > b*factor || b > a*factor }
