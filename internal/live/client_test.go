package live

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/workloads"
)

// talk is RunClient on pipes, in this process.
type talk struct {
	t    *testing.T
	in   *io.PipeWriter
	out  *bufio.Reader
	done chan error
}

func newTalk(t *testing.T, config clientConfig) *talk {
	t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	k := &talk{t: t, in: inW, out: bufio.NewReader(outR), done: make(chan error, 1)}
	go func() {
		k.done <- RunClient(inR, outW)
		outW.Close()
	}()
	t.Cleanup(func() { inW.Close() })
	line, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	k.say(string(line))
	return k
}

func (k *talk) say(line string) { io.WriteString(k.in, line+"\n") }

// hear returns the next line that the client says, which has to begin with word.
func (k *talk) hear(word string) string {
	k.t.Helper()
	line, err := k.out.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, word) {
		k.t.Fatalf("heard %q, %v; want %s", line, err, word)
	}
	return strings.TrimSpace(strings.TrimPrefix(line, word))
}

// start connects the client and lets it go.
func (k *talk) start(address string) {
	k.t.Helper()
	k.hear(wordReady)
	k.say(wordConnect + " " + address)
	k.hear(wordConnected)
	epoch := gil.Monotonic() + 5e6
	k.say(fmt.Sprintf("%s %d %d", wordGo, epoch, clockWall(epoch)))
}

// result asks for what was measured once the client has ended.
func (k *talk) result() (clientResult, [][]ClientRow) {
	k.t.Helper()
	k.hear(wordEnded)
	k.say(wordReport)
	var r clientResult
	if err := json.Unmarshal([]byte(k.hear(wordResult)), &r); err != nil {
		k.t.Fatal(err)
	}
	var all [][]ClientRow
	for _, c := range r.Connections {
		b := make([]byte, c.Bytes)
		if _, err := io.ReadFull(k.out, b); err != nil {
			k.t.Fatal(err)
		}
		rows, err := decodeRows(b, c.Rows, c.Problems)
		if err != nil {
			k.t.Fatal(err)
		}
		all = append(all, rows)
	}
	if err := <-k.done; err != nil {
		k.t.Errorf("the client ended with %v", err)
	}
	return r, all
}

func testConfig() clientConfig {
	return clientConfig{
		Group: "fast", Count: 1, Seed: 1, Request: 10,
		EndNS: 60e6, GraceNS: 10e9, MaxRows: 1000,
	}
}

