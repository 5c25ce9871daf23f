package results

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/gil/trace/timeline"
	"github.com/fibsim/fibsim/scenarios"
)

// Config says what a command writes and what is known before it starts.
type Config struct {
	Scenario  string    // name of the scenario
	Effective any       // the scenario with every default, for run.json
	Notes     []string  // what the loader changed by rule, for run.json
	Version   string    // of the program
	Command   []string  // the command line, the program's name first
	Seed      uint64    // of all random durations and of the order of runs
	Start     time.Time // when the command started
	Host      Host
	Variants  []string // names of the variants in their order; one empty name without
	Backends  []string // backend column values in the order asked for
	Claims    []scenarios.Claim
	Warnings  []trace.Warning // known before the first run
	Baseline  bool            // groups are also run alone
	Predicted bool            // nothing is measured, so that the host does not matter
	Params    []Param         // of a sweep, sorted by column

	Dir          string    // directory for all files; empty: none
	Force        bool      // Dir may hold files
	CSV          string    // file for samples alone, - for Stdout; empty: none
	Stdout       io.Writer // used when CSV is -
	States       bool      // write states.csv and events.csv to Dir
	Tasks        bool      // there are event loops: with States, write tasks.csv too
	KeepBaseline bool      // write the iterations of groups alone, too
}

// Writer takes the reports of runs and writes them out. It is not safe for use
// by several goroutines.
type Writer struct {
	config   Config
	samples  []*rowFile // to Dir and to CSV
	summary  *rowFile
	states   *rowFile
	events   *rowFile
	tasks    *rowFile
	rows     []*Row
	runs     []runRecord
	values   []ValueList
	warnings warnings
	failed   error
}

// Create creates the files. It fails with an OutputError where a path cannot be
// used, and with a WriteError where the disk is full.
func Create(c Config) (*Writer, error) {
	w := &Writer{config: c}
	if err := w.open(); err != nil {
		w.closeAll()
		return nil, err
	}
	for _, warning := range c.Warnings {
		w.warnings.merge(warning)
	}
	w.hostWarnings()
	return w, nil
}

func (w *Writer) open() error {
	if w.config.Dir != "" {
		if err := w.openDir(); err != nil {
			return err
		}
	}
	switch w.config.CSV {
	case "":
		return nil
	case "-":
		f, err := newRowFile("standard output", keepOpen{w.config.Stdout}, w.config.withParams(SampleColumns))
		w.samples = append(w.samples, f)
		return unlessLeft(err)
	}
	f, err := createRows(w.config.CSV, w.config.withParams(SampleColumns))
	if err == nil {
		w.samples = append(w.samples, f)
	}
	return err
}

func (w *Writer) openDir() error {
	if err := makeDir(w.config.Dir, w.config.Force); err != nil {
		return err
	}
	create := func(name string, columns []Column) (f *rowFile, err error) {
		return createRows(filepath.Join(w.config.Dir, name), columns)
	}
	samples, err := create(samplesFile, w.config.withParams(SampleColumns))
	if err != nil {
		return err
	}
	w.samples = append(w.samples, samples)
	if w.summary, err = create(summaryFile, w.config.withParams(SummaryColumns)); err != nil || !w.config.States {
		return err
	}
	if w.states, err = create(statesFile, StateColumns); err != nil {
		return err
	}
	if w.events, err = create(eventsFile, EventColumns); err != nil || !w.config.Tasks {
		return err
	}
	w.tasks, err = create(tasksFile, TaskColumns)
	return err
}

// files returns the open CSV files.
func (w *Writer) files() []*rowFile {
	all := append([]*rowFile(nil), w.samples...)
	for _, f := range []*rowFile{w.summary, w.states, w.events, w.tasks} {
		if f != nil {
			all = append(all, f)
		}
	}
	return all
}

