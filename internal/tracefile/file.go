package tracefile

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/results"
)

// Options say what a file is of and how much it may hold.
type Options struct {
	Scenario string // name
	Hash     string // of the scenario, see Hash
	Seed     uint64
	Version  string // of the program

	// Window is what is shown of each run; the zero Window is all of it.
	Window trace.Window

	// Most is how many events the file holds at most, over all runs; Runs is how
	// many runs there will be. Each may use its part.
	Most int64
	Runs int

	// The flags with which these are asked for, in what is warned of.
	WindowFlag, MostFlag string
}

// MostEvents is a bound for Options.Most that viewers bear well.
const MostEvents = 2_000_000

// least is how many events any run may have, so that it shows something.
const least = 100

// File is a trace that is being written.
type File struct {
	options Options
	out     *results.Stream
	sink    sink
	tail    []byte

	tracks, flows uint64
	events        int64
	warnings      []trace.Warning
}

// Suffixes are the endings of a file's name that say its format.
var Suffixes = []string{".pftrace", ".pftrace.gz", ".json", ".json.gz"}

// Format reports whether a file's name says what format it is to have.
func Format(path string) bool { return newSink(path) != nil }

func newSink(path string) sink {
	switch path = strings.TrimSuffix(path, ".gz"); {
	case strings.HasSuffix(path, ".pftrace"):
		return newPerfetto()
	case strings.HasSuffix(path, ".json"):
		return chrome{}
	}
	return nil
}

// Create creates a file, whose name says its format. It fails with a
// results.OutputError where the path cannot be used, and with a results.WriteError
// where the disk is full.
func Create(path string, o Options) (*File, error) {
	f := &File{options: o, sink: newSink(path)}
	if f.sink == nil {
		return nil, &results.OutputError{Path: path, Err: fmt.Errorf("%s: the name of a trace ends in one of %s", path, strings.Join(Suffixes, ", "))}
	}
	out, err := results.CreateStream(path)
	if err != nil {
		return nil, err
	}
	f.out, f.tail = out, f.sink.tail()
	if head := f.sink.head(nil); len(head) > 0 {
		if err := out.Write(head); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// Add writes a run. Its error is a results.WriteError, after which the file ends with
// its last whole record.
func (f *File) Add(r Run) error {
	for i := range r.Workers {
		sortRows(r.Workers[i].Rows)
	}
	tasks := 0
	if r.Line != nil {
		tasks = r.chooseTasks()
	}
	from, to := int64(0), r.end()
	if w := f.options.Window; w != (trace.Window{}) {
		from, to = min(w.Start, to), min(w.End, to)
	}
	cut := to
	if room := max(least, f.options.Most/int64(max(1, f.options.Runs))); r.count(from, to) > room {
		cut = r.cutAt(from, to, room)
	}
	about := f.about(&r, from, cut, to)
	if left := tasks - len(r.tasks); left > 0 {
		about = append(about, arg{name: "tasks_left_out", number: int64(left)})
		f.warn("trace-tasks", "give the groups lower counts to see all", "the trace shows %d of %d tasks of %s", len(r.tasks), tasks, f.runName(&r))
	}
	if err := f.walk(&r, from, cut, about); err != nil {
		return err
	}
	return f.out.Flush()
}

// about says what a run is and what is left out of it, which is warned of, too.
func (f *File) about(r *Run, from, cut, to int64) []arg {
	args := []arg{
		{name: "scenario", text: f.options.Scenario}, {name: "scenario_sha256", text: f.options.Hash},
		{name: "backend", text: r.Backend}, {name: "evidence", text: r.Evidence}, {name: "repetition", number: int64(r.Rep)},
		{name: "seed", text: fmt.Sprint(f.options.Seed)}, {name: "fibsim_version", text: f.options.Version},
	}
	if r.Variant != "" {
		args = append(args, arg{name: "variant", text: r.Variant})
	}
	if r.Lock != "" {
		args = append(args, arg{name: "lock", text: r.Lock})
	}
	if r.Partial {
		args = append(args, arg{name: "stopped", text: "before its end"})
	}
	if cut < to {
		left := r.count(cut+1, to)
		args = append(args, arg{name: "capped_at_ns", number: cut}, arg{name: "events_left_out", number: left})
		f.warn("trace-capped", "choose a part with "+f.options.WindowFlag+", or allow more with "+f.options.MostFlag,
			"the trace shows %s up to %v and leaves out %d events after that", f.runName(r), at(cut), left)
	}
	if r.Line != nil && r.Line.Cut > 0 && r.Line.Cut < to {
		args = append(args, arg{name: "states_end_at_ns", number: r.Line.Cut})
		f.warn("trace-cut", "give bodies more work, or a shorter duration",
			"the trace shows threads of %s up to %v only: one made so many events that they were not kept", f.runName(r), at(r.Line.Cut))
	}
	if from >= to {
		f.warn("trace-empty", "choose another part with "+f.options.WindowFlag,
			"the trace shows nothing of %s, which ended at %v", f.runName(r), at(r.end()))
	}
	return args
}

func (f *File) runName(r *Run) string {
	if r.Variant != "" {
		return r.Backend + ", " + r.Variant
	}
	return r.Backend
}

func at(ns int64) time.Duration { return time.Duration(ns).Round(time.Microsecond) }

func (f *File) warn(code, hint, format string, args ...any) {
	f.warnings = append(f.warnings, trace.Warning{Code: code, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// Warnings returns what the reader of the file must know, such as what was left out
// of it.
func (f *File) Warnings() []trace.Warning { return f.warnings }

// Events returns how many events were written.
func (f *File) Events() int64 { return f.events }

// Close ends the file. Its error is a results.WriteError.
func (f *File) Close() error { return f.out.Close(f.tail) }

// Hash returns the SHA-256 of a scenario as JSON without blanks, in hexadecimal. It is
// the same for the scenario of a run and for that of its run.json.
func Hash(scenario any) string {
	content, err := json.Marshal(scenario)
	if err != nil {
		panic("tracefile: a scenario that JSON cannot hold: " + err.Error())
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
