package main

import (
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

func table() *tabwriter.Writer { return tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0) }

// printGoals prints how far each goal is: times in ns per event.
func (r *runs) printGoals(only string) {
	fmt.Println("\nGoals: ns per event, median [min max]; ours as a multiple of the anchor's")
	w := table()
	fmt.Fprintln(w, "goal\tours\tanchor\t\tratio\tpass\ttarget\tmoonshot\tverdict")
	for _, g := range goals {
		if !strings.Contains(g.name, only) {
			continue
		}
		a, b := r.results[g.ours], r.results[g.anchor]
		ratio := a.median() / b.median()
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", g.name, spread(a), strings.Join(append([]string{g.anchor.program}, g.anchor.args[1:3]...), " "), spread(b),
			number(ratio), bound(g.pass), bound(g.target), bound(g.moonshot), g.verdict(ratio))
	}
	w.Flush()
	for _, g := range goals {
		a, b := r.results[g.ours], r.results[g.anchor]
		if why := reasons[g.name]; why != "" && strings.Contains(g.name, only) && g.verdict(a.median()/b.median()) == "missed" {
			fmt.Printf("  %s: %s\n", g.name, why)
		}
	}
}

func (g *goal) verdict(ratio float64) string {
	switch {
	case math.IsNaN(ratio) || math.IsInf(ratio, 0) || ratio == 0:
		return "not measured"
	case g.pass == 0 && g.target == 0 && g.moonshot == 0:
		return ""
	case g.moonshot > 0 && ratio <= g.moonshot:
		return "moonshot"
	case g.target > 0 && ratio <= g.target:
		return "target"
	case g.pass > 0 && ratio <= g.pass:
		return "pass"
	}
	return "missed"
}

func spread(f *figures) string {
	if f.median() == 0 {
		return "-"
	}
	return fmt.Sprintf("%s [%s %s]", number(f.median()), number(slices.Min(f.ns)), number(slices.Max(f.ns)))
}

// number shows three digits.
func number(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) || x == 0 {
		return "-"
	}
	return strconv.FormatFloat(x, 'f', max(0, 2-int(math.Floor(math.Log10(x)))), 64)
}

func bound(x float64) string {
	if x == 0 {
		return ""
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

func (r *runs) printPeers(only string) {
	fmt.Println("\nOther engines: ns per event, and how many times as long as ours they take")
	w := table()
	fmt.Fprintln(w, "model and engine\tours\ttheirs\tfactor")
	for _, p := range peers {
		if !strings.Contains(p.name, only) {
			continue
		}
		a, b := r.results[p.ours], r.results[p.peer]
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", p.name, number(a.median()), number(b.median()), number(b.median()/a.median()))
	}
	w.Flush()
}

// printScale prints the growth with the number of timers. Beyond the caches a queue
// pays for memory, not for comparisons: the last column says what log n explains.
func (r *runs) printScale(only string) {
	if !strings.Contains("scale", only) {
		return
	}
	fmt.Println("\nScale: n timers or threads")
	w := table()
	fmt.Fprintln(w, "model\tn\tns per event\tMiB\tns / log2 n")
	for _, c := range scale {
		f := r.results[c]
		n, _ := strconv.ParseFloat(c.args[3], 64)
		fmt.Fprintf(w, "%s %s\t%s\t%s\t%s\t%s\n", c.args[0], c.args[1], c.args[3], number(f.median()), number(memory(f)), number(f.median()/math.Log2(n)))
	}
	w.Flush()
}

func memory(f *figures) float64 {
	if f == nil {
		return 0
	}
	return f.memory
}

// printChecks compares the results with theory and with each other: programs that drew
// the same numbers must have seen the same events, whatever their queue and language. It
// returns an error if they have not, since then the figures mean nothing.
func (r *runs) printChecks() error {
	fmt.Println("\nChecks")
	wrong := 0
	checks := map[string]map[string][]string{} // programs by model and check value
	for _, c := range r.order {
		f := r.results[c]
		if f.err != nil {
			continue
		}
		if t, known := theory[c.args[0]]; known && c.args[3] != "1000000" && math.Abs(f.extra-t.value) > t.within {
			fmt.Printf("  %s %s: %.5f, WRONG: theory says %v\n", c.program, strings.Join(c.args[:], " "), f.extra, t.value)
			wrong++
		}
		if c.args[2] != "tab" {
			continue
		}
		model := c.args[0] + " " + c.args[3]
		if c.args[1] == "skip" {
			model = "rrlong " + c.args[3]
		}
		if checks[model] == nil {
			checks[model] = map[string][]string{}
		}
		checks[model][f.check] = append(checks[model][f.check], c.program+" "+c.args[1])
	}
	for _, model := range slices.Sorted(maps.Keys(checks)) {
		if len(checks[model]) > 1 {
			fmt.Printf("  %s: DIFFERENT: %v\n", model, checks[model])
			wrong++
			continue
		}
		for check, programs := range checks[model] {
			fmt.Printf("  %s: %s, the same in %s\n", model, check, strings.Join(programs, ", "))
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d check values are wrong", wrong)
	}
	return nil
}

func (r *runs) printMissing() {
	fmt.Println("\nNot run")
	for _, c := range r.order {
		if f := r.results[c]; f.err != nil {
			fmt.Println("  " + f.err.Error())
		}
	}
	for _, reasons := range []map[string]string{r.missing, unavailable} {
		for _, name := range slices.Sorted(maps.Keys(reasons)) {
			fmt.Printf("  %s: not installed: %s\n", name, reasons[name])
		}
	}
}
