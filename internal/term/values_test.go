package term

import (
	"strings"
	"testing"

	"github.com/fibsim/fibsim/internal/results"
)

func TestValues(t *testing.T) {
	list := func(variant, backend string, rep int, values ...int64) results.ValueList {
		l := results.ValueList{Variant: variant, Backend: backend, Rep: rep}
		for _, v := range values {
			l.Values = append(l.Values, results.Value{Group: "down", Value: v})
		}
		return l
	}
	show := func(lists ...results.ValueList) string {
		var b strings.Builder
		Screen{Set: &results.Set{Run: results.RunFile{Values: lists}}, Style: Style{Width: 80}}.values(&b)
		return b.String()
	}
	if got := show(); got != "" {
		t.Errorf("without values: %q", got)
	}
	if got := show(list("", "gil", 1, 10, 5, 20, 9), list("", "sim_gil", 1, 3)); got != "\nvalues gil: 10 5 20 9\nvalues sim_gil: 3\n" {
		t.Errorf("got %q", got)
	}
	if got := show(list("two", "gil", 1, 1), list("two", "gil", 2, 1)); !strings.HasPrefix(got, "\nvalues gil, repetition 1 of variant two: 1\n") {
		t.Errorf("got %q", got)
	}
	if got := show(list("", "gil", 1, make([]int64, mostValues+2)...)); !strings.HasSuffix(got, " 0 and 2 more\n") || strings.Count(got, "0") != mostValues {
		t.Errorf("got %q", got)
	}
}
