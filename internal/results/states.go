package results

import (
	"strconv"

	"github.com/fibsim/fibsim/gil/trace"
)

// eventNames are the lock events that events.csv shows; the others are steps
// inside a wait, which the thread's states tell already.
var eventNames = map[trace.Kind]string{
	trace.Ask:     "ask",
	trace.Request: "request",
	trace.Take:    "take",
	trace.Release: "release",
	trace.Forced:  "forced",
	trace.Handoff: "handoff",
}

// logPrefix returns the columns scenario to rep, which states.csv and
// events.csv begin with.
func logPrefix(scenario string, info RunInfo) []byte {
	var b []byte
	for _, s := range []string{scenario, info.Variant, info.Backend} {
		b = append(appendField(b, s), ',')
	}
	return append(strconv.AppendInt(b, int64(info.Rep), 10), ',')
}

// writeStates writes each stretch of time that a thread of the log spent in one
// state, thread by thread.
func writeStates(out *rowFile, scenario string, info RunInfo, log *trace.Log) error {
	prefix := logPrefix(scenario, info)
	byThread := make([][]trace.Event, len(log.Threads))
	end := int64(0)
	for _, e := range log.Events {
		end = max(end, e.Time)
		if e.Kind == trace.StateChange {
			byThread[e.Thread] = append(byThread[e.Thread], e)
		}
	}
	for i, changes := range byThread {
		for k, e := range changes {
			until := end // of a thread that was stopped in this state
			if k+1 < len(changes) {
				until = changes[k+1].Time
			}
			if err := writeState(out, prefix, log.Threads[i], trace.State(e.Arg), e.Time, until); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeState(out *rowFile, prefix []byte, t trace.Thread, s trace.State, start, end int64) error {
	if s == trace.Done {
		return nil
	}
	b := appendThread(append([]byte(nil), prefix...), t)
	b = append(append(b, ','), s.String()...)
	b = strconv.AppendInt(append(b, ','), start, 10)
	b = strconv.AppendInt(append(b, ','), end, 10)
	return out.row(append(b, '\n'))
}

// writeEvents writes what the lock did.
func writeEvents(out *rowFile, scenario string, info RunInfo, log *trace.Log) error {
	prefix := append(appendField(logPrefix(scenario, info), info.Program.Interpreter.Lock), ',')
	for _, e := range log.Events {
		name, shown := eventNames[e.Kind]
		if !shown {
			continue
		}
		b := strconv.AppendInt(append([]byte(nil), prefix...), e.Seq, 10)
		b = strconv.AppendInt(append(b, ','), e.Time, 10)
		b = append(append(append(b, ','), name...), ',')
		b = append(appendThread(b, log.Threads[e.Thread]), ',')
		if e.Other >= 0 {
			b = appendThread(b, log.Threads[e.Other])
		} else {
			b = append(b, ',')
		}
		if err := out.row(append(b, '\n')); err != nil {
			return err
		}
	}
	return nil
}

func appendThread(b []byte, t trace.Thread) []byte {
	b = append(appendField(b, t.Group), ',')
	return strconv.AppendInt(b, int64(t.Worker), 10)
}
