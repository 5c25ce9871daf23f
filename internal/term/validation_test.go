package term

import (
	"strings"
	"testing"

	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/validate"
)

func ratio(value, low, high float64) validate.Ratio {
	return validate.Ratio{Value: results.Float(value), Low: results.Float(low), High: results.Float(high)}
}

// demoRows are two groups on three backends, one of them with a theory and with a
// p99.
func demoRows(variant string) []*validate.Row {
	row := func(group, backend, evidence string) *validate.Row {
		return &validate.Row{
			Variant: variant, Group: group, Backend: backend, Evidence: evidence, Reference: "python_3_11", Repetitions: 6,
			RateRatio: ratio(0.987, 0.95, 1.02), P50Ratio: ratio(1.013, 0.99, 1.04), Distance: results.Float(0.05),
		}
	}
	var rows []*validate.Row
	for _, group := range []string{"crunch", "quick"} {
		reference := row(group, "python_3_11", "measured")
		reference.Rate, reference.P50 = results.Float(78.9), results.Int(12*ms)
		gil, sim := row(group, "gil", "measured"), row(group, "sim_gil", "predicted")
		sim.RateRatio, sim.P50Ratio.Low, sim.P50Ratio.High = ratio(12.34, 0.0123, 456), results.Cell{}, results.Cell{}
		gil.WaitShare, sim.WaitShare = results.Float(0.46), results.Float(0.5)
		if group == "quick" {
			for i, r := range []*validate.Row{reference, gil, sim} {
				r.P99Ratio = ratio(1.1, 0.8, 1.5)
				r.TheoryRate, r.TheoryForm = results.Float(79.06), "1/(25.1ms asleep + 7.18µs of work)"
				r.TheoryOffset = results.Float(float64(i)*0.01 - 0.002)
			}
			reference.P99 = results.Int(31 * ms)
		}
		rows = append(rows, reference, gil, sim)
	}
	return rows
}

func written(t *testing.T, v Validation) string {
	t.Helper()
	var b strings.Builder
	if err := v.Write(&b); err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(b.String()) {
		if n := width(strings.TrimSuffix(l, "\n")); n > v.Style.Width {
			t.Errorf("%d columns: %s", n, l)
		}
	}
	return b.String()
}

func TestValidation(t *testing.T) {
	v := Validation{Name: "mixed", Title: "Short work waits", Reference: "python_3_11", Rows: demoRows(""), CPUs: 2}
	for name, style := range map[string]Style{
		"validation.txt": {Width: 110}, "validation-narrow.txt": {Width: 80, ASCII: true},
	} {
		v.Style = style
		golden(t, name, written(t, v))
	}
}

// Variants have a column of their own; a reference that is no interpreter and a
// stop are told; of unequal numbers of repetitions both ends are.
func TestValidationOfVariants(t *testing.T) {
	rows := append(demoRows("fast"), demoRows("slow")...)
	rows[1].Repetitions = 5
	v := Validation{Name: "mixed", Reference: "python_3_11", Emulated: true, Stopped: true, Rows: rows, CPUs: 1, Style: Style{Width: 120}}
	got := written(t, v)
	for _, want := range []string{
		"No interpreter took part, so that python_3_11 is the reference.\n", "\nvariant  group   backend ", "\nfast     crunch  python_3_11",
		"\nslow     crunch  python_3_11", "over 5 to 6 repetitions", "1 CPU; sim_gil predicted", "\nTheory, slow: quick: 79.1/s = ", "\nStopped early",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %q\n%s", want, got)
		}
	}
}

// Nothing was found before the first run ended.
func TestEmptyValidation(t *testing.T) {
	got := written(t, Validation{Name: "mixed", Stopped: true, Style: Style{Width: 80}})
	if got != "mixed\n\nStopped early: only runs that had ended are counted.\n" {
		t.Errorf("got %q", got)
	}
}
