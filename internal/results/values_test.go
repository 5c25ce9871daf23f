package results

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/scenarios"
)

// What counts yielded comes out in the order of the backends and repetitions, and
// not of groups alone.
func TestValues(t *testing.T) {
	c := testConfig()
	c.Backends = []string{"gil", "native"}
	w := mustOpen(t, c)
	for i, run := range []struct {
		backend string
		rep     int
	}{{"gil", 0}, {"native", 1}, {"gil", 1}, {"gil", 2}, {"native", 2}} {
		info := gilRun(run.rep, i+1)
		info.Backend = run.backend
		if run.rep == 0 {
			info.Alone = "crunch"
		}
		rep := gilReport("crunch", meterOf(window))
		rep.Values = []trace.Value{{Group: "crunch", Worker: i, Value: 10}, {Group: "quick", Value: 5}}
		mustAdd(t, w, info, rep)
	}
	var out bytes.Buffer
	if err := mustFinish(t, w, false).JSON(&out); err != nil {
		t.Fatal(err)
	}
	var got struct{ Values []ValueList }
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	list := func(backend string, rep, i int) ValueList {
		return ValueList{Backend: backend, Rep: rep, Values: []Value{{"crunch", i, 10}, {"quick", 0, 5}}}
	}
	if want := []ValueList{list("gil", 1, 2), list("gil", 2, 3), list("native", 1, 1), list("native", 2, 4)}; !reflect.DeepEqual(got.Values, want) {
		t.Errorf("got %+v", got.Values)
	}
}

// How many values come as a claim tells is that of the repetition with the fewest, on the
// backend and in the variant that it is about.
func TestAgreement(t *testing.T) {
	list := func(variant, backend string, rep int, values ...int64) ValueList {
		l := ValueList{Variant: variant, Backend: backend, Rep: rep}
		for i, v := range values {
			l.Values = append(l.Values, Value{"down", i, v})
		}
		return l
	}
	set := &Set{Backends: []string{"gil", "python_3_11"}, Run: RunFile{Values: []ValueList{
		list("one", "gil", 1, 3, 2, 1), list("one", "gil", 2, 3, 1, 2), list("two", "gil", 1, 9), list("one", "python_3_11", 1, 3, 2, 1),
	}}}
	for _, c := range []struct {
		variant, backend string
		want             Cell
	}{{"one", "gil", Int(1)}, {"two", "gil", Int(0)}, {"one", "python", Int(3)}, {"one", "native", Cell{}}} {
		if got := set.lookUp(scenarios.Ref{Variant: c.variant, Backend: c.backend, Yields: "3 2 1"}); got != c.want {
			t.Errorf("%s on %s: %v, want %v", c.variant, c.backend, got, c.want)
		}
	}
}
