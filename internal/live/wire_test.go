package live

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// replies feeds chunks to a framer, as recv would bring them, and returns all the
// replies. Its fib says which number it was asked for.
func replies(chunks ...string) []string {
	var f framer
	var all []string
	for _, chunk := range chunks {
		f.add([]byte(chunk))
		for f.ready() {
			reply, _ := appendReply(nil, f.take(), 0, func(n int) (uint64, string) { return uint64(1000 + n), "" })
			all = append(all, string(reply))
		}
	}
	return all
}

// TestFraming pins the protocol: what one recv brings is a request until the
// connection has sent a newline, then lines are.
func TestFraming(t *testing.T) {
	const (
		empty = "error: the request is empty; send a number from 0 to 45\n"
		long  = "error: a request has at most 100 bytes\n"
	)
	for _, c := range []struct {
		name   string
		chunks []string
		want   []string
	}{
		{"a bare number", []string{"30"}, []string{"1030\n"}},
		{"bare numbers", []string{"1", "30", "1"}, []string{"1001\n", "1030\n", "1001\n"}},
		{"white space", []string{" \t7 "}, []string{"1007\n"}},
		{"zero", []string{"0", "000"}, []string{"1000\n", "1000\n"}},
		{"leading zeros", []string{strings.Repeat("0", 98) + "45"}, []string{"1045\n"}},
		{"telnet", []string{"30\r\n"}, []string{"1030\n"}},
		{"pipelined", []string{"1\n2\n3\n"}, []string{"1001\n", "1002\n", "1003\n"}},
		{"split", []string{"1\n3", "0", "\n"}, []string{"1001\n", "1030\n"}},
		{"split before its newline", []string{"1\n30", "\n4\n"}, []string{"1001\n", "1030\n", "1004\n"}},
		{"bare, then lines", []string{"5", "6\n7", "\n"}, []string{"1005\n", "1006\n", "1007\n"}},
		{"the newline of a bare number on its own", []string{"5", "\n", "6\n"}, []string{"1005\n", "1006\n"}},
		{"an empty line first", []string{"\n"}, []string{empty}},
		{"an empty line later", []string{"1\n", "\n"}, []string{"1001\n", empty}},
		{"blank", []string{"  "}, []string{empty}},
		{"unfinished line", []string{"1\n2"}, []string{"1001\n"}},
		{"negative", []string{"-1"}, []string{`error: "-1" is not a number from 0 to 45` + "\n"}},
		{"sign", []string{"+1"}, []string{`error: "+1" is not a number from 0 to 45` + "\n"}},
		{"two numbers", []string{"1 2"}, []string{`error: "1 2" is not a number from 0 to 45` + "\n"}},
		{"too large", []string{"46"}, []string{`error: the number must be from 0 to 45, got "46"` + "\n"}},
		{"huge", []string{strings.Repeat("9", 100)}, []string{`error: the number must be from 0 to 45, got "99999999999999999999"...` + "\n"}},
		{"unprintable", []string{"\x00\xff\n"}, []string{`error: "\x00\xff" is not a number from 0 to 45` + "\n"}},
		{"a line of 100 bytes", []string{"1\n", strings.Repeat("0", 99) + "7", "\n"}, []string{"1001\n", "1007\n"}},
		{"a line of 101 bytes", []string{"1\n", strings.Repeat("0", 100), "7\n2\n"}, []string{"1001\n", long, "1002\n"}},
		{"a line without end", []string{"1\n", strings.Repeat("0", 100), strings.Repeat("0", 100), strings.Repeat("0", 100), "\n2\n"}, []string{"1001\n", long, "1002\n"}},
	} {
		if got := replies(c.chunks...); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q gives %q, want %q", c.name, c.chunks, got, c.want)
		}
	}
}

// FuzzFraming holds the framer against an oracle that knows the whole text: on a
// connection that has sent a newline, the replies are those to its lines, however
// the text is split.
func FuzzFraming(f *testing.F) {
	f.Add([]byte("1\n30\n"), uint64(1))
	f.Add([]byte("-5\n\n 7 \r\nx"), uint64(0x9e37))
	f.Add(bytes.Repeat([]byte("9"), 300), uint64(3))
	f.Add(append(bytes.Repeat([]byte("0"), 101), "\n4\n"...), uint64(77))
	f.Fuzz(func(t *testing.T, text []byte, cuts uint64) {
		chunks := []string{"1\n"}
		for rest := text; len(rest) > 0; {
			n := min(int(cuts%maxRequest)+1, len(rest))
			chunks, rest = append(chunks, string(rest[:n])), rest[n:]
			cuts = cuts*6364136223846793005 + 1442695040888963407
			cuts ^= cuts >> 33
		}
		want := []string{"1001\n"}
		lines := strings.Split(string(text), "\n")
		for _, line := range lines[:len(lines)-1] {
			want = append(want, plainReply(line))
		}
		if got := replies(chunks...); !slices.Equal(got, want) {
			t.Errorf("%q gives %q, want %q", chunks, got, want)
		}
	})
}

// plainReply is the protocol for one line, in the most obvious way.
func plainReply(line string) string {
	number := strings.Trim(line, asciiSpace)
	shown := strconv.QuoteToASCII(number)
	if len(number) > 20 {
		shown = strconv.QuoteToASCII(number[:20]) + "..."
	}
	digits := strings.TrimLeft(number, "0123456789") == ""
	n, err := strconv.Atoi(number)
	switch {
	case len(line) > 100:
		return "error: a request has at most 100 bytes\n"
	case number == "":
		return "error: the request is empty; send a number from 0 to 45\n"
	case !digits:
		return "error: " + shown + " is not a number from 0 to 45\n"
	case err != nil || n > 45:
		return "error: the number must be from 0 to 45, got " + shown + "\n"
	}
	return fmt.Sprintf("%d\n", 1000+n)
}

// FuzzFramingBare: whatever comes, in whatever pieces, each request is answered by
// one line, and nothing breaks.
func FuzzFramingBare(f *testing.F) {
	f.Add([]byte("30"), []byte("1\n"), []byte("\n"))
	f.Add([]byte("-1"), []byte(""), bytes.Repeat([]byte("1"), 100))
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		var chunks []string
		lines := 0
		for _, chunk := range [][]byte{a, b, c, a} {
			if len(chunk) == 0 || len(chunk) > maxRequest {
				return // no recv brings that
			}
			chunks = append(chunks, string(chunk))
			lines += bytes.Count(chunk, []byte("\n"))
		}
		got := replies(chunks...)
		if len(got) > lines+len(chunks) {
			t.Errorf("%q: %d replies to at most %d requests", chunks, len(got), lines+len(chunks))
		}
		for _, reply := range got {
			if strings.Count(reply, "\n") != 1 || !strings.HasSuffix(reply, "\n") || len(reply) > 200 {
				t.Errorf("%q: the reply %q is no short line", chunks, reply)
			}
		}
	})
}
