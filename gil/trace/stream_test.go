package trace

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// parse reads a stream: a line for each event, with its time in microseconds,
// the thread (a, b, c; - for the lock's clock), the kind, and what the kind has:
// another thread, a number. Text after # is a comment. Events of the lock are
// numbered in their order; #N at the end of a line gives another number.
func parse(t *testing.T, text string) *Log {
	t.Helper()
	log := &Log{Threads: []Thread{{"a", 0}, {"b", 0}, {"c", 0}}}
	seq := int64(0)
	for line := range strings.Lines(text) {
		line, comment, _ := strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		e, err := parseEvent(words)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if e.Kind.OfLock() {
			seq++
			e.Seq = seq
		}
		if n, err := strconv.ParseInt(strings.TrimSpace(comment), 10, 64); err == nil {
			e.Seq = n
		}
		log.Events = append(log.Events, e)
	}
	return log
}

func parseEvent(words []string) (Event, error) {
	us, err := strconv.ParseInt(words[0], 10, 64)
	e := Event{Time: us * 1000, Thread: letter(words[1]), Other: -1}
	if err != nil {
		return e, err
	}
	rest := words[3:]
	next := func() string {
		if len(rest) == 0 {
			return ""
		}
		w := rest[0]
		rest = rest[1:]
		return w
	}
	switch words[2] {
	case "begin":
		e.Kind = IterBegin
		e.Arg, err = strconv.ParseInt(next(), 10, 64)
		e.Arg2 = e.Time
		return e, err
	case "end":
		e.Kind = IterEnd
		return e, nil
	}
	for s, name := range stateNames {
		if name == words[2] {
			e.Arg = int64(s)
			return e, nil
		}
	}
	for k, name := range kindNames {
		if name == words[2] {
			e.Kind = Kind(k)
		}
	}
	switch e.Kind {
	case StateChange:
		return e, fmt.Errorf("neither a state nor a kind: %s", words[2])
	case Ask, Request, Take, Handoff:
		e.Other = letter(next())
	}
	if w := next(); w != "" {
		e.Arg, err = strconv.ParseInt(w, 10, 64)
	}
	return e, err
}

func letter(w string) int32 {
	if w == "-" {
		return -1
	}
	return int32(w[0] - 'a')
}
