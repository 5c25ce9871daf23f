package results

import (
	"cmp"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"time"
)

// Set is all that a command found out.
type Set struct {
	Run RunFile

	Variants []string // in their order; one empty name without variants
	Backends []string // in the order asked for

	// Rows are those of summary.csv, by variant and backend in the order asked
	// for, then by repetition, with the groups alone first.
	Rows []*Row
}

// Finish closes the files, computes what follows from all runs together, and
// writes run.json and datapackage.json. Aborted says that not all runs were
// made, or the last not in full.
//
// The Set is complete even where a file could not be written.
func (w *Writer) Finish(aborted bool) (*Set, error) {
	errs := []error{w.closeAll()}
	w.spreadWarnings()
	set := w.newSet(aborted)
	if w.config.Dir != "" {
		errs = append(errs, w.writeMeta(set))
	}
	return set, errors.Join(errs...)
}

// newSet puts the rows in order and computes what needs all of them.
func (w *Writer) newSet(aborted bool) *Set {
	set := &Set{Variants: w.config.Variants, Backends: w.config.Backends, Rows: w.rows}
	set.sortRows()
	slices.SortStableFunc(w.values, func(a, b ValueList) int {
		return cmp.Or(set.compare(a.Variant, a.Backend, b.Variant, b.Backend), cmp.Compare(a.Rep, b.Rep))
	})
	backends := w.backendInfos()
	host := w.config.Host
	host.Interpreters = interpreters(backends)
	set.Run = RunFile{
		Format: runFormat, Version: w.config.Version, Command: w.config.Command,
		Scenario: w.config.Effective, Notes: w.config.Notes, Seed: w.config.Seed,
		Start: w.config.Start.UTC(), End: time.Now().UTC(), Aborted: aborted,
		Host: host, Backends: backends, Runs: w.runs,
		Values: w.values, Indexes: w.indexes(), Percentiles: percentileIntervals(w.rows),
	}
	set.Run.Claims = w.judge(set, aborted) // by the values
	set.Run.Warnings = warningList(w.warnings.list)
	return set
}

// sortRows puts the rows in the order of a Set.
func (s *Set) sortRows() {
	slices.SortStableFunc(s.Rows, func(a, b *Row) int {
		return cmp.Or(s.compare(a.Variant, a.Backend, b.Variant, b.Backend), cmp.Compare(a.Rep, b.Rep))
	})
}

// compare orders by variant and backend as the Set does.
func (s *Set) compare(variantA, backendA, variantB, backendB string) int {
	return cmp.Or(
		cmp.Compare(slices.Index(s.Variants, variantA), slices.Index(s.Variants, variantB)),
		cmp.Compare(slices.Index(s.Backends, backendA), slices.Index(s.Backends, backendB)))
}

// writeMeta writes the two files that describe the others. It comes last, so
// that a directory with a run.json is one whose files are closed.
func (w *Writer) writeMeta(set *Set) error {
	content, err := encode(newDataPackage(&w.config))
	if err != nil {
		return err
	}
	perr := w.replace(packageFile, content)
	set.Run.Files, err = w.fileRecords()
	if err != nil {
		return errors.Join(perr, err)
	}
	if content, err = encode(set.Run); err != nil {
		return errors.Join(perr, err)
	}
	return errors.Join(perr, w.replace(runFile, content))
}

// replace writes a file of Dir, which took files before: that it takes none any more is a
// WriteError, too.
func (w *Writer) replace(name string, content []byte) error {
	err := ReplaceFile(filepath.Join(w.config.Dir, name), content)
	var output *OutputError
	if errors.As(err, &output) {
		return &WriteError{Path: output.Path, Err: output.Err}
	}
	return err
}

// JSON writes the content of run.json with the rows of summary.csv as its last
// key, summary.
func (s *Set) JSON(out io.Writer) error {
	rows := s.Rows
	if rows == nil {
		rows = []*Row{}
	}
	content, err := encode(struct {
		RunFile
		Summary []*Row `json:"summary"`
	}{s.Run, rows})
	if err != nil {
		return err
	}
	if _, err := out.Write(content); err != nil {
		return &WriteError{Path: "standard output", Err: err}
	}
	return nil
}

// FailedClaims returns how many claims failed.
func (s *Set) FailedClaims() int {
	n := 0
	for _, c := range s.Run.Claims {
		if c.Failed() {
			n++
		}
	}
	return n
}

// Key names the rows of one group: one for each repetition.
type Key struct {
	Variant, Backend, Group string
	Alone                   bool
}

// Select returns the rows of a group, by repetition.
func (s *Set) Select(k Key) []*Row {
	phase := phaseMeasure
	if k.Alone {
		phase = phaseAlone
	}
	var out []*Row
	for _, r := range s.Rows {
		if r.Variant == k.Variant && r.Backend == k.Backend && r.Group == k.Group && r.Phase == phase {
			out = append(out, r)
		}
	}
	return out
}

// Groups returns the groups of a variant in their order.
func (s *Set) Groups(variant string) []string {
	var out []string
	for _, r := range s.Rows {
		if r.Variant == variant && r.Phase == phaseMeasure && !slices.Contains(out, r.Group) {
			out = append(out, r.Group)
		}
	}
	return out
}

// Median returns the median of a column over the repetitions. It is missing
// where any repetition lacks the figure: the others would stand for it.
func (s *Set) Median(k Key, column string) Cell {
	var values []float64
	for _, r := range s.Select(k) {
		v, ok := r.Get(column).Value()
		if !ok {
			return Cell{}
		}
		values = append(values, v)
	}
	if len(values) == 0 {
		return Cell{}
	}
	return Float(median(values))
}

// Index returns the favor-CPU-bound index of a variant on a backend, or nil.
func (s *Set) Index(variant, backend string) *Index {
	for i := range s.Run.Indexes {
		if x := &s.Run.Indexes[i]; x.Variant == variant && x.Backend == backend {
			return x
		}
	}
	return nil
}
