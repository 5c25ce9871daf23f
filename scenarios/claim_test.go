package scenarios

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

func parseClaims(t *testing.T, head string, lines ...string) *Scenario {
	t.Helper()
	s, err := Parse("claims.yaml", []byte(head+"expect:\n  - "+strings.Join(lines, "\n  - ")+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What a check says is what it decides.
func TestEval(t *testing.T) {
	figures := map[string]float64{
		"gil.quick.delay_p50_ns":         5.2e6,
		"gil.quick.alone.delay_p50_ns":   1e5,
		"native.quick.delay_p50_ns":      -3,
		"python_3_13t.quick.switches":    7,
		"gil.crunch.throughput_per_s":    0,
		"pypy_3_9_2.crunch.latency_p999": 0,
	}
	tests := []struct {
		check string
		want  Status
	}{
		{"gil.quick.delay_p50_ns >= 0.95 * ms(5)", Passed},
		{"gil.quick.delay_p50_ns >= ms(5.3)", Failed},
		{"gil.quick.delay_p50_ns > us(5200) - 1 and gil.quick.delay_p50_ns < s(0.0052) + 1", Passed},
		{"gil.quick.alone.delay_p50_ns < gil.quick.delay_p50_ns / 10", Passed},
		{"abs(native.quick.delay_p50_ns) == 3", Passed},
		{"min(native.quick.delay_p50_ns, 2, 4.5) == -3 && max(native.quick.delay_p50_ns, 2) == 2", Passed},
		{"not (native.quick.delay_p50_ns < 0)", Failed},
		{"python_3_13t.quick.switches == 7 || false", Passed},
		{"1 / gil.crunch.throughput_per_s > 1e300", Failed}, // infinite, which is no evidence
		{"0 * gil.quick.delay_p50_ns / gil.crunch.throughput_per_s != 5", Failed},
		{"1 / (1 / gil.crunch.throughput_per_s) == 0", Failed},
		{"gil.crunch.throughput_per_s == 0 or 1 / gil.crunch.throughput_per_s > 3", Passed}, // not divided
		{"2 * 3 / 4 * gil.quick.delay_p50_ns > ms(7)", Passed},
		{"gil.crunch.throughput_per_s / gil.crunch.throughput_per_s == 1", Failed},
		{"ms(gil.crunch.throughput_per_s) == 0", Passed},
		{"gil.crunch.barges >= 0", Failed},
		{"gil.crunch.barges >= 0 or gil.crunch.throughput_per_s == 0", Failed}, // absent is not zero, wherever it stands
	}
	for _, test := range tests {
		s := parseClaims(t, plainScenario, "{claim: x, check: '"+test.check+"'}")
		v := s.Claims[0].Eval("", func(r Ref) (float64, bool) {
			x, ok := figures[r.String()]
			return x, ok
		})
		if v.Status != test.want || (v.Reason == "") != (v.Status == Passed) {
			t.Errorf("%s: got %v %q, want %v", test.check, v.Status, v.Reason, test.want)
		}
		if len(v.Values) != len(s.Claims[0].Refs()) {
			t.Errorf("%s: got values %+v", test.check, v.Values)
		}
	}
}

// What no number came of is told so.
func TestEvalInfinite(t *testing.T) {
	s := parseClaims(t, plainScenario, "{claim: x, check: gil.crunch.throughput_per_s / gil.crunch.throughput_per_s != 1}")
	v := s.Claims[0].Eval("", func(Ref) (float64, bool) { return 0, true })
	if want := "the check computes NaN, with which nothing can be compared; what it divides by is 0, or next to it"; v.Reason != want {
		t.Errorf("got %q", v.Reason)
	}
}

// A missing figure is named, and so is its variant.
func TestEvalAbsent(t *testing.T) {
	s := parseClaims(t, variedScenario, "{claim: x, check: gil.crunch.delay_p99_ns > two.gil.crunch.alone.delay_p99_ns}")
	none := func(Ref) (float64, bool) { return 0, false }
	v := s.Claims[0].Eval("old", none)
	want := "no value for old.gil.crunch.delay_p99_ns: too few samples, as 10 must lie beyond it; a longer duration has more"
	if v.Status != Failed || v.Reason != want || v.Variant != "old" || !v.Values[1].Absent {
		t.Errorf("got %+v, want reason %q", v, want)
	}
	if got := v.Values[1].Ref.String(); got != "two.gil.crunch.alone.delay_p99_ns" {
		t.Errorf("got %s", got)
	}
}

// A claim whose names all have a variant is decided once, any other in each.
func TestClaimVariants(t *testing.T) {
	s := parseClaims(t, variedScenario,
		"{claim: each, check: gil.crunch.switches > 0}",
		"{claim: across, check: two.gil.crunch.switches > old.gil.crunch.switches}",
		"{claim: against one, check: gil.crunch.switches >= plain.gil.crunch.switches}")
	want := [][]string{{"plain", "two", "old"}, {""}, {"plain", "two", "old"}}
	for i, c := range s.Claims {
		if got := c.Variants(); !slices.Equal(got, want[i]) {
			t.Errorf("%s: got %v, want %v", c.Text, got, want[i])
		}
	}
	s = parseClaims(t, plainScenario, "{claim: only, check: gil.crunch.switches > 0}")
	if got := s.Claims[0].Variants(); !slices.Equal(got, []string{""}) {
		t.Errorf("without variants: got %q", got)
	}
}

// The backends that a check names are needed without saying so.
func TestClaimNeeds(t *testing.T) {
	s := parseClaims(t, plainScenario,
		"{claim: x, check: gil.crunch.switches > python.crunch.alone.iterations, needs: [cpus>=2, 'cpus >= 4', gil, sim_gil]}")
	c := s.Claims[0]
	want := []Need{{CPUs: 2}, {CPUs: 4}, {Backend: "gil"}, {Backend: "sim_gil"}, {Backend: "python"}}
	if !reflect.DeepEqual(c.Needs, want) || !c.NeedsAlone() {
		t.Errorf("got %v, alone %v", c.Needs, c.NeedsAlone())
	}
	refs := []Ref{{Backend: "gil", Group: "crunch", Column: "switches"}, {Backend: "python", Group: "crunch", Alone: true, Column: "iterations"}}
	if !reflect.DeepEqual(c.Refs(), refs) {
		t.Errorf("got %+v", c.Refs())
	}
	if c.Needs[0].String() != "cpus>=2" || c.Needs[4].String() != "python" {
		t.Errorf("got %v", c.Needs)
	}
}

// Groups may be called like words of the expression language.
func TestClaimGroupNames(t *testing.T) {
	for _, name := range []string{"in", "not", "map", "filter", "true", "len", "gil", "min", "let", "a_b_1"} {
		head := "version: 1\nname: words\nthreads: [{name: \"" + name + "\", body: [{fib: 1}]}]\n"
		s := parseClaims(t, head, "{claim: x, check: gil."+name+".alone.switches == 4}")
		if v := s.Claims[0].Eval("", func(Ref) (float64, bool) { return 4, true }); v.Status != Passed {
			t.Errorf("%s: got %+v", name, v)
		}
	}
}

// counting has variants with and without a task that counts.
const counting = `
version: 1
name: counting
variants: [{name: one, set: {}}, {name: two, set: {tasks.down.body: [{count: 3}]}}]
tasks:
  - {name: down, kind: yield, body: [{count: 2}]}
`

// A claim about the order of values rests on how many of them come as it tells.
func TestYields(t *testing.T) {
	for _, c := range []struct {
		check string
		agree float64
		known bool
		want  Status
		name  string
	}{
		{"yields(gil, 3, 2, 1)", 3, true, Passed, "yields(gil, 3, 2, 1)"},
		{"yields(gil, 3, 2, 1)", 2, true, Failed, "yields(gil, 3, 2, 1)"},
		{"yields(gil, 3, 2, 1)", 0, false, Failed, "yields(gil, 3, 2, 1)"},
		{"not yields(two.python, 3) and yields(two.python, 3) == false", 0, true, Passed, "yields(two.python, 3)"},
	} {
		s := parseClaims(t, strings.TrimPrefix(counting, "\n"), "{claim: x, check: '"+c.check+"'}")
		claim := &s.Claims[0]
		v := claim.Eval(claim.Variants()[0], func(r Ref) (float64, bool) { return c.agree, c.known })
		if v.Status != c.want || !claim.NeedsValues() || claim.Refs()[0].String() != c.name {
			t.Errorf("%s with %g, %t: %+v", c.check, c.agree, c.known, v)
		}
		if c.known == strings.Contains(v.Reason, "no count yielded any") {
			t.Errorf("%s: %s", c.check, v.Reason)
		}
	}
	if s := parseClaims(t, strings.TrimPrefix(counting, "\n"), "{claim: x, check: 'yields(gil, 3)'}"); !slices.Equal(s.Claims[0].Variants(), []string{"one", "two"}) {
		t.Errorf("decided in %q", s.Claims[0].Variants())
	}
}

func TestYieldsMistakes(t *testing.T) {
	for check, want := range map[string]string{
		"yields()":               "yields needs a backend and the values",
		"yields(gil)":            "yields needs a backend and the values",
		"yields(3, 2, 1)":        "yields needs a backend and the values",
		"yields(gill, 3)":        "no backend or variant is called gill; did you mean gil",
		"yields(three.gil, 3)":   "no backend or variant is called three.gil",
		"yields(gil, 3, 2.5)":    "whole numbers",
		"yields(gil, 1) >= 0.5":  "is no comparison",
		"yields(gil.down.x, 10)": "no backend or variant is called gil.down.x",
	} {
		_, err := Parse("claims.yaml", []byte(strings.TrimPrefix(counting, "\n")+"expect:\n  - {claim: x, check: '"+check+"'}\n"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", check, err)
		}
	}
	_, err := Parse("claims.yaml", []byte(plainScenario+"expect:\n  - {claim: x, check: 'yields(gil, 3)'}\n"))
	if err == nil || !strings.Contains(err.Error(), "no task counts") {
		t.Errorf("without a count: %v", err)
	}
}

// The values that agree are those of the beginning.
func TestAgreement(t *testing.T) {
	r := Ref{Backend: "gil", Yields: "10 5 20"}
	for _, c := range []struct {
		values []int64
		want   int
	}{{[]int64{10, 5, 20, 9}, 3}, {[]int64{10, 5}, 2}, {[]int64{10, 20, 5}, 1}, {[]int64{1, 5, 20}, 0}, {nil, 0}} {
		if got := r.Agreement(c.values); got != c.want {
			t.Errorf("%v: %d agree, want %d", c.values, got, c.want)
		}
	}
}

// What is claimed of the order of measured values is claimed of the predicted ones.
func TestPredictYields(t *testing.T) {
	s := parseClaims(t, strings.TrimPrefix(counting, "\n"), "{claim: x, check: 'yields(gil, 3) or yields(two.native, 2, 1)'}")
	s.Predict()
	c := s.Claims[0]
	if c.Check != "yields(sim_gil, 3) or yields(two.sim_native, 2, 1)" || c.Refs()[1].String() != "yields(two.sim_native, 2, 1)" {
		t.Errorf("%s, %v", c.Check, c.Refs())
	}
}
