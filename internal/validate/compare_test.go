package validate

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/workloads"
)

// session is a set of runs with made-up iterations.
type session struct {
	t      *testing.T
	writer *results.Writer
	taken  Collector
}

var window = trace.Window{Start: 0, End: 1000 * ms}

func newSession(t *testing.T, backends ...string) *session {
	t.Helper()
	w, err := results.Create(results.Config{Scenario: "test", Variants: []string{""}, Backends: backends, Host: results.Host{CPUs: 2}})
	if err != nil {
		t.Fatal(err)
	}
	return &session{t: t, writer: w}
}

// add adds a run in which the group "one" has iterations of these lengths.
func (s *session) add(backend string, rep int, lengths ...int64) {
	s.t.Helper()
	m := trace.NewMeter(window, -1, 0)
	for i, length := range lengths {
		start := int64(i) * (window.End / 2) / int64(len(lengths))
		m.Add(&trace.Sample{Seq: int64(i), Intended: start, Start: start, End: start + length, WaitGIL: length / 2, Run: length / 2})
	}
	info := results.RunInfo{
		Backend: backend, Evidence: "measured", Rep: rep,
		Program: &workloads.Program{Interpreter: workloads.Interpreter{Lock: "cpython-3"}},
	}
	report := &trace.Report{
		Window: window, States: true, Lock: backend == "gil",
		Groups: []trace.GroupReport{{Name: "one", Workers: []*trace.Meter{m}}},
	}
	if err := s.writer.Add(info, report); err != nil {
		s.t.Fatal(err)
	}
	s.taken.Add(info, report)
}

func (s *session) compare(reference string, theories Theories) []*Row {
	s.t.Helper()
	set, err := s.writer.Finish(false)
	if err != nil {
		s.t.Fatal(err)
	}
	return Compare("test", set, &s.taken, reference, theories)
}

func times(n int, length int64) []int64 {
	out := make([]int64, n)
	for i := range out {
		out[i] = length
	}
	return out
}

// Twice the time and half the iterations are ratios of 2 and 1/2, with intervals as
// wide as the repetitions spread; the reference comes first, against itself.
func TestCompare(t *testing.T) {
	s := newSession(t, "gil", "python_3_11")
	for rep := 1; rep <= 4; rep++ {
		length := int64(ms + rep%2*ms/10) // odd repetitions take a tenth longer
		s.add("python_3_11", rep, times(100, length)...)
		s.add("gil", rep, times(50, 2*length)...)
	}
	rows := s.compare("python_3_11", Theories{"": {"one": {Rate: 80, Form: "a form"}}})
	if len(rows) != 2 || !rows[0].Itself() || rows[1].Backend != "gil" || rows[1].Itself() {
		t.Fatalf("got %d rows", len(rows))
	}
	itself, gil := rows[0], rows[1]
	for _, c := range []struct {
		name string
		got  results.Cell
		want float64
	}{
		{"rate of the reference", itself.Rate, 100},
		{"p50 of the reference", itself.P50, 1.05 * ms},
		{"its odd rate against its even one", itself.RateRatio.Value, 1},
		{"its odd p50 against its even one", itself.P50Ratio.Value, 1.1},
		{"its own distance", itself.Distance, 1},
		{"its distance from theory", itself.TheoryOffset, 0.25},
		{"rate", gil.RateRatio.Value, 0.5},
		{"lower bound", gil.RateRatio.Low, 0.5},
		{"p50", gil.P50Ratio.Value, 2},
		{"distance", gil.Distance, 1},
		{"waiting for the lock", gil.WaitShare, 0.5},
		{"theory", gil.TheoryRate, 80},
		{"distance from theory", gil.TheoryOffset, -0.375},
	} {
		if got := value(t, c.got); !near(got, c.want, 1e-9) {
			t.Errorf("%s: got %g, want %g", c.name, got, c.want)
		}
	}
	low, high := value(t, gil.P50Ratio.Low), value(t, gil.P50Ratio.High)
	if low >= 2 || high <= 2 || !near(low*high, 4, 1e-9) {
		t.Errorf("the interval of the p50 is [%g, %g]", low, high)
	}
	if _, ok := gil.P99Ratio.Value.Value(); ok {
		t.Error("200 iterations have no p99")
	}
	if _, ok := itself.WaitShare.Value(); ok {
		t.Error("the lock of an interpreter cannot be seen")
	}
}

// Only whole runs count, and only those of the whole program.
func TestCollectorLeavesOut(t *testing.T) {
	var c Collector
	report := &trace.Report{Groups: []trace.GroupReport{{Name: "one"}}}
	c.Add(results.RunInfo{Backend: "gil", Rep: 1, Partial: true}, report)
	c.Add(results.RunInfo{Backend: "gil", Alone: "one"}, report)
	if len(c.latency) != 0 {
		t.Errorf("got %v", c.latency)
	}
}

