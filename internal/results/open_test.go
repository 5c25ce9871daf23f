package results

import (
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
)

// writtenDemo writes a directory with all files, with a sample of every kind.
func writtenDemo(t *testing.T, aborted bool) (dir string, set *Set) {
	t.Helper()
	c := testConfig()
	c.Dir, c.States = filepath.Join(t.TempDir(), "out"), true
	c.Effective = map[string]any{"name": "demo", "seed": uint64(1<<64 - 1), "variants": []any{map[string]any{"name": ""}}}
	c.Notes = []string{"a note"}
	w := mustOpen(t, c)
	mustAdd(t, w, aloneRun("crunch", 1), gilReport("crunch", meterOf(window, even(20, 100_000, 0)...)))
	rep := gilReport("crunch", meterOf(window, even(25, 110_000, 0)...))
	rep.Groups[0].Workers[0].Add(&trace.Sample{Seq: 25, Intended: 7, Start: 8, End: 9, Err: "no, \"really\"\nno"})
	rep.Facts = []trace.Fact{
		{Name: "whole", Value: 3.0}, {Name: "pace_ns", Value: 24.5}, {Name: "count", Value: int64(7)},
		{Name: "park", Value: "pthread"}, {Name: "strict", Value: true},
	}
	rep.Warnings = []trace.Warning{{Code: "odd", Message: "a < b", Hint: "c"}}
	rep.Values = []trace.Value{{Group: "crunch", Worker: 1, Value: 55}}
	rep.PeakMemory = 1 << 40
	rep.Log = &trace.Log{
		Threads: []trace.Thread{{Group: "crunch"}}, Cut: 5_000_000,
		Events: []trace.Event{
			{Time: 1, Kind: trace.Take, Seq: 1, Thread: 0, Other: -1},
			{Time: 1, Kind: trace.StateChange, Thread: 0, Other: -1, Arg: int64(trace.Run)},
			{Time: 2, Kind: trace.Request, Seq: 2, Thread: -1, Other: 0},
			{Time: 3, Kind: trace.Forced, Seq: 3, Thread: 0, Other: -1},
			{Time: 3, Kind: trace.StateChange, Thread: 0, Other: -1, Arg: int64(trace.Done)},
		},
	}
	mustAdd(t, w, gilRun(1, 2), rep)
	return c.Dir, mustFinish(t, w, aborted)
}

// What was written is read back equal.
func TestOpenReadsWhatWasWritten(t *testing.T) {
	for _, aborted := range []bool{false, true} {
		dir, set := writtenDemo(t, aborted)
		d, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		got, err := encode(d.Run)
		if err != nil {
			t.Fatal(err)
		}
		if want := mustRead(t, filepath.Join(dir, runFile)); string(got) != want {
			t.Errorf("run.json came back as\n%s\nand was\n%s", got, want)
		}
		if d.Run.Aborted != aborted {
			t.Errorf("aborted: got %v", d.Run.Aborted)
		}
		if v := d.Run.Backends[0].Facts; v["whole"] != 3.0 || v["count"] != int64(7) || v["strict"] != true || v["park"] != "pthread" {
			t.Errorf("facts: %v", v)
		}
		if !reflect.DeepEqual(d.Variants, set.Variants) || !reflect.DeepEqual(d.Backends, set.Backends) || len(d.Rows) != len(set.Rows) {
			t.Fatalf("got %v, %v, %d rows", d.Variants, d.Backends, len(d.Rows))
		}
		for i := range set.Rows {
			if got, want := string(d.Rows[i].append(nil)), string(set.Rows[i].append(nil)); got != want {
				t.Errorf("summary.csv: row %d came back as %s, was %s", i, got, want)
			}
		}
	}
}

