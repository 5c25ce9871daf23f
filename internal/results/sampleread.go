package results

import "github.com/fibsim/fibsim/gil/trace"

// SampleRow is a row of samples.csv.
type SampleRow struct {
	Scenario, Variant, Backend, Evidence string

	Rep, Order   int
	Phase, Group string
	Worker       int

	trace.Sample // of Counts, Switches alone is in the file

	// What the backend sees of its threads: their states, what the lock does to
	// them, and whether they have a CPU. The figures of the others are 0 and mean
	// nothing.
	States, Lock, Ready bool
}

// Samples calls f with each row of samples.csv in turn, and stops at its first
// error. The row is f's for the time of the call. Other errors are ReadErrors.
func (d *Dir) Samples(f func(*SampleRow) error) error {
	t, err := d.table(samplesFile, SampleColumns, sampleLeast)
	if err != nil {
		return err
	}
	defer t.close()
	var r SampleRow
	for t.next() {
		t.sample(&r)
		if t.err != nil {
			break
		}
		if err := f(&r); err != nil {
			return err
		}
	}
	return t.err
}

func (t *tableReader) sample(r *SampleRow) {
	*r = SampleRow{
		Scenario: t.text(0), Variant: t.text(1), Backend: t.text(2), Evidence: t.text(3),
		Rep: int(t.int(4)), Order: int(t.int(5)), Phase: t.text(6), Group: t.text(7), Worker: int(t.int(8)),
		Sample: trace.Sample{Seq: t.int(9), Intended: t.int(10), Start: t.int(11), End: t.int(12), Planned: t.int(15)},
	}
	r.Run, r.States = t.maybe(16)
	r.WaitGIL, _ = t.maybe(17)
	r.NoGIL, _ = t.maybe(18)
	r.Blocked, _ = t.maybe(19)
	r.Sample.Ready, r.Ready = t.maybe(20)
	r.Switches, r.Lock = t.maybe(21)
	switch t.text(22) {
	case "true":
	case "false":
		if r.Err = t.text(23); r.Err == "" {
			r.Err = "failed"
		}
	default:
		t.wrong(22, "must be true or false")
	}
}