// spread returns repetitions of n iterations around a length that differs between
// them.
func spread(seed uint64, reps, n int, length, between float64) []repetition {
	random := rand.New(rand.NewPCG(seed, 1))
	var out []repetition
	for i := range reps {
		s := new(trace.Sketch)
		mean := length * (1 + between*random.NormFloat64())
		for range n {
			s.Add(int64(mean * (1 + 0.1*random.Float64())))
		}
		out = append(out, repetition{number: i + 1, latency: s})
	}
	return out
}

// Where single repetitions show no p99, all of them together do, and the interval
// says how much it moves between them.
func TestPercentileOfAllRepetitions(t *testing.T) {
	a, b := spread(1, 6, 300, 2*ms, 0), spread(2, 6, 300, ms, 0)
	r := percentileRatio(a, b, p99)
	if _, alone := percentiles(a, p99); alone {
		t.Fatal("300 iterations show a p99: that is not what this test is about")
	}
	if v := value(t, r.Value); !near(v, 2, 0.01) || value(t, r.Low) > v || value(t, r.High) < v {
		t.Errorf("got %v", r)
	}
	width := func(between float64) float64 {
		r := percentileRatio(spread(3, 6, 300, ms, between), spread(4, 6, 300, ms, between), p99)
		return value(t, r.High) / value(t, r.Low)
	}
	if steady, erratic := width(0), width(0.2); erratic < 1.05 || erratic < 2*steady {
		t.Errorf("the interval is %g wide where repetitions are alike, %g where they differ", steady, erratic)
	}
	if _, ok := percentileRatio(spread(5, 2, 300, ms, 0), b, p99).Value.Value(); ok {
		t.Error("600 iterations show a p99")
	}
}

// The jackknife of a mean is the textbook's variance of the mean. A median of
// repetitions that hold one value each is one of them, by hand: of 1, 2, 4 (as powers
// of two) 20 times each, leaving one out moves the median to 2, 1, 1 or stays.
func TestJackknifeByHand(t *testing.T) {
	var reps []repetition
	for i, length := range []int64{1 << 10, 1 << 11, 1 << 12} {
		s := new(trace.Sketch)
		for range 20 {
			s.Add(length)
		}
		reps = append(reps, repetition{number: i + 1, latency: s})
	}
	e, ok := pooled(reps, p50)
	// Of 40 values the median is the 20th: without the first 2^11, otherwise 2^10. So
	// in octaves 1, 0, 0: the sum of squares around 1/3 is 2/3, and (n-1)/n of it 4/9.
	const octave = 0.6931471805599453
	if !ok || !near(e.log, 11*octave, 1e-12) || !near(e.variance, 4.0/9*octave*octave, 1e-9) || e.freedom != 2 {
		t.Errorf("got %+v, %t", e, ok)
	}
}

// The header is a promise to other programs, and each row has a field for it.
func TestColumns(t *testing.T) {
	const want = "scenario,variant,group,backend,evidence,reference,repetitions," +
		"throughput_per_s,throughput_ratio,throughput_low_ratio,throughput_high_ratio," +
		"latency_p50_ns,latency_p50_ratio,latency_p50_low_ratio,latency_p50_high_ratio," +
		"latency_p99_ns,latency_p99_ratio,latency_p99_low_ratio,latency_p99_high_ratio," +
		"ks_distance_ratio,wait_gil_share_ratio,theory_per_s,theory_residual_ratio"
	var names []string
	for _, c := range Columns {
		names = append(names, c.Name)
	}
	if got := strings.Join(names, ","); got != want {
		t.Errorf("got %s", got)
	}
	row := &Row{Scenario: "a", Backend: "gil", Repetitions: 6, P50: results.Float(1.5), RateRatio: Ratio{Value: results.Float(2)}, TheoryForm: "1/2"}
	if got := len(row.Fields()); got != len(Columns) {
		t.Errorf("%d fields", got)
	}
	content, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]any
	if err := json.Unmarshal(content, &back); err != nil {
		t.Fatal(err)
	}
	if back["scenario"] != "a" || back["throughput_ratio"] != 2.0 || back["latency_p50_ns"] != 2.0 || back["latency_p99_ns"] != nil || back["theory_form"] != "1/2" {
		t.Errorf("got %s", content)
	}
}

// The page describes every column in the same words. UPDATE=1 rewrites its table.
func TestPageDescribesEveryColumn(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "validate.md")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page, rows := string(content), ""
	for _, c := range Columns {
		rows += "| `" + c.Name + "` | " + c.Doc + " |\n"
	}
	before, body, found := strings.Cut(page, "|---|---|\n")
	if !found {
		t.Fatal("there is no table")
	}
	table, rest, _ := strings.Cut(body, "\n\n")
	if table+"\n" == rows {
		return
	}
	if os.Getenv("UPDATE") == "" {
		t.Fatal("the table differs; UPDATE=1 go test rewrites it")
	}
	if err := os.WriteFile(path, []byte(before+"|---|---|\n"+rows+"\n"+rest), 0o644); err != nil {
		t.Fatal(err)
	}
}