// Each sample comes back as the meter folded it, as far as the file tells.
func TestSamplesReadWhatWasWritten(t *testing.T) {
	dir, _ := writtenDemo(t, false)
	d, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []trace.Sample
	err = d.Samples(func(r *SampleRow) error {
		if r.Scenario != "demo" || r.Backend != "gil" || r.Evidence != "measured" || r.Rep != 1 || r.Order != 2 || r.Group != "crunch" || r.Worker != 0 {
			t.Errorf("row of %+v", r)
		}
		if !r.States || !r.Lock || r.Ready {
			t.Errorf("a backend with a lock sees %v, %v, %v", r.States, r.Lock, r.Ready)
		}
		if want := phaseMeasure; r.Err == "" && r.Phase != want || r.Err != "" && r.Phase != phaseWarmup {
			t.Errorf("phase %s", r.Phase)
		}
		got = append(got, r.Sample)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := append(even(25, 110_000, 0), trace.Sample{Seq: 25, Intended: 7, Start: 8, End: 9, Err: "no, \"really\"\nno"})
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
	stop := errors.New("enough")
	calls := 0
	if err := d.Samples(func(*SampleRow) error { calls++; return stop }); err != stop || calls != 1 {
		t.Errorf("after %d calls: %v", calls, err)
	}
}

// What a backend cannot see is told from what is 0.
func TestSamplesOfABackendThatSeesNothing(t *testing.T) {
	c := testConfig()
	c.Dir = t.TempDir()
	w := mustOpen(t, c)
	rep := gilReport("crunch", meterOf(window, even(1, 100_000, 0)...))
	rep.States, rep.Lock = false, false
	mustAdd(t, w, gilRun(1, 1), rep)
	mustFinish(t, w, false)
	d, err := Open(c.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Samples(func(r *SampleRow) error {
		if r.States || r.Lock || r.Ready || r.Run != 0 {
			t.Errorf("got %+v", r)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Timelines(); !errors.Is(err, ErrNoStates) || !strings.Contains(err.Error(), "--states") {
		t.Errorf("without states.csv: %v", err)
	}
}

// readAll reads everything there is in a directory.
func readAll(dir string) (rows, samples int, err error) {
	d, err := Open(dir)
	if err != nil {
		return 0, 0, err
	}
	if err := d.Samples(func(*SampleRow) error { samples++; return nil }); err != nil {
		return 0, 0, err
	}
	_, err = d.Timelines()
	return len(d.Rows), samples, err
}

// gzip of any file, by whoever saves space, hides nothing.
// Reading a large file stops when its reader does.
func TestReadingStops(t *testing.T) {
	dir, _ := writtenDemo(t, false)
	d, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	d.Until(ctx)
	lines := strings.SplitAfter(mustRead(t, filepath.Join(dir, samplesFile)), "\n")
	if err := os.WriteFile(filepath.Join(dir, samplesFile), []byte(lines[0]+strings.Repeat(lines[1], 3*askAfter)), 0o666); err != nil {
		t.Fatal(err)
	}
	rows := 0
	err = d.Samples(func(*SampleRow) error {
		if rows++; rows == askAfter/2 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || rows > askAfter {
		t.Errorf("%d rows, %v", rows, err)
	}
}

func TestOpenReadsCompressedFiles(t *testing.T) {
	dir, _ := writtenDemo(t, false)
	for _, name := range []string{samplesFile, summaryFile, statesFile, eventsFile} {
		path := filepath.Join(dir, name)
		out, err := os.Create(path + ".gz")
		if err != nil {
			t.Fatal(err)
		}
		z := gzip.NewWriter(out)
		if _, err := z.Write([]byte(mustRead(t, path))); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(z.Close(), out.Close(), os.Remove(path)); err != nil {
			t.Fatal(err)
		}
	}
	if rows, samples, err := readAll(dir); rows != 2 || samples != 26 || err != nil {
		t.Errorf("%d rows, %d samples, %v", rows, samples, err)
	}
}

// A directory that is none, or whose files are not as they were written, is told
// by file and line, with what to do.
func TestDamagedDirectories(t *testing.T) {
	replace := func(name, old, new string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			text := mustRead(t, filepath.Join(dir, name))
			if !strings.Contains(text, old) {
				t.Fatalf("%s has no %q", name, old)
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Replace(text, old, new, 1)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	cut := func(name string, bytes int) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			text := mustRead(t, filepath.Join(dir, name))
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text[:len(text)-bytes]), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove := func(name string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		damage func(t *testing.T, dir string)
		want   []string
	}{
		"no directory":          {remove("."), []string{"no such directory", "fibsim run -o"}},
		"no run.json":           {remove(runFile), []string{"out: has no run.json", "fibsim run -o"}},
		"run.json cut":          {cut(runFile, 20), []string{"run.json:", "unexpected end", remedy}},
		"not ours":              {replace(runFile, `"format"`, `"kind"`), []string{"run.json: has no format", "not one of fibsim"}},
		"of the future":         {replace(runFile, `"format": 1`, `"format": 2`), []string{"run.json:2: format: this fibsim reads 1, got 2"}},
		"a key of another type": {replace(runFile, `"aborted": false`, `"aborted": "no"`), []string{"run.json:", "aborted: got a string", remedy}},
		"no summary.csv":        {remove(summaryFile), []string{"summary.csv: file does not exist", remedy}},
		"an empty file": {func(t *testing.T, dir string) {
			cut(summaryFile, len(mustRead(t, filepath.Join(dir, summaryFile))))(t, dir)
		}, []string{"summary.csv: has no header"}},
		"a column lost":         {replace(summaryFile, "latency_p99_ns", "p99"), []string{"summary.csv: the header lacks latency_p99_ns"}},
		"a row lost":            {replace(samplesFile, "demo,,gil,measured,1,2,measure,crunch,0,3,1330000,1330000,1440000,110000,110000,0,110000,0,0,0,,0,true,\n", ""), []string{"samples.csv:26: the file has 25 rows, and run.json tells of 26", remedy}},
		"a row cut":             {cut(samplesFile, 30), []string{"samples.csv:", "the row is cut", remedy}},
		"a line break lost":     {cut(statesFile, 1), []string{"states.csv:2: the last row is cut"}},
		"no number":             {replace(samplesFile, ",1000000,1000000,", ",1000000,1e6,"), []string{`samples.csv:2: start_ns: must be a whole number, got "1e6"`, remedy}},
		"neither true":          {replace(samplesFile, ",true,", ",yes,"), []string{`samples.csv:2: ok: must be true or false, got "yes"`}},
		"no state":              {replace(statesFile, ",run,", ",walk,"), []string{`states.csv:2: state: must be a state such as run, got "walk"`}},
		"no event":              {replace(eventsFile, ",take,", ",grab,"), []string{`events.csv:2: event: must be an event such as take, got "grab"`}},
		"a state backwards":     {replace(statesFile, ",run,1,3", ",run,4,3"), []string{"states.csv:2: crunch-0: a state from 4 to 3 overlaps"}},
		"states without events": {remove(eventsFile), []string{"events.csv: file does not exist", remedy}},
	} {
		t.Run(name, func(t *testing.T) {
			dir, _ := writtenDemo(t, false)
			c.damage(t, dir)
			_, _, err := readAll(dir)
			var read *ReadError
			if !errors.As(err, &read) {
				t.Fatalf("got %v", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q lacks %q", err, want)
				}
			}
			if strings.HasSuffix(err.Error(), ".") {
				t.Errorf("%v", err)
			}
		})
	}
}

// A file of an older program lacks columns that came later, one of a newer has
// columns that are not known.
func TestOpenReadsOtherVersions(t *testing.T) {
	dir, _ := writtenDemo(t, false)
	path := filepath.Join(dir, summaryFile)
	var older, newer strings.Builder
	for i, line := range strings.Split(strings.TrimSuffix(mustRead(t, path), "\n"), "\n") {
		older.WriteString(line[:strings.LastIndexByte(line, ',')] + "\n")
		newer.WriteString(line + [...]string{",param_x\n", ",5\n", ",5\n"}[i])
	}
	for _, text := range []string{older.String(), newer.String()} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		d, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Median(Key{Backend: "gil", Group: "crunch"}, "latency_mean_ns").String(); got != "110000.0" {
			t.Errorf("got %s", got)
		}
	}
}
