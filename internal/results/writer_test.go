package results

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
)

// Which columns are filled depends on what a backend can see, and on nothing
// else.
func TestSamplesShowWhatABackendSees(t *testing.T) {
	s := trace.Sample{
		Seq: 7, Intended: 1_000_000, Start: 1_000_010, End: 1_000_110, Planned: 5,
		Run: 40, WaitGIL: 30, NoGIL: 20, Blocked: 6, Ready: 4, Counts: trace.Counts{Switches: 2},
	}
	bad := s
	bad.Seq, bad.Err = 8, "recv: \"reset\", by peer\nafter 3 bytes"
	early := s
	early.Seq, early.Intended = 6, 999_999
	var out bytes.Buffer
	c := testConfig()
	c.CSV, c.Stdout = "-", &out
	w := mustOpen(t, c)
	for i, b := range []struct {
		name                string
		states, lock, ready bool
	}{
		{"gil", true, true, false}, {"native", true, false, false},
		{"python_3_11", false, false, false}, {"sim_gil", true, true, true},
	} {
		info := gilRun(1, i+1)
		info.Backend = b.name
		rep := gilReport("quick", meterOf(window), meterOf(window, early, s, bad))
		rep.States, rep.Lock, rep.Ready = b.states, b.lock, b.ready
		mustAdd(t, w, info, rep)
	}
	mustFinish(t, w, false)
	golden(t, "samples.csv", out.String())
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := rows[3][23]; got != bad.Err {
		t.Errorf("error came back as %q", got)
	}
}

// runDemo makes a run of each group alone and two repetitions of both.
func runDemo(t *testing.T, c Config) (*Writer, *Set) {
	t.Helper()
	w := mustOpen(t, c)
	mustAdd(t, w, aloneRun("crunch", 1), gilReport("crunch", meterOf(window, even(20, 100_000, 0)...)))
	mustAdd(t, w, aloneRun("quick", 2), gilReport("quick", meterOf(window, even(40, 50_000, 49_000)...)))
	for rep := 1; rep <= 2; rep++ {
		r := gilReport("crunch", meterOf(window, even(25, int64(100_000+10_000*rep), 0)...))
		r.Groups = append(r.Groups, trace.GroupReport{Name: "quick", Workers: []*trace.Meter{
			meterOf(window, even(50, 59_000, 49_000)...), meterOf(window, even(50, 59_000, 49_000)...),
		}})
		r.Facts = []trace.Fact{{Name: "pace_ns", Value: 24.0 + float64(rep)}, {Name: "park", Value: "pthread"}}
		r.PeakMemory = int64(1000 * rep)
		mustAdd(t, w, gilRun(rep, rep+2), r)
	}
	return w, mustFinish(t, w, false)
}

func TestSummary(t *testing.T) {
	c := testConfig()
	c.Dir = filepath.Join(t.TempDir(), "new", "out")
	_, set := runDemo(t, c)
	golden(t, "summary.csv", mustRead(t, filepath.Join(c.Dir, summaryFile)))

	k := Key{Backend: "gil", Group: "crunch"}
	// 110 and 120 us against 100 us alone.
	if v, ok := set.Median(k, "slowdown_ratio").Value(); !ok || v != 1.15 {
		t.Errorf("median slowdown of crunch: got %v, %v, want 1.15", v, ok)
	}
	k.Alone = true
	if v, ok := set.Median(k, "latency_mean_ns").Value(); !ok || v != 100_000 {
		t.Errorf("latency of crunch alone: got %v, %v", v, ok)
	}
	// p99 of 25 iterations is hidden, in each repetition and so in the median.
	if v, ok := set.Median(Key{Backend: "gil", Group: "crunch"}, "latency_p99_ns").Value(); ok {
		t.Errorf("p99 of 25 iterations: got %v", v)
	}
}

// Throughput counts what ended inside the window, of any phase, and iterations
// belong to the phase in which they start.
func TestThroughputCountsEndsAndIterationsCountStarts(t *testing.T) {
	across := trace.Sample{Intended: 900_000, Start: 900_000, End: 1_200_000}
	inside := trace.Sample{Intended: 2_000_000, Start: 2_000_000, End: 3_000_000}
	late := trace.Sample{Intended: 10_900_000, Start: 10_900_000, End: 12_000_000}
	failed := trace.Sample{Intended: 4_000_000, Start: 4_000_000, End: 5_000_000, Err: "no"}
	w := mustOpen(t, testConfig())
	mustAdd(t, w, gilRun(1, 1), gilReport("crunch", meterOf(window, across, inside, failed, late)))
	row := w.rows[0]
	// Two ended within 10 ms.
	if got := row.Get("throughput_per_s").String(); got != "200.0" {
		t.Errorf("throughput: got %s", got)
	}
	if got := row.Get("iterations").String(); got != "2" {
		t.Errorf("iterations: got %s", got)
	}
	if got := row.Get("latency_max_ns").String(); got != "1100000" {
		t.Errorf("the true end of an iteration that outlives the window counts: got %s", got)
	}
}

