package results

import (
	"strconv"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/gil/trace/timeline"
)

// shownEvents are the lock events of events.csv; the others are steps inside a wait,
// which the thread's states tell already.
var shownEvents = []trace.Kind{
	trace.Ask, trace.TimedOut, trace.Request, trace.Take, trace.Release, trace.Forced, trace.Handoff,
}

// eventNames are their names there.
var eventNames = func() map[trace.Kind]string {
	names := map[trace.Kind]string{}
	for _, k := range shownEvents {
		names[k] = k.String()
	}
	return names
}()

// logPrefix returns the columns scenario to rep, which states.csv and
// events.csv begin with.
func logPrefix(scenario string, info RunInfo) []byte {
	var b []byte
	for _, s := range []string{scenario, info.Variant, info.Backend} {
		b = append(appendField(b, s), ',')
	}
	return append(strconv.AppendInt(b, int64(info.Rep), 10), ',')
}

// writeStates writes the spans of a timeline, thread by thread.
func writeStates(out *rowFile, scenario string, info RunInfo, line *timeline.Timeline) error {
	prefix := logPrefix(scenario, info)
	for i, lane := range line.Lanes {
		for _, s := range lane {
			b := appendThread(append([]byte(nil), prefix...), line.Threads[i])
			b = append(append(b, ','), s.State.String()...)
			b = strconv.AppendInt(append(b, ','), s.Start, 10)
			b = strconv.AppendInt(append(b, ','), s.End, 10)
			if err := out.row(append(b, '\n')); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeTasks writes the spans of the tasks of a timeline, task by task.
func writeTasks(out *rowFile, scenario string, info RunInfo, line *timeline.Timeline) error {
	prefix := logPrefix(scenario, info)
	for i, lane := range line.TaskLanes {
		for _, s := range lane {
			b := appendThread(append([]byte(nil), prefix...), line.Tasks[i])
			b = append(append(b, ','), s.State.String()...)
			b = strconv.AppendInt(append(b, ','), s.Start, 10)
			b = append(strconv.AppendInt(append(b, ','), s.End, 10), ',')
			switch {
			case s.State != trace.Behind:
				b = append(b, ',', ',')
			case s.Behind < 0:
				b = strconv.AppendInt(append(b, ',', ','), int64(s.Turns), 10)
			default:
				b = strconv.AppendInt(append(appendThread(b, line.Tasks[s.Behind]), ','), int64(s.Turns), 10)
			}
			if err := out.row(append(b, '\n')); err != nil {
				return err
			}
		}
	}
	return nil
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
		b = append(appendNumber(b, log, e.Thread), ',')
		b = appendNumber(b, log, e.Other)
		if err := out.row(append(b, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// appendNumber appends the thread of that number: nothing for the lock's own clock
// and where there is no other.
func appendNumber(b []byte, log *trace.Log, thread int32) []byte {
	if thread < 0 {
		return append(b, ',')
	}
	return appendThread(b, log.Threads[thread])
}

func appendThread(b []byte, t trace.Thread) []byte {
	b = append(appendField(b, t.Group), ',')
	return strconv.AppendInt(b, int64(t.Worker), 10)
}
