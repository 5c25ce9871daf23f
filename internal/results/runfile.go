package results

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
)

// runFormat is the version of run.json. Keys are only ever added to it.
const runFormat = 1

// RunFile is the content of run.json: all that is known of the command and of
// what it found, except for the tables.
type RunFile struct {
	Format   int       `json:"format"`
	Version  string    `json:"fibsim_version"`
	Command  []string  `json:"command"`
	Scenario any       `json:"scenario"` // with every default; read back, a json.RawMessage
	Notes    []string  `json:"notes,omitempty"`
	Seed     uint64    `json:"seed"`
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	Aborted  bool      `json:"aborted"` // interrupted or failed before all had run

	Host     Host          `json:"host"`
	Backends []BackendInfo `json:"backends"`
	Runs     []runRecord   `json:"runs"`

	Indexes     []Index              `json:"favor_cpu_bound_index"`
	Values      []ValueList          `json:"values,omitempty"` // where they were asked for
	Percentiles []PercentileInterval `json:"percentile_intervals"`
	Claims      []ClaimResult        `json:"claims"`
	Warnings    []Warning            `json:"warnings"`
	Files       []fileRecord         `json:"files,omitempty"`
}

// BackendInfo is what the runs of one backend have in common.
type BackendInfo struct {
	Name     string `json:"name"`
	Evidence string `json:"evidence"`

	// PeakMemory is the largest resident size of its process tree over all
	// runs, in bytes; 0 where the host does not tell.
	PeakMemory int64 `json:"peak_memory_bytes"`

	// Facts holds, of numbers, the median over the runs of whole programs; of
	// anything else, the value of the first.
	Facts factMap `json:"facts"`
}

// runRecord is one run of the command.
type runRecord struct {
	Order   int     `json:"order"`
	Variant string  `json:"variant"`
	Backend string  `json:"backend"`
	Rep     int     `json:"rep"`
	Alone   string  `json:"alone,omitempty"`
	Partial bool    `json:"partial,omitempty"`
	Facts   factMap `json:"facts"`

	// EventsCut is the time from which on states and events were not kept, because
	// a thread made too many; 0 when nothing was left out.
	EventsCut int64 `json:"events_cut_ns,omitempty"`

	evidence   string
	peakMemory int64
}

// ValueList is what the counts of one run yielded, in order.
type ValueList struct {
	Variant string  `json:"variant"`
	Backend string  `json:"backend"`
	Rep     int     `json:"rep"`
	Values  []Value `json:"values"`
}

// Value is what one task yielded.
type Value struct {
	Group  string `json:"group"`
	Worker int    `json:"worker"`
	Value  int64  `json:"value"`
}

// PercentileInterval is an Interval with the row of summary.csv it belongs to.
type PercentileInterval struct {
	Variant string `json:"variant"`
	Backend string `json:"backend"`
	Rep     int    `json:"rep"`
	Phase   string `json:"phase"`
	Group   string `json:"group"`
	Interval
}

// Warning is something that did not stop the runs but that the reader of their
// results must know.
type Warning struct {
	Code    string `json:"code"`    // stable, kebab-case
	Message string `json:"message"` // what is the case, with its figures
	Hint    string `json:"hint"`    // what to do about it
}

type fileRecord struct {
	Name   string `json:"name"`
	Rows   *int64 `json:"rows,omitempty"` // without the header; of CSV files only
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// factMap holds facts by name: text, int64, float64 and bool. Numbers that JSON
// cannot hold are nil.
type factMap map[string]any

// MarshalJSON writes float64 with a decimal point always, as a Cell does, so that
// it is read back as one.
func (m factMap) MarshalJSON() ([]byte, error) {
	out := []byte("{")
	for i, name := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			out = append(out, ',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m[name])
		if err != nil {
			return nil, err
		}
		if _, real := m[name].(float64); real && !bytes.ContainsAny(value, ".e") {
			value = append(value, ".0"...)
		}
		out = append(append(append(out, key...), ':'), value...)
	}
	return append(out, '}'), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (m *factMap) UnmarshalJSON(b []byte) error {
	values := map[string]any{}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&values); err != nil {
		return err
	}
	for name, v := range values {
		number, is := v.(json.Number)
		if !is {
			continue
		}
		if whole, err := number.Int64(); err == nil {
			values[name] = whole
			continue
		}
		real, err := number.Float64()
		if err != nil {
			return err
		}
		values[name] = real
	}
	*m = values
	return nil
}

// UnmarshalJSON reads a run.json. The scenario stays as it is written, so that no
// number and no order of keys is lost.
func (f *RunFile) UnmarshalJSON(b []byte) error {
	type plain RunFile
	read := struct {
		*plain
		Scenario json.RawMessage `json:"scenario"`
	}{plain: (*plain)(f)}
	if err := json.Unmarshal(b, &read); err != nil {
		return err
	}
	f.Scenario = read.Scenario
	return nil
}

func newRunRecord(info RunInfo, rep *trace.Report) runRecord {
	r := runRecord{
		Order: info.Order, Variant: info.Variant, Backend: info.Backend, Rep: info.Rep,
		Alone: info.Alone, Partial: info.Partial, Facts: factMap{},
		evidence: info.Evidence, peakMemory: rep.PeakMemory,
	}
	if rep.Log != nil {
		r.EventsCut = rep.Log.Cut
	}
	for _, f := range rep.Facts {
		r.Facts[f.Name] = finite(f.Value)
	}
	return r
}

func finite(v any) any {
	if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
		return nil
	}
	return v
}

