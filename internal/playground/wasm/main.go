//go:build js && wasm

// Command wasm is the simulator for a page: it runs in a worker of the browser, and
// leaves two functions there that the worker calls.
//
//	fibsim.about() → JSON: version, steps, others, states
//	fibsim.run(JSON of a request, progress, early) → {answer: JSON, times: Float64Array, what: Uint8Array}
//
// Progress is called with the number of the run that comes next, how many there are,
// and its name; early with an answer that is pending. The arrays come with the first
// answer only.
package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"runtime"
	"syscall/js"

	"github.com/fibsim/fibsim/internal/palette"
	"github.com/fibsim/fibsim/internal/playground/engine"
	"github.com/fibsim/fibsim/internal/session"
)

func main() {
	js.Global().Set("fibsim", map[string]any{"about": js.FuncOf(about), "run": js.FuncOf(run)})
	select {} // the functions are called from now on
}

// about returns what the page offers.
func about(js.Value, []js.Value) any {
	return encode(struct {
		Go     string          `json:"go"`
		Steps  []engine.Step   `json:"steps"`
		Others []engine.Step   `json:"others"`
		States []palette.State `json:"states"`
	}{runtime.Version(), engine.Steps(), engine.Others(), engine.States()})
}

// run computes an answer.
func run(_ js.Value, args []js.Value) any {
	var q engine.Request
	if err := json.Unmarshal([]byte(args[0].String()), &q); err != nil {
		return map[string]any{"answer": encode(engine.Answer{Failure: "the request is wrong: " + err.Error()})}
	}
	return handed(engine.Run(context.Background(), q, engine.Watch{
		Progress: func(p session.Progress) { args[1].Invoke(p.Run.Order, p.Runs, p.Run.String()) },
		Early:    func(a *engine.Answer) { args[2].Invoke(handed(a)) },
	}))
}

// handed returns an answer as the worker takes it.
func handed(a *engine.Answer) map[string]any {
	out := map[string]any{"answer": encode(a)}
	if a.Drawing != nil {
		out["times"], out["what"] = floats(a.Drawing.Times), octets(a.Drawing.What)
	}
	return out
}

// encode returns a value as JSON. What is encoded here always can be.
func encode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// octets returns bytes as the array that JavaScript has for them.
func octets(b []byte) js.Value {
	array := js.Global().Get("Uint8Array").New(len(b))
	js.CopyBytesToJS(array, b)
	return array
}

// floats returns times as JavaScript has them: exact up to 2^53 ns, which is 104 days.
func floats(times []int64) js.Value {
	b := make([]byte, 0, 8*len(times))
	for _, t := range times {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(float64(t)))
	}
	return js.Global().Get("Float64Array").New(octets(b).Get("buffer"))
}
