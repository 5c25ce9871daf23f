package live

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"
)

// The protocol of the server, the same for all of its kinds. A request is a
// number in ASCII, its reply fib of that number and a newline. What one recv
// brings is one request, because that is how the plainest server and client talk
// to each other; once a connection has sent a newline, newlines end its requests.
const (
	maxRequest = 100 // bytes that one recv takes, and of the longest line
	maxFib     = 45  // fib(45) is a minute of work at 25 ns for each call
)

// asciiSpace may stand around a number.
const asciiSpace = " \t\r\n\v\f"

// overlong stands for a line of which no more than its length is known.
var overlong = make([]byte, maxRequest+1)

// framer cuts what a connection sends into requests. The zero framer is ready.
type framer struct {
	buf     [2 * maxRequest]byte
	at, n   int    // buf[at:n] has been received and not been handed out
	request []byte // the next one; nil: none is complete

	lines    bool // the connection has sent a newline
	bare     bool // it has sent a request without one
	skipping bool // inside a line that is too long
}

// add takes what one recv brought, at most maxRequest bytes. All requests that
// were complete before must have been taken.
func (f *framer) add(received []byte) {
	f.n = copy(f.buf[:], f.buf[f.at:f.n])
	f.at = 0
	f.n += copy(f.buf[f.n:], received)
	f.scan()
}

// ready reports whether a request is complete.
func (f *framer) ready() bool { return f.request != nil }

// take returns the next complete request, which is valid until the next add; nil
// when there is none.
func (f *framer) take() []byte {
	request := f.request
	f.scan()
	return request
}

// scan looks for the next request.
func (f *framer) scan() {
	f.request = nil
	for f.at < f.n {
		rest := f.buf[f.at:f.n:f.n]
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			f.partial(rest)
			return
		}
		line := rest[:end]
		f.at += end + 1
		first := !f.lines
		f.lines = true
		switch {
		case f.skipping:
			f.skipping = false
			f.request = overlong
		case first && f.bare && len(bytes.Trim(line, asciiSpace)) == 0:
			// The newline of a request that has been answered came in a packet of
			// its own. A reply to it would be one too many.
			continue
		default:
			f.request = line
		}
		return
	}
}

// partial deals with bytes that no newline ends.
func (f *framer) partial(rest []byte) {
	switch {
	case !f.lines:
		f.request, f.bare = rest, true
		f.at = f.n
	case f.skipping || len(rest) > maxRequest:
		f.skipping = true
		f.at = f.n
	}
}

// parseRequest returns the n that a request asks for, at most that, or what is wrong
// with it in a few words.
func parseRequest(request []byte, most int) (n int, problem string) {
	if len(request) > maxRequest {
		return 0, fmt.Sprintf("a request has at most %d bytes", maxRequest)
	}
	digits := bytes.Trim(request, asciiSpace)
	if len(digits) == 0 {
		return 0, fmt.Sprintf("the request is empty; send a number from 0 to %d", most)
	}
	for _, d := range digits {
		if d < '0' || d > '9' {
			return 0, fmt.Sprintf("%s is not a number from 0 to %d", quoted(digits), most)
		}
		// One more digit than the bound has is enough to know that it is passed.
		n = min(n*10+int(d-'0'), most+1)
	}
	if n > most {
		return 0, fmt.Sprintf("the number must be from 0 to %d, got %s", most, quoted(digits))
	}
	return n, ""
}

// quoted shows bytes that a stranger sent, on one line of printable ASCII and not
// many of them.
func quoted(b []byte) string {
	const most = 20
	if len(b) > most {
		return strconv.QuoteToASCII(string(b[:most])) + "..."
	}
	return strconv.QuoteToASCII(string(b))
}

// appendReply appends the answer to a request, with its newline, to dst. It calls
// fib for the number that was asked for, up to most (0: maxFib); a request that asks for
// none, or for which fib has a problem, is answered by that, which it also returns.
func appendReply(dst, request []byte, most int, fib compute) (reply []byte, problem string) {
	n, problem := parseRequest(request, cmp.Or(most, maxFib))
	if problem != "" {
		return appendProblem(dst, problem), problem
	}
	value, problem := fib(n)
	return appendValue(dst, value, problem), problem
}

// appendValue appends the answer to a good request: a value, or why there is none.
func appendValue(dst []byte, value uint64, problem string) []byte {
	if problem != "" {
		return appendProblem(dst, problem)
	}
	return append(strconv.AppendUint(dst, value, 10), '\n')
}

func appendProblem(dst []byte, problem string) []byte {
	return append(append(append(dst, "error: "...), problem...), '\n')
}