// backendInfos sums up the runs of each backend, in the order asked for.
func (w *Writer) backendInfos() []BackendInfo {
	out := []BackendInfo{}
	for _, name := range w.config.Backends {
		info := BackendInfo{Name: name, Facts: factMap{}}
		values := map[string][]any{}
		for _, r := range w.runs {
			if r.Backend != name {
				continue
			}
			info.Evidence = r.evidence
			info.PeakMemory = max(info.PeakMemory, r.peakMemory)
			if r.Alone != "" {
				continue
			}
			for fact, v := range r.Facts {
				values[fact] = append(values[fact], v)
			}
		}
		for fact, vs := range values {
			info.Facts[fact] = typical(vs)
		}
		out = append(out, info)
	}
	return out
}

// typical returns the median of values that are all of one numeric type, and
// the first of others.
func typical(vs []any) any {
	var floats []float64
	var ints []int64
	for _, v := range vs {
		switch v := v.(type) {
		case float64:
			floats = append(floats, v)
		case int64:
			ints = append(ints, v)
		}
	}
	switch len(vs) {
	case len(floats):
		return median(floats)
	case len(ints):
		return medianNS(ints)
	}
	return vs[0]
}

// interpreters lists the backends that state a version: real interpreters.
func interpreters(backends []BackendInfo) []Interpreter {
	var out []Interpreter
	for _, b := range backends {
		if b.Facts["version"] == nil {
			continue
		}
		out = append(out, Interpreter{
			Backend: b.Name, Implementation: b.Facts["implementation"],
			Version: b.Facts["version"], GILEnabled: b.Facts["gil_enabled"],
		})
	}
	return out
}

func warningList(list []trace.Warning) []Warning {
	out := make([]Warning, 0, len(list))
	for _, w := range list {
		out = append(out, Warning(w))
	}
	return out
}

func percentileIntervals(rows []*Row) []PercentileInterval {
	out := []PercentileInterval{}
	for _, r := range rows {
		for _, i := range r.intervals {
			out = append(out, PercentileInterval{
				Variant: r.Variant, Backend: r.Backend, Rep: r.Rep, Phase: r.Phase, Group: r.Group, Interval: i,
			})
		}
	}
	return out
}

// fileRecords describes what now stands in the directory, read back, so that
// the sum is that of the file even where a write failed.
func (w *Writer) fileRecords() ([]fileRecord, error) {
	var out []fileRecord
	for _, f := range w.files() {
		if filepath.Dir(f.path) != filepath.Clean(w.config.Dir) {
			continue
		}
		r, err := describeFile(f.path)
		if err != nil {
			return out, err
		}
		r.Rows = &f.written
		out = append(out, r)
	}
	if r, err := describeFile(filepath.Join(w.config.Dir, packageFile)); err == nil {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b fileRecord) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	return out, nil
}

func describeFile(path string) (fileRecord, error) {
	f, err := os.Open(path)
	if err != nil {
		return fileRecord{}, &WriteError{Path: path, Err: err}
	}
	defer f.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, f)
	if err != nil {
		return fileRecord{}, &WriteError{Path: path, Err: err}
	}
	return fileRecord{Name: filepath.Base(path), Bytes: size, SHA256: hex.EncodeToString(sum.Sum(nil))}, nil
}

// encode returns indented JSON with a line break at its end, and < and > as
// they are.
func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return out.Bytes(), err
}
