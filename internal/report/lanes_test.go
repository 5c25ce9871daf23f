package report

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/gil/trace/timeline"
	"github.com/fibsim/fibsim/internal/palette"
)

// unpack reads lanes of the given lengths in the form that packed.js describes.
func unpack(t *testing.T, packed string, counts ...int) [][]interval {
	t.Helper()
	raw, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(packed)))
	if err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(raw)
	number := func() int64 {
		v, err := binary.ReadUvarint(r)
		if err != nil {
			t.Fatal(err)
		}
		return int64(v)
	}
	var lanes [][]interval
	for _, n := range counts {
		lane := make([]interval, n)
		for i := range lane {
			if lane[i].what, err = r.ReadByte(); err != nil {
				t.Fatal(err)
			}
		}
		for i := range lane {
			lane[i].start = number() // from the end before
		}
		last := int64(0)
		for i := range lane {
			lane[i].start += last
			last = lane[i].start + number()
			lane[i].end = last
		}
		lanes = append(lanes, lane)
	}
	if rest, _ := io.ReadAll(r); len(rest) > 0 {
		t.Errorf("%d bytes are left", len(rest))
	}
	return lanes
}

// What goes into a page comes out of it, but for what is empty or overlaps.
func TestPacker(t *testing.T) {
	first := []interval{{0, 5, 1}, {5, 1 << 40, 0}, {1<<40 + 3, 1<<40 + 4, 5}}
	second := []interval{{7, 9, 2}, {9, 9, 1}, {8, 12, 3}, {10, 11, 1}}
	var p packer
	counts := []int{p.lane(first), p.lane(nil), p.lane(second)}
	if !slices.Equal(counts, []int{3, 0, 2}) || p.total != 5 {
		t.Fatalf("counts %v, %d in all", counts, p.total)
	}
	got := unpack(t, p.base64(), counts...)
	if !slices.Equal(got[0], first) || !slices.Equal(got[2], []interval{{7, 9, 2}, {9, 12, 3}}) {
		t.Errorf("got %v", got)
	}
}

// A state has the number under which the scripts know its name.
func TestStateNumbers(t *testing.T) {
	for s := trace.Run; s < trace.Done; s++ {
		if got := palette.States()[stateNumbers[s]].Name; got != s.String() {
			t.Errorf("%s is drawn as %s", s, got)
		}
	}
	if got := append(palette.States(), palette.Behind)[stateNumbers[trace.Behind]].Name; got != trace.Behind.String() {
		t.Errorf("behind is drawn as %s", got)
	}
}

// crowd returns threads of the given groups, such as a:3.
func crowd(a, b int) []trace.Thread {
	var out []trace.Thread
	for i := range a {
		out = append(out, trace.Thread{Group: "a", Worker: i})
	}
	for i := range b {
		out = append(out, trace.Thread{Group: "b", Worker: i})
	}
	return out
}

// Threads and tasks share the room that there is.
func TestChosen(t *testing.T) {
	for _, c := range []struct{ a, b, wantA, wantB int }{{2, 3, 2, 3}, {100, 1, 39, 1}, {100, 100, 20, 20}, {0, 50, 0, 40}} {
		names := crowd(c.a, c.b)
		threads, tasks := chosen(&timeline.Timeline{Threads: names[:c.a], Tasks: names[c.a:]})
		a, b := len(threads), len(tasks)
		if a != c.wantA || b != c.wantB {
			t.Errorf("%d threads and %d tasks: %d and %d are shown, want %d and %d", c.a, c.b, a, b, c.wantA, c.wantB)
		}
	}
}

// A holder that is not shown is one of the others.
func TestRootOfACrowd(t *testing.T) {
	threads := crowd(60, 0)
	line := &timeline.Timeline{
		Threads: threads, Lanes: make([][]timeline.Span, len(threads)), End: 10,
		Holds: []timeline.Hold{{Start: 0, End: 4, Thread: 3}, {Start: 5, End: 9, Thread: 55, Forced: true}},
	}
	var p packer
	root := p.root("gil", "measured", line)
	if root.Note != "measured; 40 of 60 threads" || len(root.Lanes) != 41 {
		t.Errorf("%s, %d lanes", root.Note, len(root.Lanes))
	}
	holder := root.Lanes[0]
	got := unpack(t, p.base64(), holder.Count)[0]
	if a, b := holder.Owners[got[0].what], holder.Owners[got[1].what-madeTo]; a != "a-3" || b != "others" {
		t.Errorf("holders %s and %s", a, b)
	}
}

// A task has a lane after those of threads, of a kind of its own.
func TestRootWithTasks(t *testing.T) {
	line := &timeline.Timeline{
		Threads: crowd(1, 0), Lanes: [][]timeline.Span{{{Start: 0, End: 9, State: trace.Run}}},
		Tasks: crowd(0, 50), TaskLanes: make([][]timeline.TaskSpan, 50), End: 10,
	}
	line.TaskLanes[1] = []timeline.TaskSpan{
		{Span: timeline.Span{Start: 0, End: 4, State: trace.Behind}}, {Span: timeline.Span{Start: 4, End: 9, State: trace.Run}},
	}
	var p packer
	root := p.root("gil", "measured", line)
	if root.Note != "measured; 39 of 50 tasks" || len(root.Lanes) != 40 || !p.tasks {
		t.Fatalf("%s, %d lanes", root.Note, len(root.Lanes))
	}
	if l := root.Lanes[2]; l.Name != "b-1" || l.Kind != "task" || l.Count != 2 || root.Lanes[0].Kind != "state" {
		t.Errorf("%+v", l)
	}
	counts := make([]int, len(root.Lanes))
	for i, l := range root.Lanes {
		counts[i] = l.Count
	}
	want := []interval{{0, 4, byte(len(palette.States()))}, {4, 9, stateNumbers[trace.Run]}}
	if got := unpack(t, p.base64(), counts...)[2]; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if n := begun([]*timeline.Timeline{line}, 4); n != 2 {
		t.Errorf("%d intervals begin before 4", n)
	}
}

// Too many intervals end the timeline at the last instant at which they still fit.
func TestFitting(t *testing.T) {
	line := &timeline.Timeline{Lanes: [][]timeline.Span{{}, {}}, End: 1000}
	for i := range int64(100) {
		line.Lanes[0] = append(line.Lanes[0], timeline.Span{Start: 10 * i, End: 10*i + 10})
		line.Holds = append(line.Holds, timeline.Hold{Start: 10 * i, End: 10*i + 9})
	}
	list := []*timeline.Timeline{line}
	if got := fitting(list, 200); got != 1000 {
		t.Errorf("all fit, got %d", got)
	}
	cut := fitting(list, 50)
	if n := len(line.Window(0, cut).Lanes[0]) + len(line.Window(0, cut).Holds); n > 50 || n < 48 {
		t.Errorf("up to %d there are %d intervals", cut, n)
	}
	if got := fitting(list, 0); got != 0 {
		t.Errorf("nothing fits, got %d", got)
	}
}

// A lane compresses to a few bytes an interval, so that a million of them are small.
func TestPackedSize(t *testing.T) {
	var p packer
	var lane []interval
	at := int64(0)
	for i := range int64(100_000) {
		length := 1000 + i*7919%50_000
		lane = append(lane, interval{at, at + length, byte(i % 3)})
		at += length
	}
	p.lane(lane)
	if perInterval := float64(len(p.base64())) / float64(len(lane)); perInterval > 5 {
		t.Errorf("%.1f characters an interval", perInterval)
	}
	if bytes.Contains([]byte(p.base64()), []byte("\n")) {
		t.Error("a line break")
	}
}
