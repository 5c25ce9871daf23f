package scenarios

import (
	"fmt"
	"time"

	"github.com/fibsim/fibsim/workloads"
)

// effort is what a body takes, about: how many operations, and how long on one CPU.
// Numbers of this size need no last digit, but must not overflow: eight loops inside
// each other may ask for 10^48 passes.
type effort struct{ steps, ns float64 }

func (e effort) times(n float64) effort { return effort{e.steps * n, e.ns * n} }

// Lengths that are assumed where the surroundings decide: of a call of fib in the pace of
// the processor and of an interpreter, and of a byte.
const (
	nativeCallNS = 2
	pythonCallNS = 25
	hashByteNS   = 0.6
	readByteNS   = 0.25
)

// effortOf returns the effort of one pass of a body.
func effortOf(ops []workloads.Op, callNS float64) effort {
	var sum effort
	for i := range ops {
		op := &ops[i]
		one := effort{steps: 1}
		switch op.Kind {
		case workloads.OpFib:
			one.ns = fibCalls(op.N) * callNS
		case workloads.OpSpin, workloads.OpNoGILSpin, workloads.OpHold, workloads.OpSleep:
			one.ns = meanOf(op.For)
		case workloads.OpNoGILHash:
			one.ns = hashByteNS * float64(op.Bytes)
		case workloads.OpRead:
			one.ns = readByteNS * float64(op.Bytes)
		case workloads.OpYield, workloads.OpCount:
			one.steps = float64(op.N)
		case workloads.OpLoop:
			one = effortOf(op.Body, callNS).times(float64(op.N))
		case workloads.OpSubmit:
			one = effortOf(op.Body, callNS)
			one.steps++
		}
		sum.steps, sum.ns = sum.steps+one.steps, sum.ns+one.ns
	}
	return sum
}

// fibCalls returns how many calls fib(n) makes: 2·fib(n) - 1.
func fibCalls(n int) float64 {
	a, b := 1.0, 1.0
	for ; n > 2; n-- {
		a, b = b, a+b
	}
	return 2*b - 1
}

// meanOf returns the mean of a duration, in nanoseconds.
func meanOf(d workloads.Duration) float64 {
	if d.Dist == workloads.UniformDist {
		return (float64(d.Low) + float64(d.High)) / 2
	}
	return float64(d.Mean)
}

// callNS returns what a call of fib costs, about.
func callNS(p workloads.Pace) float64 {
	switch p.Mode {
	case workloads.PaceNative:
		return nativeCallNS
	case workloads.PacePython:
		return pythonCallNS
	}
	return p.NS
}

// ends refuses a group that no run would get done with: all that its members do where
// the run lasts until they have, and otherwise one pass, which ends though the window
// does not wait for it.
func (b *builder) ends(v *value, p *workloads.Program, g *workloads.Group) {
	whole := effortOf(g.Body, callNS(p.Interpreter.Pace))
	at, what := v.get("body"), "one pass"
	if p.UntilDone {
		whole = whole.times(float64(g.Times) * float64(g.Count))
		at, what = v.get("times"), "all its passes"
	}
	if at == nil {
		return // reported already
	}
	const remedy = "lower times, loops, or what is done in them"
	switch {
	case whole.ns > float64(MaxWork):
		b.addf(at.node, at.path, "%s would take about %s hours on one CPU, and the most is %.0f; %s",
			what, rounded(whole.ns/float64(time.Hour)), MaxWork.Hours(), remedy)
	case whole.steps > MaxSteps:
		b.addf(at.node, at.path, "%s would be about %s operations, and the most is %d; %s", what, rounded(whole.steps), MaxSteps, remedy)
	}
}

// rounded writes a number to three digits.
func rounded(x float64) string { return fmt.Sprintf("%.3g", x) }
