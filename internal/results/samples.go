package results

import (
	"strconv"
	"strings"

	"github.com/fibsim/fibsim/gil/trace"
)

// sampleWriter writes the iterations of one run as lines of samples.csv.
type sampleWriter struct {
	prefix string // scenario to order, the same in every row of the run
	suffix string // the parameters of a sweep, as well
	phase  string // of iterations inside the window
	window trace.Window
	sees   sees
	out    *rowFile
	line   []byte
}

func newSampleWriter(c *Config, info RunInfo, rep *trace.Report, out *rowFile) *sampleWriter {
	var b []byte
	for _, s := range []string{c.Scenario, info.Variant, info.Backend, info.Evidence} {
		b = append(appendField(b, s), ',')
	}
	b = append(strconv.AppendInt(b, int64(info.Rep), 10), ',')
	b = append(strconv.AppendInt(b, int64(info.Order), 10), ',')
	return &sampleWriter{prefix: string(b), suffix: c.paramFields(info.Variant), phase: info.phase(), window: rep.Window, sees: seenBy(rep), out: out}
}

// group writes the kept iterations of a group, worker by worker, each in the
// order in which they ended.
func (w *sampleWriter) group(g *trace.GroupReport) error {
	var err error
	for worker, m := range g.Workers {
		m.Rows(func(s *trace.Sample) {
			if err == nil {
				err = w.row(g.Name, worker, s)
			}
		})
	}
	return err
}

func (w *sampleWriter) row(group string, worker int, s *trace.Sample) error {
	phase := w.phase
	switch w.window.Phase(s.Intended) {
	case trace.Warmup:
		phase = phaseWarmup
	case trace.After:
		return nil
	}
	b := append(w.line[:0], w.prefix...)
	b = append(append(b, phase...), ',')
	b = append(append(b, group...), ',')
	b = strconv.AppendInt(b, int64(worker), 10)
	for _, v := range [...]int64{s.Seq, s.Intended, s.Start, s.End, s.Latency(), s.Response(), s.Planned} {
		b = strconv.AppendInt(append(b, ','), v, 10)
	}
	b = appendIf(b, w.sees.states, s.Run)
	b = appendIf(b, w.sees.states && w.sees.lock, s.WaitGIL)
	b = appendIf(b, w.sees.states, s.NoGIL)
	b = appendIf(b, w.sees.states, s.Blocked)
	b = appendIf(b, w.sees.ready, s.Ready)
	b = appendIf(b, w.sees.lock, s.Switches)
	b = strconv.AppendBool(append(b, ','), s.Err == "")
	b = append(appendField(append(b, ','), s.Err), w.suffix...)
	b = append(b, '\n')
	w.line = b
	return w.out.row(b)
}

// appendIf appends the next field, empty unless the backend can see it.
func appendIf(b []byte, seen bool, v int64) []byte {
	b = append(b, ',')
	if !seen {
		return b
	}
	return strconv.AppendInt(b, v, 10)
}

// appendField appends a string as RFC 4180 wants it: quoted where it holds a
// comma, a quote or a line break.
func appendField(b []byte, s string) []byte {
	if !strings.ContainsAny(s, ",\"\r\n") {
		return append(b, s...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(s, `"`, `""`)...)
	return append(b, '"')
}