// fakeServer calls serve with each connection, with what it has received.
func fakeServer(t *testing.T, serve func(c net.Conn, request string) bool) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				b := make([]byte, 1000)
				for {
					n, err := c.Read(b)
					if err != nil || !serve(c, string(b[:n])) {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

func reply(c net.Conn, s string) bool { _, err := io.WriteString(c, s); return err == nil }

// TestClosedLoop pins the closed loop: one request outstanding, as its number in
// ASCII and nothing else, the next one after the reply; nothing starts after the
// end; rows follow each other.
func TestClosedLoop(t *testing.T) {
	var received atomic.Int64
	addr := fakeServer(t, func(c net.Conn, request string) bool {
		if request != "10" {
			t.Errorf("received %q, want one request of 10", request)
		}
		received.Add(1)
		time.Sleep(time.Millisecond)
		// A reply in pieces is one reply.
		return reply(c, "5") && reply(c, "5\n")
	})
	config := testConfig()
	config.Count = 3
	k := newTalk(t, config)
	k.start(addr)
	r, all := k.result()
	total := 0
	for worker, rows := range all {
		checkRows(t, rows, config.EndNS)
		total += len(rows)
		for _, row := range rows {
			if row.Err != "" || row.Intended != row.Start || row.Lag != -1 {
				t.Errorf("connection %d: %+v is no good request of a closed loop", worker, row)
			}
		}
	}
	if total == 0 || int64(total) != received.Load() {
		t.Errorf("%d rows for %d requests", total, received.Load())
	}
	if r.LateNS < 0 {
		t.Errorf("late by %d ns", r.LateNS)
	}
}

// checkRows holds what is true of the rows of every connection.
func checkRows(t *testing.T, rows []ClientRow, end int64) {
	t.Helper()
	last := int64(0)
	for i, row := range rows {
		if row.Start < last || row.End < row.Start || row.Intended > row.Start || row.Start >= end {
			t.Errorf("row %d: %+v after %d, end of the run %d", i, row, last, end)
		}
		last = row.End
	}
}

// TestOpenLoop pins the open loop: the intended times are those of the stream,
// whether or not the server keeps up, none is left out, and what was never sent is
// counted.
func TestOpenLoop(t *testing.T) {
	for _, kind := range []workloads.Arrivals{workloads.Poisson, workloads.Uniform} {
		for _, work := range []time.Duration{0, 20 * time.Millisecond} {
			addr := fakeServer(t, func(c net.Conn, _ string) bool {
				time.Sleep(work)
				return reply(c, "55\n")
			})
			config := testConfig()
			config.First, config.Count, config.Rate, config.Arrivals = 3, 2, 200, kind
			k := newTalk(t, config)
			k.start(addr)
			r, all := k.result()
			for i, rows := range all {
				checkRows(t, rows, config.EndNS)
				want := intendedTimes(config, config.First+i)
				if len(rows)+int(r.Connections[i].Unsent) != len(want) {
					t.Fatalf("%d rows and %d unsent, want %d arrivals", len(rows), r.Connections[i].Unsent, len(want))
				}
				for j, row := range rows {
					if row.Intended != want[j] {
						t.Errorf("arrival %d at %d, want %d", j, row.Intended, want[j])
					}
					if waited := j > 0 && rows[j-1].End > row.Intended; waited && row.Lag != -1 {
						t.Errorf("arrival %d waited for a reply, and still has a lag of the generator: %+v", j, row)
					} else if row.Lag != -1 && row.Start-row.Intended != row.Lag {
						t.Errorf("arrival %d: %+v has a wrong lag", j, row)
					}
				}
			}
		}
	}
}

// intendedTimes is another way to the arrivals of a connection.
func intendedTimes(c clientConfig, worker int) (all []int64) {
	s := workloads.NewStream(c.Seed, c.Group, worker, "arrivals")
	if c.Arrivals == workloads.Uniform {
		phase := s.Unit()
		for k := 0.0; ; k++ {
			at := int64((k + phase) / c.Rate * 1e9)
			if at >= c.EndNS {
				return all
			}
			all = append(all, at)
		}
	}
	gap := workloads.Duration{Dist: workloads.Exponential, Mean: int64(math.Round(1e9 / c.Rate))}
	for at := gap.Draw(&s); at < c.EndNS; at += gap.Draw(&s) {
		all = append(all, at)
	}
	return all
}

// TestArrivalRate: the mean gap is the one that was asked for, and uniform arrivals
// drift by no rounding.
func TestArrivalRate(t *testing.T) {
	const n = 100_000
	for _, rate := range []float64{0.5, 3, 20, 777, 1e6} {
		for _, kind := range []workloads.Arrivals{workloads.Poisson, workloads.Uniform} {
			a := workloads.NewArrivalTimes(1, "web", 0, rate, kind)
			last := int64(-1)
			for range n {
				at := a.Next()
				if at < last {
					t.Fatalf("rate %g: %d after %d", rate, at, last)
				}
				last = at
			}
			if got := n / (float64(last) / 1e9); math.Abs(got/rate-1) > 0.02 {
				t.Errorf("rate %g, kind %d: got %g/s", rate, kind, got)
			}
		}
	}
}

// TestClientFailures pins what a client makes of a server that fails it.
func TestClientFailures(t *testing.T) {
	for _, c := range []struct {
		name    string
		serve   func(c net.Conn, request string) bool
		rows    int // 0: any number
		problem string
		failure string
		grace   int64
	}{
		{name: "a wrong reply is a failed request, and the next one follows", serve: func(c net.Conn, _ string) bool { time.Sleep(time.Millisecond); return reply(c, "56\n") },
			problem: `wrong reply "56\n", want 55`},
		{name: "an error reply likewise", serve: func(c net.Conn, _ string) bool { time.Sleep(time.Millisecond); return reply(c, "error: no\n") },
			problem: `the server answered "error: no"`},
		{name: "two replies to one request are wrong", serve: func(c net.Conn, _ string) bool { time.Sleep(time.Millisecond); return reply(c, "55\n55\n") },
			problem: `wrong reply "55\n55\n", want 55`},
		{name: "a reply without end", serve: func(c net.Conn, _ string) bool { return reply(c, strings.Repeat("5", 200)) },
			rows: 1, problem: `wrong reply "55555555555555555555"..., want 55`, failure: "a reply of more than 100 bytes at request 0"},
		{name: "a closed connection", serve: func(net.Conn, string) bool { return false },
			rows: 1, problem: "the server closed the connection", failure: "the server closed the connection at request 0"},
		{name: "a reset connection", serve: func(c net.Conn, _ string) bool { return c.(*net.TCPConn).SetLinger(0) != nil },
			rows: 1, problem: "the server reset the connection", failure: "the server reset the connection at request 0"},
		{name: "no reply", serve: func(net.Conn, string) bool { return true }, grace: 50e6,
			rows: 1, problem: "no reply within 0.05 s of the end"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := testConfig()
			if c.grace > 0 {
				config.GraceNS = c.grace
			}
			k := newTalk(t, config)
			k.start(fakeServer(t, c.serve))
			r, all := k.result()
			if len(all[0]) == 0 || c.rows > 0 && len(all[0]) != c.rows {
				t.Fatalf("%d rows, want %d", len(all[0]), c.rows)
			}
			for _, row := range all[0] {
				if row.Err != c.problem {
					t.Errorf("got error %q, want %q", row.Err, c.problem)
				}
			}
			if got := r.Connections[0].Failure; got != c.failure {
				t.Errorf("got failure %q, want %q", got, c.failure)
			}
		})
	}
}

// TestRowLimit: a connection cannot fill the memory.
func TestRowLimit(t *testing.T) {
	config := testConfig()
	config.EndNS, config.MaxRows = 60e9, 20
	k := newTalk(t, config)
	k.start(fakeServer(t, func(c net.Conn, _ string) bool { return reply(c, "55\n") }))
	r, all := k.result()
	want := "more than 20 requests on one connection; use a shorter duration"
	if len(all[0]) != 20 || r.Connections[0].Failure != want {
		t.Errorf("%d rows, failure %q; want 20, %q", len(all[0]), r.Connections[0].Failure, want)
	}
}

// TestClientStop: told to stop, a client gives up what is in flight and hands over
// the rest.
func TestClientStop(t *testing.T) {
	n := 0
	waits := make(chan bool, 1)
	addr := fakeServer(t, func(c net.Conn, _ string) bool {
		if n++; n < 3 {
			return reply(c, "55\n")
		}
		waits <- true
		return true
	})
	config := testConfig()
	config.EndNS = 3600e9
	k := newTalk(t, config)
	k.start(addr)
	<-waits
	k.say(wordStop)
	r, all := k.result()
	if len(all[0]) != 2 || r.Connections[0].Failure != "" {
		t.Errorf("%d rows, failure %q; want the 2 that were answered and none", len(all[0]), r.Connections[0].Failure)
	}
}

// TestOrphan: when its parent is gone a client ends, whatever it is doing.
func TestOrphan(t *testing.T) {
	silent := fakeServer(t, func(net.Conn, string) bool { return true })
	config := testConfig()
	config.EndNS = 3600e9
	for name, until := range map[string]func(*talk){
		"before it connects": func(k *talk) { k.hear(wordReady) },
		"before it goes": func(k *talk) {
			k.hear(wordReady)
			k.say(wordConnect + " " + silent)
			k.hear(wordConnected)
		},
		"while it waits for a reply": func(k *talk) { k.start(silent) },
		"while it sleeps": func(k *talk) {
			k.hear(wordReady)
			k.say(wordConnect + " " + silent)
			k.hear(wordConnected)
			epoch := gil.Monotonic() + 3600e9
			k.say(fmt.Sprintf("%s %d %d", wordGo, epoch, clockWall(epoch)))
		},
	} {
		k := newTalk(t, config)
		until(k)
		k.in.Close()
		if err := <-k.done; !errors.Is(err, errOrphaned) {
			t.Errorf("%s: got %v, want %v", name, err, errOrphaned)
		}
	}
}

// TestClientTold pins what a client answers to what it cannot do.
func TestClientTold(t *testing.T) {
	free := fakeServer(t, func(net.Conn, string) bool { return true })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := l.Addr().String()
	l.Close()
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{"connect " + nobody}, "refused"},
		{[]string{"go 1 1"}, `expected connect, got "go 1 1"`},
		{[]string{"connect " + free, "go now"}, "time 0 cannot be read"},
		{[]string{"connect " + free, "stop"}, `expected go, got "stop"`},
	} {
		k := newTalk(t, testConfig())
		k.hear(wordReady)
		go func() {
			for _, line := range c.lines {
				k.say(line)
			}
		}()
		if len(c.lines) > 1 {
			k.hear(wordConnected)
		}
		if got := k.hear(wordFailed); !strings.Contains(got, c.want) {
			t.Errorf("%q: got %q, want %q", c.lines, got, c.want)
		}
		if err := <-k.done; err == nil {
			t.Errorf("%q: the client ended without an error", c.lines)
		}
	}
	bad := testConfig()
	bad.Count = 0
	k := newTalk(t, bad)
	k.hear(wordFailed)
}
