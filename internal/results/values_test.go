package results

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
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
