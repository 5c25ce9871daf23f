package tracefile

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// nested are the fields of each message that are messages themselves, by path.
var nested = map[string]bool{
	"1": true, "1.11": true, "1.11.4": true, "1.12": true, "1.12.1": true, "1.12.2": true, "1.60": true, "1.60.8": true,
}

// dump writes a message with the numbers and the wire types of its fields.
func dump(t *testing.T, b *strings.Builder, path string, message []byte) {
	for _, f := range fieldsOf(t, message) {
		at := strings.TrimPrefix(fmt.Sprintf("%s.%d", path, f.number), ".")
		switch {
		case nested[at]:
			fmt.Fprintf(b, "%s:message\n", at)
			dump(t, b, at, f.bytes)
		case f.wire == protowire.BytesType:
			fmt.Fprintf(b, "%s:text=%s\n", at, f.bytes)
		case f.wire == protowire.Fixed64Type:
			fmt.Fprintf(b, "%s:fixed64=%d\n", at, f.value)
		default:
			fmt.Fprintf(b, "%s:varint=%d\n", at, int64(f.value))
		}
	}
}

// Every field stands under the number and with the wire type that Perfetto defines.
// The numbers are written out here, as a test through the names of the program would
// not see one that is wrong.
func TestFieldNumbers(t *testing.T) {
	p := newPerfetto()
	root := &track{id: 7, name: "root", rank: 2, kind: group}
	root.root = root
	lane := &track{id: 8, parent: root, root: root, name: "lane", rank: 3}
	count := &track{id: 9, parent: root, root: root, name: "waiters", rank: 4, kind: counter}
	var b []byte
	for _, tr := range []*track{root, lane, count} {
		b = p.track(b, tr)
	}
	b = p.slice(b, lane, &slice{
		start: 300, end: 500, name: "run", category: "state",
		args:   []arg{{name: "held_ns", number: -5}, {name: "ended", text: "forced"}},
		begins: []uint64{11}, ends: []uint64{12, 13},
	})
	b = p.instant(b, lane, &instant{at: 600, name: "run", category: "lock"})
	b = p.count(b, count, 700, 42)
	var got strings.Builder
	dump(t, &got, "", b)
	const want = `1:message
1.60:message
1.60.1:varint=7
1.60.2:text=root
1.60.11:varint=3
1.60.12:varint=2
1.10:varint=1
1.13:varint=3
1:message
1.60:message
1.60.1:varint=8
1.60.2:text=lane
1.60.5:varint=7
1.60.12:varint=3
1.10:varint=1
1.13:varint=2
1:message
1.60:message
1.60.1:varint=9
1.60.2:text=waiters
1.60.5:varint=7
1.60.8:message
1.60.8.3:varint=2
1.60.8.6:text=threads
1.60.12:varint=4
1.10:varint=1
1.13:varint=2
1:message
1.8:varint=300
1.12:message
1.12.2:message
1.12.2.1:varint=1
1.12.2.2:text=run
1.12.1:message
1.12.1.1:varint=1
1.12.1.2:text=state
1.11:message
1.11.9:varint=1
1.11.11:varint=8
1.11.3:varint=1
1.11.10:varint=1
1.11.4:message
1.11.4.10:text=held_ns
1.11.4.4:varint=-5
1.11.4:message
1.11.4.10:text=ended
1.11.4.6:text=forced
1.11.47:fixed64=11
1.11.48:fixed64=12
1.11.48:fixed64=13
1.10:varint=1
1.13:varint=2
1:message
1.8:varint=500
1.11:message
1.11.9:varint=2
1.11.11:varint=8
1.10:varint=1
1.13:varint=2
1:message
1.8:varint=600
1.12:message
1.12.1:message
1.12.1.1:varint=2
1.12.1.2:text=lock
1.11:message
1.11.9:varint=3
1.11.11:varint=8
1.11.3:varint=2
1.11.10:varint=1
1.10:varint=1
1.13:varint=2
1:message
1.8:varint=700
1.11:message
1.11.9:varint=4
1.11.11:varint=9
1.11.30:varint=42
1.10:varint=1
1.13:varint=2
`
	if got.String() != want {
		t.Errorf("got\n%s", got.String())
	}
}

// A negative number of 32 bits takes ten bytes, as the format wants.
func TestNegativeNumbers(t *testing.T) {
	b := appendInt(nil, 4, -1)
	if len(b) != 11 {
		t.Errorf("got % x", b)
	}
	if f := fieldsOf(t, b); int64(f[0].value) != -1 {
		t.Errorf("got %d", int64(f[0].value))
	}
}
