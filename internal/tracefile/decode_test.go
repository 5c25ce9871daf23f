package tracefile

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// raw is a field as it stands in a message.
type raw struct {
	number protowire.Number
	wire   protowire.Type
	value  uint64
	bytes  []byte
}

// fieldsOf reads a message with a decoder that is not ours.
func fieldsOf(t *testing.T, message []byte) []raw {
	t.Helper()
	var out []raw
	for len(message) > 0 {
		number, wire, n := protowire.ConsumeTag(message)
		if n < 0 {
			t.Fatalf("a tag: %v", protowire.ParseError(n))
		}
		message = message[n:]
		f := raw{number: number, wire: wire}
		switch wire {
		case protowire.VarintType:
			f.value, n = protowire.ConsumeVarint(message)
		case protowire.Fixed64Type:
			f.value, n = protowire.ConsumeFixed64(message)
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(message)
		default:
			t.Fatalf("field %d has wire type %d, which nothing here has", number, wire)
		}
		if n < 0 {
			t.Fatalf("field %d: %v", number, protowire.ParseError(n))
		}
		message = message[n:]
		out = append(out, f)
	}
	return out
}

// shown is a slice, an instant or a value of a counter, as a viewer has it.
type shown struct {
	root, track string // their names
	kind        string // slice, instant or counter
	name        string
	start, end  int64 // equal but for slices
	value       int64 // of a counter
	args        string
}

func (s shown) String() string {
	text := fmt.Sprintf("%s | %s | %s %s %d", s.root, s.track, s.kind, s.name, s.start)
	switch s.kind {
	case "slice":
		text += fmt.Sprintf("-%d", s.end)
	case "counter":
		text += fmt.Sprintf(" = %d", s.value)
	}
	return text + s.args
}

// viewed is what a viewer makes of a file.
type viewed struct {
	shown  []shown
	tracks []string         // of Perfetto: path and rank of each, in the order of the file
	flows  map[uint64][]int // where each arrow begins and ends, as numbers in shown
}