func TestRunFile(t *testing.T) {
	c := testConfig()
	c.Dir = t.TempDir()
	c.Effective = map[string]any{"name": "demo", "claim": "a < b"}
	_, set := runDemo(t, c)
	set.Run.End = set.Run.Start
	set.Run.Host.GoVersion = "go"
	content, err := encode(set.Run)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "run.json", string(content))
	golden(t, "datapackage.json", mustRead(t, filepath.Join(c.Dir, packageFile)))

	var onDisk RunFile
	if err := json.Unmarshal([]byte(mustRead(t, filepath.Join(c.Dir, runFile))), &struct {
		Files *[]fileRecord `json:"files"`
	}{&onDisk.Files}); err != nil {
		t.Fatal(err)
	}
	if len(onDisk.Files) != 3 {
		t.Errorf("files: %v", onDisk.Files)
	}
	for _, f := range onDisk.Files {
		text := mustRead(t, filepath.Join(c.Dir, f.Name))
		sum := sha256.Sum256([]byte(text))
		if f.SHA256 != hex.EncodeToString(sum[:]) || f.Bytes != int64(len(text)) {
			t.Errorf("%s: sum or size is wrong", f.Name)
		}
		if f.Rows != nil && *f.Rows != int64(strings.Count(text, "\n"))-1 {
			t.Errorf("%s: %d rows counted", f.Name, *f.Rows)
		}
	}
}

func TestJSONHasTheSummary(t *testing.T) {
	_, set := runDemo(t, testConfig())
	var out bytes.Buffer
	if err := set.JSON(&out); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Format  int
		Summary []map[string]any
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Format != 1 || len(got.Summary) != 6 {
		t.Fatalf("got format %d, %d rows", got.Format, len(got.Summary))
	}
	if row := got.Summary[0]; len(row) != len(SummaryColumns) || row["phase"] != "alone" || row["latency_p99_ns"] != nil {
		t.Errorf("first row: %v", row)
	}
}

func TestIterationsAloneAreWrittenOnlyWhenKept(t *testing.T) {
	for _, keep := range []bool{false, true} {
		c := testConfig()
		c.CSV, c.KeepBaseline = filepath.Join(t.TempDir(), "x.csv"), keep
		runDemo(t, c)
		if got := strings.Contains(mustRead(t, c.CSV), ",0,1,alone,crunch,"); got != keep {
			t.Errorf("keep %v: rows of crunch alone there: %v", keep, got)
		}
	}
}

// A run that was stopped leaves its iterations, but no figure: its window never
// passed.
func TestPartialRunLeavesRowsAndNoFigures(t *testing.T) {
	c := testConfig()
	c.Dir = t.TempDir()
	w := mustOpen(t, c)
	info := gilRun(1, 1)
	info.Partial = true
	mustAdd(t, w, info, gilReport("crunch", meterOf(window, even(3, 100_000, 0)...)))
	set := mustFinish(t, w, true)
	if !set.Run.Aborted || len(set.Rows) != 0 || !set.Run.Runs[0].Partial {
		t.Errorf("got aborted %v, %d rows, runs %v", set.Run.Aborted, len(set.Rows), set.Run.Runs)
	}
	if n := strings.Count(mustRead(t, filepath.Join(c.Dir, samplesFile)), "\n"); n != 4 {
		t.Errorf("samples.csv has %d lines, want 4", n)
	}
	if !strings.Contains(mustRead(t, filepath.Join(c.Dir, runFile)), `"aborted": true`) {
		t.Error("run.json does not say that the session was stopped")
	}
}

func TestStatesAndEvents(t *testing.T) {
	log := &trace.Log{
		Threads: []trace.Thread{{Group: "crunch", Worker: 0}, {Group: "quick", Worker: 1}},
		Events: []trace.Event{
			{Time: 0, Kind: trace.StateChange, Thread: 0, Other: -1, Arg: int64(trace.Run)},
			{Time: 5, Kind: trace.StateChange, Thread: 1, Other: -1, Arg: int64(trace.WaitGIL)},
			{Time: 5, Kind: trace.Ask, Seq: 1, Thread: 1, Other: 0},
			{Time: 5, Kind: trace.Wait, Seq: 2, Thread: 1, Other: -1, Arg: 1},
			{Time: 10, Kind: trace.Request, Seq: 3, Thread: 1, Other: 0},
			{Time: 11, Kind: trace.Forced, Seq: 4, Thread: 0, Other: -1},
			{Time: 11, Kind: trace.Handoff, Seq: 5, Thread: 0, Other: 1},
			{Time: 12, Kind: trace.Take, Seq: 6, Thread: 1, Other: 0},
			{Time: 12, Kind: trace.StateChange, Thread: 1, Other: -1, Arg: int64(trace.Run)},
			{Time: 12, Kind: trace.StateChange, Thread: 0, Other: -1, Arg: int64(trace.WaitGIL)},
			{Time: 20, Kind: trace.Release, Seq: 7, Thread: 1, Other: -1},
			{Time: 20, Kind: trace.StateChange, Thread: 1, Other: -1, Arg: int64(trace.Done)},
			{Time: 21, Kind: trace.StateChange, Thread: 0, Other: -1, Arg: int64(trace.Run)},
			{Time: 30, Kind: trace.Take, Seq: 8, Thread: 0, Other: 1},
		},
	}
	c := testConfig()
	c.Dir, c.States = t.TempDir(), true
	w := mustOpen(t, c)
	rep := gilReport("crunch", meterOf(window))
	rep.Log = log
	mustAdd(t, w, gilRun(1, 1), rep)
	mustAdd(t, w, aloneRun("crunch", 2), rep) // not kept
	mustFinish(t, w, false)
	golden(t, "states.csv", mustRead(t, filepath.Join(c.Dir, statesFile)))
	golden(t, "events.csv", mustRead(t, filepath.Join(c.Dir, eventsFile)))
	if !strings.Contains(mustRead(t, filepath.Join(c.Dir, packageFile)), `"events.csv"`) {
		t.Error("datapackage.json leaves events.csv out")
	}
}

