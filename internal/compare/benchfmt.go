package compare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fibsim/fibsim/internal/results"
)

// Benchfmt returns the figures of directories in the format of Go's benchmarks
// (golang.org/design/14313-benchmark-format): a line for each group and repetition, so
// that benchstat compares such files. Times are in ns, rates in 1/s.
//
// The keys above the lines are those that Go writes, as benchstat compares only what
// has equal ones; of several directories each has its name, too.
func Benchfmt(dirs []*results.Dir, columns []string) string {
	var b strings.Builder
	for _, d := range dirs {
		host := d.Run.Host
		keys := [][2]string{{"goos", host.OS}, {"goarch", host.Arch}, {"cpu", host.CPUModel}}
		if len(dirs) > 1 {
			keys = append(keys, [2]string{"directory", d.Path})
		}
		for _, line := range keys {
			fmt.Fprintf(&b, "%s: %s\n", line[0], strings.Join(strings.Fields(line[1]), " "))
		}
		benchLines(&b, d, columns)
	}
	return b.String()
}

// benchLines writes the lines of one directory.
func benchLines(b *strings.Builder, d *results.Dir, columns []string) {
	for _, c := range columns {
		if higherIsBetter(c) {
			fmt.Fprintf(b, "Unit %s better=higher\n", unitOf(c))
		}
	}
	evidence := ""
	for _, k := range groupsOf(d) {
		for _, r := range rowsOf(d, k) {
			figures := benchFigures(r, columns)
			if figures == "" {
				continue
			}
			if r.Evidence != evidence {
				evidence = r.Evidence
				fmt.Fprintf(b, "evidence: %s\n", evidence)
			}
			fmt.Fprintf(b, "%s %d%s\n", benchName(r), iterations(r), figures)
		}
	}
}

// benchName names the group of a row, in parts that benchstat can sort by.
func benchName(r *results.Row) string {
	name := "BenchmarkFibsim/scenario=" + r.Scenario
	if r.Variant != "" {
		name += "/variant=" + r.Variant
	}
	return name + "/backend=" + r.Backend + "/group=" + r.Group
}

// iterations returns how many the figures of a row rest on: at least 1, as the format
// wants it.
func iterations(r *results.Row) int64 {
	n, _ := r.Get("iterations").Value()
	return max(1, int64(n))
}

// benchFigures returns the figures that a row has, each with its unit.
func benchFigures(r *results.Row, columns []string) string {
	text := ""
	for _, c := range columns {
		if cell := r.Get(c); cell != (results.Cell{}) {
			text += " " + cell.String() + " " + unitOf(c)
		}
	}
	return text
}

// unitOf returns the unit of a column: its name, with the end in the form that
// benchstat knows.
func unitOf(column string) string {
	if name, ok := strings.CutSuffix(column, "_ns"); ok {
		return name + "-ns"
	}
	if name, ok := strings.CutSuffix(column, "_per_s"); ok {
		return name + "/s"
	}
	return column
}

// higherIsBetter reports whether more of a column is better; benchstat takes less to
// be, where nothing is said.
func higherIsBetter(column string) bool {
	return strings.HasSuffix(column, "_per_s") || slices.Contains([]string{"iterations", "run_share_ratio"}, column)
}