func contentOf(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(path, ".gz") {
		z, err := gzip.NewReader(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		if content, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	return content
}

// perfettoReader decodes Perfetto's format by the numbers of its definition.
type perfettoReader struct {
	t      *testing.T
	out    viewed
	tracks map[uint64]described
	texts  [3]map[uint64]string // interned: 1 categories, 2 names
	open   map[uint64][]int     // slices of a track that have begun
	ranks  map[string]bool
}

type described struct {
	name     string
	parent   uint64
	rank     uint64
	explicit bool
}

func viewPerfetto(t *testing.T, path string) *viewed {
	t.Helper()
	r := perfettoReader{t: t, tracks: map[uint64]described{}, open: map[uint64][]int{}, ranks: map[string]bool{}}
	r.out.flows = map[uint64][]int{}
	r.texts[1], r.texts[2] = map[uint64]string{}, map[uint64]string{}
	for i, p := range fieldsOf(t, contentOf(t, path)) {
		if p.number != 1 || p.wire != protowire.BytesType {
			t.Fatalf("packet %d is field %d of a trace", i, p.number)
		}
		r.packet(i, p.bytes)
	}
	for id, open := range r.open {
		if len(open) > 0 {
			t.Errorf("track %s: %d slices never end", r.tracks[id].name, len(open))
		}
	}
	return &r.out
}

func (r *perfettoReader) packet(i int, b []byte) {
	at, sequence, flags := int64(math.MinInt64), uint64(0), uint64(0)
	var event []byte
	for _, f := range fieldsOf(r.t, b) {
		switch f.number {
		case 8:
			at = int64(f.value)
		case 10:
			sequence = f.value
		case 11:
			event = f.bytes
		case 12:
			for _, entry := range fieldsOf(r.t, f.bytes) {
				parts := fieldsOf(r.t, entry.bytes)
				r.texts[entry.number][parts[0].value] = string(parts[1].bytes)
			}
		case 13:
			flags = f.value
		case 60:
			r.descriptor(f.bytes)
		default:
			r.t.Fatalf("packet %d has a field %d", i, f.number)
		}
	}
	if want := uint64(2); sequence != 1 || i == 0 && flags != 3 || i > 0 && flags != want {
		r.t.Fatalf("packet %d: sequence %d, flags %d", i, sequence, flags)
	}
	if event != nil {
		if at < 0 {
			r.t.Fatalf("packet %d: an event at %d", i, at)
		}
		r.event(at, event)
	}
}

func (r *perfettoReader) descriptor(b []byte) {
	var d described
	id := uint64(0)
	for _, f := range fieldsOf(r.t, b) {
		switch f.number {
		case 1:
			id = f.value
		case 2:
			d.name = string(f.bytes)
		case 5:
			d.parent = f.value
		case 8:
		case 11:
			d.explicit = f.value == 3
		case 12:
			d.rank = f.value
		default:
			r.t.Fatalf("a track descriptor has a field %d", f.number)
		}
	}
	if _, twice := r.tracks[id]; id == 0 || twice {
		r.t.Errorf("track %d is described twice", id)
	}
	if parent, known := r.tracks[d.parent]; d.parent != 0 && (!known || !parent.explicit) {
		r.t.Errorf("track %s stands below one that is not there yet or orders by itself", d.name)
	}
	place := fmt.Sprint(d.parent, " ", d.rank)
	if r.ranks[place] {
		r.t.Errorf("track %s has the rank of another", d.name)
	}
	r.ranks[place] = true
	r.tracks[id] = d
	r.out.tracks = append(r.out.tracks, fmt.Sprintf("%s #%d", r.path(id), d.rank))
}

// path returns the names of a track and of those above it.
func (r *perfettoReader) path(id uint64) string {
	d := r.tracks[id]
	if d.parent == 0 {
		return d.name
	}
	return r.path(d.parent) + " / " + d.name
}

func (r *perfettoReader) event(at int64, b []byte) {
	kind, id := uint64(0), uint64(0)
	s := shown{start: at, end: at}
	var flows []uint64
	for _, f := range fieldsOf(r.t, b) {
		switch f.number {
		case 3:
			if r.texts[1][f.value] == "" {
				r.t.Fatalf("category %d is not there", f.value)
			}
		case 4:
			s.args += r.annotation(f.bytes)
		case 9:
			kind = f.value
		case 10:
			s.name = r.texts[2][f.value]
		case 11:
			id = f.value
		case 30:
			s.value = int64(f.value)
		case 47, 48:
			if f.wire != protowire.Fixed64Type {
				r.t.Fatalf("flow %d has wire type %d", f.value, f.wire)
			}
			flows = append(flows, f.value)
		default:
			r.t.Fatalf("an event has a field %d", f.number)
		}
	}
	path := strings.Split(r.path(id), " / ")
	s.root, s.track = path[0], path[len(path)-1]
	switch kind {
	case 1:
		s.kind = "slice"
		r.open[id] = append(r.open[id], len(r.out.shown))
	case 2:
		open := r.open[id]
		if len(open) == 0 {
			r.t.Fatalf("track %s ends a slice that has not begun", s.track)
		}
		began := &r.out.shown[open[len(open)-1]]
		if began.end = at; at < began.start {
			r.t.Errorf("%v ends at %d", began, at)
		}
		r.open[id] = open[:len(open)-1]
		return
	case 3:
		s.kind = "instant"
	case 4:
		s.kind, s.name = "counter", s.track
	default:
		r.t.Fatalf("an event of type %d", kind)
	}
	if s.name == "" {
		r.t.Fatalf("%v has no name", s)
	}
	for _, flow := range flows {
		r.out.flows[flow] = append(r.out.flows[flow], len(r.out.shown))
	}
	r.out.shown = append(r.out.shown, s)
}

func (r *perfettoReader) annotation(b []byte) string {
	name, value := "", ""
	for _, f := range fieldsOf(r.t, b) {
		switch f.number {
		case 4:
			value = fmt.Sprint(int64(f.value))
		case 6:
			value = string(f.bytes)
		case 10:
			name = string(f.bytes)
		default:
			r.t.Fatalf("an annotation has a field %d", f.number)
		}
	}
	return " " + name + "=" + value
}

// chromeEvent is an event of Chrome's format.
type chromeEvent struct {
	Ph, Name, Cat, S, Bp string
	Pid, Tid, ID         uint64
	Ts, Dur              json.Number
	Args                 json.RawMessage
}

// nanos reads microseconds with three decimals.
func nanos(t *testing.T, n json.Number) int64 {
	t.Helper()
	v, err := n.Float64()
	if err != nil {
		t.Fatal(err)
	}
	return int64(math.Round(v * 1000))
}

func viewChrome(t *testing.T, path string) *viewed {
	t.Helper()
	var events []chromeEvent
	if err := json.Unmarshal(contentOf(t, path), &events); err != nil {
		t.Fatal(err)
	}
	names := map[[2]uint64]string{}
	out := &viewed{flows: map[uint64][]int{}}
	for _, e := range events {
		s := shown{name: e.Name, root: names[[2]uint64{e.Pid, e.Pid}], track: names[[2]uint64{e.Pid, e.Tid}]}
		if e.Ts != "" {
			s.start = nanos(t, e.Ts)
			s.end = s.start
		}
		switch e.Ph {
		case "M":
			var args struct{ Name string }
			if err := json.Unmarshal(e.Args, &args); err != nil {
				t.Fatal(err)
			}
			if args.Name != "" {
				names[[2]uint64{e.Pid, e.Tid}] = args.Name
			}
			continue
		case "X":
			s.kind = "slice"
			s.end += nanos(t, e.Dur)
			s.args = textArgs(t, e.Args)
		case "i":
			s.kind = "instant"
			s.args = textArgs(t, e.Args)
		case "C":
			s.kind = "counter"
			var args struct{ Threads int64 }
			if err := json.Unmarshal(e.Args, &args); err != nil {
				t.Fatal(err)
			}
			s.value = args.Threads
		case "s", "f":
			if e.Ph == "f" && e.Bp != "e" {
				t.Error("an arrow ends at the slice after its end")
			}
			out.flows[e.ID] = append(out.flows[e.ID], len(out.shown)-1)
			continue
		default:
			t.Fatalf("an event of phase %s", e.Ph)
		}
		if s.root == "" || s.track == "" {
			t.Fatalf("%v lies nowhere", s)
		}
		out.shown = append(out.shown, s)
	}
	return out
}

// textArgs returns details in the order of the file, as the other reader does.
func textArgs(t *testing.T, b json.RawMessage) string {
	t.Helper()
	if len(b) == 0 {
		return ""
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	text, key := "", true
	for {
		token, err := d.Token()
		if err == io.EOF {
			return text
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, delim := token.(json.Delim); delim {
			continue
		}
		if key {
			text += fmt.Sprintf(" %v=", token)
		} else {
			text += fmt.Sprint(token)
		}
		key = !key
	}
}

// lines returns what is shown as text, in order.
func (v *viewed) lines() []string {
	var out []string
	for _, s := range v.shown {
		out = append(out, s.String())
	}
	slices.Sort(out)
	return out
}