func TestDirectory(t *testing.T) {
	dir := t.TempDir()
	stale, foreign := filepath.Join(dir, eventsFile), filepath.Join(dir, "notes.txt")
	for _, path := range []string{stale, foreign} {
		if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := testConfig()
	c.Dir = dir
	_, err := Create(c)
	var output *OutputError
	if !errors.As(err, &output) || !errors.Is(err, ErrNotEmpty) || !strings.Contains(err.Error(), "--force") {
		t.Fatalf("a directory with files: got %v", err)
	}
	if mustRead(t, stale) != "old" {
		t.Error("a refused directory was changed")
	}
	c.Force = true
	mustFinish(t, mustOpen(t, c), false)
	if _, err := os.Stat(stale); err == nil {
		t.Error("an events.csv of an earlier run is still there")
	}
	if mustRead(t, foreign) != "old" {
		t.Error("a file of somebody else was changed")
	}
}

func TestBadPathsFailAtOnce(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Config){
		"a file as directory":     func(c *Config) { c.Dir = file },
		"a directory below it":    func(c *Config) { c.Dir = filepath.Join(file, "below") },
		"a directory as CSV":      func(c *Config) { c.CSV = dir },
		"a CSV in no directory":   func(c *Config) { c.CSV = filepath.Join(dir, "no", "x.csv") },
		"a name with a zero byte": func(c *Config) { c.CSV = "a\x00b" },
	} {
		c := testConfig()
		change(&c)
		var output *OutputError
		if _, err := Create(c); !errors.As(err, &output) {
			t.Errorf("%s: got %v", name, err)
		} else if strings.HasSuffix(err.Error(), ".") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// full fails every write, as a pipe to a full disk does.
type full struct{ left int }

func (f *full) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, syscall.ENOSPC
	}
	return len(b), nil
}

// gone is a pipe whose reader has left.
type gone struct{}

func (gone) Write([]byte) (int, error) { return 0, syscall.EPIPE }

// A reader of samples that leaves takes nothing from the others, and is no failure.
func TestReaderOfSamplesLeaves(t *testing.T) {
	c := testConfig()
	c.Dir, c.CSV, c.Stdout = t.TempDir(), "-", gone{}
	w := mustOpen(t, c)
	if err := w.Add(gilRun(1, 1), gilReport("crunch", meterOf(window, even(20, 100_000, 0)...))); err != nil {
		t.Fatal(err)
	}
	if !w.ReaderLeft() {
		t.Error("it does not know")
	}
	if _, err := w.Finish(false); err != nil {
		t.Error(err)
	}
	if n := strings.Count(mustRead(t, filepath.Join(c.Dir, samplesFile)), "\n"); n != 21 {
		t.Errorf("samples.csv has %d lines", n)
	}
}

// When one file fails, Add says so, and Finish still completes the others.
func TestFailedFileDoesNotSpoilTheOthers(t *testing.T) {
	c := testConfig()
	c.Dir, c.CSV, c.Stdout = t.TempDir(), "-", &full{left: 400}
	w := mustOpen(t, c)
	err := w.Add(gilRun(1, 1), gilReport("crunch", meterOf(window, even(20, 100_000, 0)...)))
	var failed *WriteError
	if !errors.As(err, &failed) {
		t.Fatalf("got %v", err)
	}
	set, err := w.Finish(true)
	if !errors.As(err, &failed) || len(set.Rows) != 1 {
		t.Errorf("finish: got %v", err)
	}
	if n := strings.Count(mustRead(t, filepath.Join(c.Dir, samplesFile)), "\n"); n != 21 {
		t.Errorf("samples.csv has %d lines", n)
	}
	if !strings.Contains(mustRead(t, filepath.Join(c.Dir, runFile)), `"aborted": true`) {
		t.Error("no run.json")
	}
}
