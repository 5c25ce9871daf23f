package plot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gonum "gonum.org/v1/plot"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/gil/trace/timeline"
	"github.com/fibsim/fibsim/internal/palette"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/workloads"
)

var window = trace.Window{Start: 10e6, End: 110e6}

// written writes a directory of the given variants, all of them on gil and native with
// two repetitions, and reads it. A hundred iterations of short take longer on gil.
func written(t *testing.T, states bool, variants ...string) *results.Dir {
	t.Helper()
	effective := map[string]any{
		"name": "demo", "title": "Short work waits", "warmup": "10ms", "interpreter": map[string]any{"switch_interval": "5ms"},
	}
	var list []any
	for i, v := range variants {
		if v != "" {
			list = append(list, map[string]any{"name": v, "set": map[string]any{intervalPath: []string{"500us", "5ms", "50ms"}[i%3]}})
		}
	}
	effective["variants"] = list
	c := results.Config{
		Scenario: "demo", Effective: effective, Version: "0.1.0", Command: []string{"fibsim", "run", "demo"}, Start: time.Unix(0, 0).UTC(),
		Host: results.Host{OS: "linux", CPUs: 2, CPUCount: 2, CPUModel: "Some CPU"}, Variants: variants, Backends: []string{"gil", "sim_native"},
		Dir: filepath.Join(t.TempDir(), "out"), States: states,
	}
	w, err := results.Create(c)
	if err != nil {
		t.Fatal(err)
	}
	order := 0
	for i, v := range variants {
		for rep := 1; rep <= 2; rep++ {
			for b, backend := range c.Backends {
				order++
				info := results.RunInfo{
					Variant: v, Backend: backend, Evidence: []string{"measured", "predicted"}[b], Rep: rep, Order: order,
					Program: &workloads.Program{Interpreter: workloads.Interpreter{Lock: "cpython-3"}, Threads: []workloads.Group{{Name: "long"}, {Name: "short"}}},
				}
				if err := w.Add(info, report(b == 0, int64(rep), int64(i), states)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if _, err := w.Finish(false); err != nil {
		t.Fatal(err)
	}
	d, err := results.Open(c.Dir)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// report is what a run made: 40 iterations of long, and 100 of short, which wait with
// the lock.
func report(lock bool, rep, variant int64, states bool) *trace.Report {
	wait := int64(0)
	if lock {
		wait = []int64{500_000, 5_000_000, 50_000_000}[variant%3]
	}
	r := &trace.Report{Window: window, States: true, Lock: lock}
	for _, g := range []struct {
		name  string
		n     int64
		takes int64
	}{{"long", 40, 2_000_000}, {"short", 100, 10_000 + wait}} {
		m := trace.NewMeter(window, 0, 0)
		for i := range g.n {
			start := window.Start + i*(window.End-window.Start)/g.n
			length := g.takes + i*1000*rep
			m.Add(&trace.Sample{Seq: i, Intended: start, Start: start, End: start + length, Run: length})
		}
		r.Groups = append(r.Groups, trace.GroupReport{Name: g.name, Workers: []*trace.Meter{m}})
	}
	if states {
		r.Log = handover(lock)
	}
	return r
}

// handover is a log in which short waits for long, and gets the lock from it at 25 ms.
func handover(lock bool) *trace.Log {
	log := &trace.Log{Threads: []trace.Thread{{Group: "long"}, {Group: "short"}}}
	state := func(at int64, thread int32, s trace.State) {
		log.Events = append(log.Events, trace.Event{Time: at, Kind: trace.StateChange, Thread: thread, Other: -1, Arg: int64(s)})
	}
	seq := int64(0)
	event := func(at int64, kind trace.Kind, thread int32) {
		if lock {
			seq++
			log.Events = append(log.Events, trace.Event{Time: at, Kind: kind, Seq: seq, Thread: thread, Other: -1})
		}
	}
	event(0, trace.Take, 0)
	state(0, 0, trace.Run)
	state(0, 1, trace.Sleep)
	state(20e6, 1, trace.WaitGIL)
	event(20e6, trace.Ask, 1)
	event(25e6, trace.Forced, 0)
	event(25e6, trace.Release, 0)
	state(25e6, 0, trace.WaitGIL)
	event(25e6+1000, trace.Take, 1)
	state(25e6+1000, 1, trace.Run)
	event(26e6, trace.Release, 1)
	state(26e6, 1, trace.Sleep)
	event(26e6+1000, trace.Take, 0)
	state(26e6+1000, 0, trace.Run)
	state(110e6, 0, trace.Done)
	state(110e6, 1, trace.Done)
	return log
}

func drawn(t *testing.T, d *results.Dir, o Options, format string) []byte {
	t.Helper()
	p, err := Draw(d, o)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := p.Write(format, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// texts returns all texts of an SVG.
func texts(t *testing.T, svg []byte) []string {
	t.Helper()
	var out []string
	inside := false
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := d.Token()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			inside = e.Name.Local == "text"
		case xml.EndElement:
			inside = false
		case xml.CharData:
			if inside {
				out = append(out, string(e))
			}
		}
	}
}

// Every picture says what it shows, in which unit, and what was measured.
func TestPicturesSpeakForThemselves(t *testing.T) {
	three := []string{"fast", "normal", "slow"}
	for _, c := range []struct {
		d    *results.Dir
		o    Options
		want []string
	}{
		{written(t, false, ""), Options{Kind: Spectrum}, []string{"latency [ms]", "percentile [%]", "99", "short", "long", "switch interval"}},
		{written(t, false, ""), Options{Kind: CDF, Value: "delay", Groups: []string{"short"}}, []string{"delay [ms]", "share of iterations [%]", "60", "short"}},
		{written(t, true, ""), Options{Kind: Timeline}, []string{"time since the start of the warm-up [ms]", "has the lock", "long-0", "short-0", "wait_gil", "20"}},
		{written(t, false, three...), Options{Kind: Interval}, []string{"switch interval [ms]", "delay_p50 [ms]", "0.5", "50", "as much as the interval"}},
		{written(t, false, three...), Options{Kind: Interval, Column: "throughput_per_s"}, []string{"throughput_per_s [1/s]"}},
		{written(t, false, three...), Options{Kind: Spectrum}, []string{"fast: short", "slow: long"}},
	} {
		svg := drawn(t, c.d, c.o, "svg")
		got := texts(t, svg)
		want := append(c.want, "demo: Short work waits", "gil measured on 2 CPUs (Some CPU) · sim_native predicted · fibsim 0.1.0")
		if c.o.Kind == Timeline {
			want = append(want, "gil (measured)")
		}
		for _, w := range want {
			if !slices.Contains(got, w) {
				t.Errorf("%s: it lacks %q; there are %q", c.o.Kind, w, got)
			}
		}
		if bytes.Contains(svg, []byte("NaN")) || bytes.Contains(svg, []byte("Inf")) {
			t.Errorf("%s: a place that is no number", c.o.Kind)
		}
		checkInside(t, c.o.Kind, svg)
	}
}

// checkInside holds every text against the edge of the picture.
func checkInside(t *testing.T, kind Kind, svg []byte) {
	t.Helper()
	if size := regexp.MustCompile(`<svg width="([\d.]+)pt"`).FindSubmatch(svg); size == nil || string(size[1]) != "675" {
		t.Errorf("%s: width %q", kind, size)
	}
}

// Equal results give equal bytes, whenever and in whatever order files are read.
func TestPicturesAreDeterministic(t *testing.T) {
	d := written(t, true, "fast", "normal", "slow")
	for _, kind := range Kinds() {
		for _, format := range Formats() {
			o := Options{Kind: kind, Width: 400}
			if kind == Timeline {
				o.Variants = []string{"normal"}
			}
			if a, b := drawn(t, d, o, format), drawn(t, d, o, format); !bytes.Equal(a, b) {
				t.Errorf("%s as %s differs from itself", kind, format)
			}
		}
	}
}

// A PNG has the size that was asked for, is not empty, and has the colours of the
// backends and states.
func TestPNG(t *testing.T) {
	d := written(t, true, "")
	for kind, colours := range map[Kind][]string{
		CDF:      {palette.Lines([]string{"gil"})[0].Light, palette.Lines([]string{"sim_native"})[0].Light},
		Timeline: {state(t, "run"), state(t, "wait_gil"), state(t, "sleep")},
	} {
		picture, err := png.Decode(bytes.NewReader(drawn(t, d, Options{Kind: kind, Width: 640, Height: 480}, "png")))
		if err != nil {
			t.Fatal(err)
		}
		if size := picture.Bounds().Size(); size != (image.Point{X: 640, Y: 480}) {
			t.Errorf("%s: size %v", kind, size)
		}
		for _, c := range colours {
			if !has(picture, c) {
				t.Errorf("%s: nothing is %s", kind, c)
			}
		}
	}
}

func state(t *testing.T, name string) string {
	t.Helper()
	s, ok := palette.Of(name)
	if !ok {
		t.Fatal(name)
	}
	return s.Light
}

func has(picture image.Image, code string) bool {
	r, g, b, _ := hex(code).RGBA()
	for y := picture.Bounds().Min.Y; y < picture.Bounds().Max.Y; y++ {
		for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X; x++ {
			if pr, pg, pb, _ := picture.At(x, y).RGBA(); pr == r && pg == g && pb == b {
				return true
			}
		}
	}
	return false
}

// Spans too short to be seen take no more room than the pixels that they are
// on, in the mean of their colours; a single one has its own.
func TestManySpans(t *testing.T) {
	var spans []timeline.Span
	for i := range int64(100_000) {
		spans = append(spans, timeline.Span{Start: i * 100, End: i*100 + 90, State: trace.Run}, timeline.Span{Start: i*100 + 90, End: i*100 + 100, State: trace.WaitGIL})
	}
	s := &selection{Dir: &results.Dir{}, Options: Options{Width: 400}, backends: []string{"gil"}}
	p := &Picture{width: 400, height: 300, panels: [][]*gonum.Plot{{s.lanePanel("gil", []lane{{name: "long-0", spans: spans}}, 0, 10_000_000)}}}
	var b bytes.Buffer
	if err := p.Write("svg", &b); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 200_000 {
		t.Errorf("%d bytes", b.Len())
	}
	b.Reset()
	if err := p.Write("png", &b); err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	var mean blend
	run, _ := palette.Of("run")
	wait, _ := palette.Of("wait_gil")
	mean.add(run.Color, 90)
	mean.add(wait.Color, 10)
	c := mean.mean().(color.NRGBA)
	like := 0
	for y := range picture.Bounds().Dy() {
		row := 0
		for x := range picture.Bounds().Dx() {
			r, g, b, _ := picture.At(x, y).RGBA()
			if near(r>>8, c.R) && near(g>>8, c.G) && near(b>>8, c.B) {
				row++
			}
		}
		like = max(like, row)
	}
	if like < picture.Bounds().Dx()*3/4 {
		t.Errorf("%d of %d pixels are like %v", like, picture.Bounds().Dx(), c)
	}
}

func near(got uint32, want uint8) bool { return got+4 > uint32(want) && got < uint32(want)+4 }

// What the results have not got is named, with what there is.
func TestChoices(t *testing.T) {
	plain, three := written(t, false, ""), written(t, true, "fast", "normal", "slow")
	for _, c := range []struct {
		d    *results.Dir
		o    Options
		want string
	}{
		{plain, Options{Kind: CDF, Groups: []string{"shrot"}}, `no group is named "shrot" here; there are long, short`},
		{plain, Options{Kind: CDF, Backends: []string{"native"}}, `no backend is named "native" here; there are gil, sim_native`},
		{plain, Options{Kind: CDF, Variants: []string{"fast"}}, `no variant is named "fast" here`},
		{plain, Options{Kind: CDF, Value: "x"}, `no value of an iteration is named "x"`},
		{plain, Options{Kind: "pie"}, `no kind of picture is named "pie"`},
		{plain, Options{Kind: Interval}, "the variants have no different switch intervals"},
		{written(t, false, "a", "b", "c", "d"), Options{Kind: Interval}, "a and d have the same switch interval"},
		{three, Options{Kind: Interval, Column: "x"}, `summary.csv has no column "x"`},
		{three, Options{Kind: Interval, Column: "peak_memory_bytes"}, "peak_memory_bytes is empty"},
		{three, Options{Kind: Timeline}, "a timeline is of one variant"},
		{three, Options{Kind: Timeline, Variants: []string{"fast"}, Rep: 3}, "states.csv has no run with repetition 3"},
		{three, Options{Kind: Timeline, Variants: []string{"fast"}, Started: true, From: 1e12}, "gil ends at 110ms, before the window begins"},
	} {
		_, err := Draw(c.d, c.o)
		var chosen *ChoiceError
		if !errors.As(err, &chosen) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%+v: got %v, want %s", c.o, err, c.want)
		}
	}
	if _, err := Draw(plain, Options{Kind: Timeline}); !errors.Is(err, results.ErrNoStates) {
		t.Errorf("a timeline without states: %v", err)
	}
}

// Of many values those are drawn that are a pixel apart, and always both ends; the
// curve keeps within a pixel of all of them.
func TestRanks(t *testing.T) {
	for _, kind := range []Kind{Spectrum, CDF} {
		s := &selection{Options: Options{Kind: kind}}
		for _, n := range []int{1, 2, 10, 1500, 1_000_000} {
			ranks := s.ranks(n)
			if ranks[0] != 0 || ranks[len(ranks)-1] != n-1 || len(ranks) > mostPoints+2 || !slices.IsSorted(ranks) {
				t.Errorf("%s of %d: %d ranks from %d to %d", kind, n, len(ranks), ranks[0], ranks[len(ranks)-1])
			}
		}
	}
}

func TestTicks(t *testing.T) {
	labels := func(ticks []gonum.Tick) string {
		var out []string
		for _, tick := range ticks {
			if tick.Label != "" {
				out = append(out, tick.Label)
			}
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		ticks []gonum.Tick
		want  string
	}{
		{decades{}.Ticks(0.004, 40), "0.01 0.1 1 10"},
		{decades{}.Ticks(3, 60), "5 10 20 50"},
		{even{5}.Ticks(0, 100), "0 20 40 60 80 100"},
		{even{6}.Ticks(0.301, 0.361), "0.31 0.32 0.33 0.34 0.35 0.36"},
		{even{4}.Ticks(-1, 1), "-1 -0.5 0 0.5 1"},
		{percentiles{}.Ticks(0, 4.2), "0 50 90 99 99.9 99.99"},
	} {
		if got := labels(c.ticks); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if v := nines(0.999); math.Abs(v-3) > 1e-9 {
		t.Errorf("99.9 %% is at %v", v)
	}
}
