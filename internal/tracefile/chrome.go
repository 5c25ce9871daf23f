package tracefile

import (
	"encoding/json"
	"strconv"
)

// chrome writes the Trace Event Format of Chrome: an array of events, in
// microseconds. A root is a process there, and a track one of its threads.
type chrome struct{}

// head writes the first event, so that all others follow a comma.
func (chrome) head(b []byte) []byte {
	return append(b, `[{"ph":"M","pid":0,"name":"process_name","args":{"name":"fibsim"}}`...)
}

func (chrome) tail() []byte { return []byte("\n]\n") }

// begin opens an event of a track.
func (chrome) begin(b []byte, t *track, phase string) []byte {
	b = append(b, ",\n{\"ph\":\""...)
	b = append(append(b, phase...), `","pid":`...)
	b = strconv.AppendUint(b, t.root.id, 10)
	b = append(b, `,"tid":`...)
	return strconv.AppendUint(b, t.id, 10)
}

func (c chrome) track(b []byte, t *track) []byte {
	what := "thread"
	if t.parent == nil {
		what = "process"
	}
	b = c.begin(b, t, "M")
	b = append(append(append(b, `,"name":"`...), what...), `_name","args":{"name":`...)
	b = append(quote(b, t.name), "}}"...)
	b = c.begin(b, t, "M")
	b = append(append(append(b, `,"name":"`...), what...), `_sort_index","args":{"sort_index":`...)
	// Ids rise in the order of the lanes, and ranks only among those with one parent.
	index := int64(t.id)
	if t.parent == nil {
		index = int64(t.rank)
	}
	return append(strconv.AppendInt(b, index, 10), "}}"...)
}

// colors are names from the fixed list of the viewer.
var colors = map[string]string{
	"run": "thread_state_running", "wait_gil": "terrible", "nogil": "thread_state_runnable",
	"io": "thread_state_iowait", "sleep": "thread_state_sleeping", "ready": "thread_state_unknown", "behind": "bad",
}

func (c chrome) slice(b []byte, t *track, s *slice) []byte {
	b = micros(append(c.begin(b, t, "X"), `,"ts":`...), s.start)
	b = micros(append(b, `,"dur":`...), s.end-s.start)
	if color := colors[s.name]; color != "" && s.category == catState {
		b = append(append(append(b, `,"cname":"`...), color...), '"')
	}
	b = c.end(b, s.name, s.category, s.args)
	for _, id := range s.begins {
		// An arrow belongs to the slice that its time lies in, and the end is not in it.
		b = c.arrow(b, t, "s", max(s.start, s.end-1), id)
	}
	for _, id := range s.ends {
		b = c.arrow(b, t, "f", s.start, id)
	}
	return b
}

func (c chrome) arrow(b []byte, t *track, phase string, at int64, id uint64) []byte {
	b = micros(append(c.begin(b, t, phase), `,"ts":`...), at)
	b = strconv.AppendUint(append(b, `,"id":`...), id, 10)
	if phase == "f" {
		b = append(b, `,"bp":"e"`...) // the slice that encloses it, rather than the next
	}
	return c.end(b, "hand-off", catMark, nil)
}

func (c chrome) instant(b []byte, t *track, i *instant) []byte {
	b = micros(append(c.begin(b, t, "i"), `,"ts":`...), i.at)
	return c.end(append(b, `,"s":"t"`...), i.name, i.category, i.args)
}

func (c chrome) count(b []byte, t *track, at int64, n int) []byte {
	b = micros(append(c.begin(b, t, "C"), `,"ts":`...), at)
	return c.end(b, t.name, catMark, []arg{{name: "threads", number: int64(n)}})
}

// end closes an event with its name and its details.
func (chrome) end(b []byte, name, category string, args []arg) []byte {
	b = quote(append(b, `,"name":`...), name)
	b = quote(append(b, `,"cat":`...), category)
	for i, a := range args {
		if i == 0 {
			b = append(b, `,"args":{`...)
		} else {
			b = append(b, ',')
		}
		b = append(quote(b, a.name), ':')
		if a.text != "" {
			b = quote(b, a.text)
		} else {
			b = strconv.AppendInt(b, a.number, 10)
		}
	}
	if len(args) > 0 {
		b = append(b, '}')
	}
	return append(b, '}')
}

// micros appends nanoseconds as microseconds, exactly.
func micros(b []byte, ns int64) []byte {
	b = strconv.AppendInt(b, ns/1000, 10)
	rest := ns % 1000
	return append(b, '.', byte('0'+rest/100), byte('0'+rest/10%10), byte('0'+rest%10))
}

// quote appends a text as JSON.
func quote(b []byte, text string) []byte {
	q, err := json.Marshal(text)
	if err != nil {
		panic("tracefile: a text that JSON cannot hold: " + err.Error())
	}
	return append(b, q...)
}
