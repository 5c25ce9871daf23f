package compare

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/internal/results"
)

// row is what a test says of a row of summary.csv: variant.backend.group and figures.
type row struct {
	key     string
	rep     int
	figures string // as column=value, with spaces between
}

// repeated returns a row for each value of a column, in repetitions of their own.
func repeated(key, column string, values ...float64) []row {
	var out []row
	for i, v := range values {
		out = append(out, row{key, i + 1, fmt.Sprintf("%s=%v", column, v)})
	}
	return out
}

// opened writes a directory with what a test says, and reads it. Run is what run.json
// holds beside its format.
func opened(t *testing.T, run map[string]any, rows ...row) *results.Dir {
	t.Helper()
	dir := t.TempDir()
	var variants, backends []map[string]any
	for _, r := range rows {
		key := strings.Split(r.key, ".")
		if known := func(v map[string]any) bool { return v["name"] == key[0] }; !slices.ContainsFunc(variants, known) {
			variants = append(variants, map[string]any{"name": key[0]})
		}
		if known := func(b map[string]any) bool { return b["name"] == key[1] }; !slices.ContainsFunc(backends, known) {
			backends = append(backends, map[string]any{"name": key[1], "evidence": "measured"})
		}
	}
	content := map[string]any{
		"format": 1, "scenario": map[string]any{"name": "demo"}, "backends": backends, "runs": []any{},
	}
	for _, v := range variants {
		content["runs"] = append(content["runs"].([]any), map[string]any{"variant": v["name"], "alone": ""})
	}
	for k, v := range run {
		content[k] = v
	}
	text, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	var csv strings.Builder
	for i, c := range results.SummaryColumns {
		csv.WriteString(strings.Repeat(",", min(i, 1)) + c.Name)
	}
	csv.WriteByte('\n')
	for _, r := range rows {
		key := strings.Split(r.key, ".")
		cells := map[string]string{
			"scenario": "demo", "variant": key[0], "backend": key[1], "evidence": "measured", "phase": "measure", "group": key[2],
			"rep": fmt.Sprint(r.rep),
		}
		if r.rep == 0 {
			cells["phase"] = "alone"
		}
		for _, f := range strings.Fields(r.figures) {
			name, value, _ := strings.Cut(f, "=")
			cells[name] = value
		}
		for i, c := range results.SummaryColumns {
			csv.WriteString(strings.Repeat(",", min(i, 1)) + cells[c.Name])
		}
		csv.WriteByte('\n')
	}
	for name, content := range map[string]string{"run.json": string(text), "summary.csv": csv.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	d, err := results.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const rate = "throughput_per_s"

var six = []float64{10.5, 11.5, 12.5, 13.5, 14.5, 15.5}

func scaled(factor float64) []float64 {
	var out []float64
	for _, v := range six {
		out = append(out, v*factor)
	}
	return out
}

func value(t *testing.T, c results.Cell) float64 {
	t.Helper()
	v, ok := c.Value()
	if !ok {
		t.Errorf("a figure is missing")
	}
	return v
}

// Twice as much in all of six repetitions is a difference; in five it is not called
// one, nor is what may be chance.
func TestVerdicts(t *testing.T) {
	for name, c := range map[string]struct {
		a, b        []float64
		significant bool
		reason      string
		shift, p    float64
	}{
		"twice":     {six, scaled(2), true, "", 2, 2.0 / 924},
		"five":      {six[:5], scaled(2)[:5], false, "needs 6 repetitions a side, has 5 and 5", 2, 2.0 / 252},
		"unequal":   {six, scaled(2)[:3], false, "needs 6 repetitions a side, has 6 and 3", 0, 2.0 / 84},
		"the same":  {six, six, false, "p is above 0.05", 1, 1},
		"one":       {six[:1], six[:1], false, "needs 6 repetitions a side, has 1 and 1", 1, 1},
		"all alike": {slices.Repeat([]float64{7.5}, 6), slices.Repeat([]float64{7.5}, 6), false, "p is above 0.05", 1, 1},
	} {
		got := Compare(opened(t, nil, repeated(".gil.quick", rate, c.a...)...), opened(t, nil, repeated(".gil.quick", rate, c.b...)...), []string{rate})
		if len(got.Rows) != 1 || len(got.Notes) != 0 {
			t.Fatalf("%s: %d rows, notes %v", name, len(got.Rows), got.Notes)
		}
		r := got.Rows[0]
		if r.Significant != c.significant || r.Reason != c.reason || r.Scale != Factor || math.Abs(value(t, r.P)-c.p) > 1e-9 {
			t.Errorf("%s: %+v", name, r)
		}
		if v := value(t, r.Shift); c.shift != 0 && math.Abs(v-c.shift) > 0.1 {
			t.Errorf("%s: shift %v, want about %v", name, v, c.shift)
		}
		if _, bounded := r.Low.Value(); bounded != (min(len(c.a), len(c.b)) > 2 && len(c.a)+len(c.b) > 7) {
			t.Errorf("%s: bounded: %t", name, bounded)
		}
	}
}

// Shares differ by points, and so does what has no ratio; a figure that some
// repetitions lack is not compared, one that all lack is not shown.
func TestScales(t *testing.T) {
	with := func(column string, values ...float64) *results.Dir {
		return opened(t, nil, repeated(".gil.quick", column, values...)...)
	}
	for _, c := range []struct {
		column string
		a, b   []float64
		scale  Scale
		shift  float64
	}{
		{"wait_gil_share_ratio", []float64{0.5, 0.5}, []float64{0.25, 0.25}, Points, -0.25},
		{"delay_p50_ns", []float64{0, 0}, []float64{1000, 1000}, Plain, 1000},
		{"delay_p50_ns", []float64{10, 10}, []float64{1000, 1000}, Factor, 100},
	} {
		got := Compare(with(c.column, c.a...), with(c.column, c.b...), FigureColumns())
		if len(got.Rows) != 1 || got.Rows[0].Scale != c.scale || value(t, got.Rows[0].Shift) != c.shift {
			t.Errorf("%s: %+v", c.column, got.Rows)
		}
	}
	some := opened(t, nil, append(repeated(".gil.quick", rate, 1, 2), row{".gil.quick", 3, ""})...)
	got := Compare(some, with(rate, 1, 2, 3), []string{rate}).Rows[0]
	if _, there := got.A.Median.Value(); there || got.Reason != "no figure in 1 of 3 repetitions of A" || value(t, got.B.Median) != 2 || got.Scale != "" {
		t.Errorf("a figure that one repetition lacks: %+v", got)
	}
}

// Groups of one side alone are named, and keep the mean over all from being one.
func TestOneSideOnly(t *testing.T) {
	rows := func(groups ...string) []row {
		var out []row
		for _, g := range groups {
			out = append(out, repeated(g, rate, six...)...)
		}
		return append(out, row{".gil.quick", 0, rate + "=1"})
	}
	a := opened(t, nil, rows(".gil.quick", ".gil.crunch", ".native.quick", ".native.crunch", "fast.gil.x")...)
	b := opened(t, nil, rows(".gil.quick", ".gil.crunch", ".native.quick", ".native.crunch", ".gil.web")...)
	c := Compare(a, b, []string{rate})
	if want := []Note{{"only-a", "only in A: fast.gil.x"}, {"only-b", "only in B: gil.web"}}; !slices.Equal(c.Notes, want) {
		t.Errorf("notes %v", c.Notes)
	}
	if len(c.Rows) != 4 || len(c.Geomeans) != 2 {
		t.Fatalf("%d rows, geomeans %+v", len(c.Rows), c.Geomeans)
	}
	if g := c.Geomeans[0]; g.Backend != "gil" || g.Reason != "fast.gil.x is on one side only" || g.Ratio != (results.Cell{}) {
		t.Errorf("of gil: %+v", g)
	}
	if g := c.Geomeans[1]; g.Backend != "native" || g.Reason != "" || value(t, g.Ratio) != 1 || math.Abs(value(t, g.A)-13) > 1e-9 {
		t.Errorf("of native: %+v", g)
	}
}

func TestGeomean(t *testing.T) {
	rows := func(x, y float64) []row {
		return append(repeated(".gil.quick", rate, x), repeated(".gil.crunch", rate, y)...)
	}
	c := Compare(opened(t, nil, rows(2, 8)...), opened(t, nil, rows(18, 32)...), []string{rate, "latency_p50_ns"})
	if len(c.Geomeans) != 1 {
		t.Fatalf("%+v", c.Geomeans)
	}
	if g := c.Geomeans[0]; !near(value(t, g.A), 4, 1e-12) || !near(value(t, g.B), 24, 1e-12) || !near(value(t, g.Ratio), 6, 1e-12) || g.Rows != 2 {
		t.Errorf("%+v", g)
	}
}

// What else differs between the runs is told, with both values.
func TestNotes(t *testing.T) {
	backend := func(evidence string, pace any) []map[string]any {
		return []map[string]any{{"name": "gil", "evidence": evidence, "facts": map[string]any{"pace_achieved_ns": pace}}}
	}
	scenario := func(interval string, count int, claim string) map[string]any {
		return map[string]any{
			"name": "demo", "interpreter": map[string]any{"switch_interval": interval}, "expect": []any{claim},
			"threads": []any{map[string]any{"name": "quick", "count": count, "body": []any{map[string]any{"fib": 3}}}},
		}
	}
	base := map[string]any{
		"seed": 1, "fibsim_version": "0.1.0", "backends": backend("measured", 25.0), "scenario": scenario("5ms", 2, "a"),
		"host": map[string]any{"os": "linux", "arch": "amd64", "cpu_model": "one", "cpus": 2, "load_1m": 0.5},
	}
	changed := func(keys ...any) map[string]any {
		out := map[string]any{}
		for k, v := range base {
			out[k] = v
		}
		for i := 0; i < len(keys); i += 2 {
			out[keys[i].(string)] = keys[i+1]
		}
		return out
	}
	added := scenario("5ms", 2, "a")
	added["threads"] = append(added["threads"].([]any), map[string]any{"name": "more"})
	a := opened(t, base)
	for _, c := range []struct {
		b    map[string]any
		want string
	}{
		{base, ""},
		{changed("scenario", scenario("5ms", 2, "b"), "host", map[string]any{"os": "linux", "arch": "amd64", "cpu_model": "one", "cpus": 2, "load_1m": 3}), ""},
		{changed("backends", backend("measured", 25.4)), ""},
		{changed("aborted", true), "aborted: B was stopped before all its runs were made"},
		{changed("scenario", scenario("1ms", 3, "a")),
			"scenario: interpreter.switch_interval is 5ms in A, 1ms in B; threads.quick.count is 2 in A, 3 in B"},
		{changed("scenario", added), "scenario: threads.more is none in A, given in B"},
		{changed("scenario", map[string]any{"name": "other"}), "scenario: the scenario is demo in A, other in B"},
		{changed("seed", uint64(math.MaxUint64)), "seed: the seed is 1 in A, 18446744073709551615 in B"},
		{changed("fibsim_version", ""), "version: fibsim is 0.1.0 in A, none in B"},
		{changed("host", map[string]any{"os": "linux", "arch": "amd64", "cpu_model": "two", "cpus": 4}),
			"host: the CPU is one in A, two in B; the number of CPUs is 2 in A, 4 in B"},
		{changed("backends", backend("measured", 27.0)), "pace: a call of fib in gil is 25.0 ns in A, 27.0 ns in B"},
		{changed("backends", backend("predicted", 25.0)), "evidence: gil is measured in A, predicted in B"},
	} {
		var texts []string
		for _, n := range Compare(a, opened(t, c.b), DefaultColumns()).Notes {
			texts = append(texts, n.Code+": "+n.Text)
		}
		if got := strings.Join(texts, "|"); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	predicted := changed("backends", backend("predicted", nil))
	elsewhere := changed("backends", backend("predicted", nil), "host", map[string]any{"os": "darwin"})
	if notes := Compare(opened(t, predicted), opened(t, elsewhere), nil).Notes; len(notes) != 0 {
		t.Errorf("predictions elsewhere: %v", notes)
	}
}

// Every row has a field for each column, and JSON the same with its types.
func TestFieldsFitTheColumns(t *testing.T) {
	a := opened(t, map[string]any{"start": "2026-01-02T03:04:05Z"}, repeated(".gil.quick", rate, six...)...)
	c := Compare(a, opened(t, nil, repeated(".gil.quick", rate, scaled(2)...)...), []string{rate})
	if fields := c.Rows[0].Fields(); len(fields) != len(Columns) {
		t.Errorf("%d fields, %d columns", len(fields), len(Columns))
	}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		A    struct{ Directory, Start string }
		Rows []map[string]any
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.A.Directory != a.Path || got.A.Start != "2026-01-02T03:04:05Z" || len(got.Rows) != 1 {
		t.Fatalf("%s", text)
	}
	for _, column := range Columns {
		v, there := got.Rows[0][column.Name]
		_, number := v.(float64)
		_, truth := v.(bool)
		if !there || number != (column.Type == "number" || column.Type == "integer") || truth != (column.Type == "boolean") {
			t.Errorf("%s (%s): %v", column.Name, column.Type, v)
		}
	}
}

func TestBenchfmt(t *testing.T) {
	d := opened(t, map[string]any{"host": map[string]any{"os": "linux", "arch": "amd64", "cpu_model": "A  CPU"}},
		row{".gil.quick", 0, rate + "=1.0"},
		row{".gil.quick", 1, rate + "=10.5 latency_p50_ns=5000000 iterations=20 wait_gil_share_ratio=0.25"},
		row{"fast.sim_gil.quick", 1, rate + "=11.0 evidence=predicted"},
		row{"fast.sim_gil.quick", 2, "evidence=predicted"},
	)
	want := `goos: linux
goarch: amd64
cpu: A CPU
Unit throughput/s better=higher
evidence: measured
BenchmarkFibsim/scenario=demo/backend=gil/group=quick 20 10.5 throughput/s 5000000 latency_p50-ns 0.25 wait_gil_share_ratio
evidence: predicted
BenchmarkFibsim/scenario=demo/variant=fast/backend=sim_gil/group=quick 1 11.0 throughput/s
`
	if got := Benchfmt([]*results.Dir{d}, DefaultColumns()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if both := Benchfmt([]*results.Dir{d, d}, DefaultColumns()); strings.Count(both, "\ndirectory: "+d.Path+"\n") != 2 {
		t.Errorf("of two directories\n%s", both)
	}
}

// The page describes every column in the same words. UPDATE=1 rewrites its table.
func TestPageDescribesEveryColumn(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "compare.md")
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