// Abandon closes the files and removes those of Dir, before the first run: what else
// the command needs cannot be had, so that there will be no results.
func (w *Writer) Abandon() {
	// Nothing is lost with what cannot be closed.
	_ = w.closeAll()
	for _, f := range w.files() {
		if w.config.Dir != "" && filepath.Dir(f.path) == filepath.Clean(w.config.Dir) {
			_ = os.Remove(f.path)
		}
	}
}

func (w *Writer) closeAll() error {
	var errs []error
	for _, f := range w.files() {
		errs = append(errs, unlessLeft(f.close()))
	}
	return errors.Join(errs...)
}

// Add takes the report of a run that has ended, and writes its rows before it
// returns. The runs of groups alone have to come before those of the whole
// program, whose slowdown rests on them.
//
// After a WriteError the files take nothing more, but the figures still do. A reader of
// samples that has left is no error: the others have theirs.
func (w *Writer) Add(info RunInfo, rep *trace.Report) error {
	if err := w.write(info, rep); err != nil && w.failed == nil {
		w.failed = err
	}
	w.runs = append(w.runs, newRunRecord(info, rep))
	w.runWarnings(info, rep)
	w.addValues(info, rep)
	if !info.Partial {
		for i := range rep.Groups {
			w.addRow(info, rep, &rep.Groups[i])
		}
	}
	for _, f := range w.files() {
		if err := unlessLeft(f.flush()); err != nil && w.failed == nil {
			w.failed = err
		}
	}
	return w.failed
}

// ReaderLeft reports whether samples go to standard output, and who read them has left.
func (w *Writer) ReaderLeft() bool {
	return w.config.CSV == "-" && slices.ContainsFunc(w.samples, func(f *rowFile) bool { return ReaderLeft(f.failed) })
}

// write sends the iterations and the log of a run to the files.
func (w *Writer) write(info RunInfo, rep *trace.Report) error {
	if info.Alone != "" && !w.config.KeepBaseline {
		return nil
	}
	for _, f := range w.samples {
		s := newSampleWriter(&w.config, info, rep, f)
		for i := range rep.Groups {
			if err := unlessLeft(s.group(&rep.Groups[i])); err != nil {
				return err
			}
		}
	}
	if rep.Log == nil || w.states == nil {
		return nil
	}
	line := timeline.Of(rep.Log)
	if err := writeStates(w.states, w.config.Scenario, info, line); err != nil {
		return err
	}
	if w.tasks != nil {
		if err := writeTasks(w.tasks, w.config.Scenario, info, line); err != nil {
			return err
		}
	}
	return writeEvents(w.events, w.config.Scenario, info, rep.Log)
}

// addValues keeps what the counts of a run yielded.
func (w *Writer) addValues(info RunInfo, rep *trace.Report) {
	if len(rep.Values) == 0 || info.Alone != "" {
		return
	}
	list := ValueList{Variant: info.Variant, Backend: info.Backend, Rep: info.Rep}
	for _, v := range rep.Values {
		list.Values = append(list.Values, Value(v))
	}
	w.values = append(w.values, list)
}

func (w *Writer) addRow(info RunInfo, rep *trace.Report, g *trace.GroupReport) {
	row := newRow(w.config.Scenario, info, rep, g)
	row.params = w.config.paramFields(info.Variant)
	if alone := w.alone(info.Variant, info.Backend, g.Name); alone != nil && info.Alone == "" {
		row.set("slowdown_ratio", slowdown(row, alone))
	}
	w.rows = append(w.rows, row)
	if w.summary != nil {
		// A failure is kept in the file and comes out of its flush.
		_ = w.summary.row(row.append(nil))
	}
}

// alone returns the row of a group by itself, or nil.
func (w *Writer) alone(variant, backend, group string) *Row {
	for _, r := range w.rows {
		if r.Phase == phaseAlone && r.Variant == variant && r.Backend == backend && r.Group == group {
			return r
		}
	}
	return nil
}
