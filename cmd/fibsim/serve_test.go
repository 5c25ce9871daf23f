package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/internal/race"
	"github.com/fibsim/fibsim/workloads"
)

// running is a server that serve runs in this process.
type running struct {
	t       *testing.T
	address string
	stop    context.CancelFunc
	stderr  bytes.Buffer
	rest    chan string // of standard output, after the first line
	status  chan int
}

// serve starts a server on any free port and waits until it takes connections.
func serve(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r := &running{t: t, stop: stop, rest: make(chan string, 1), status: make(chan int, 1)}
	out, in := io.Pipe()
	go func() {
		r.status <- run(ctx, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...), strings.NewReader(""), in, &r.stderr)
		in.Close()
	}()
	t.Cleanup(stop)
	lines := bufio.NewReader(out)
	first, err := lines.ReadString('\n')
	_, after, found := strings.Cut(first, "serving fib on ")
	if err != nil || !found {
		t.Fatalf("%v, %q, status %d, %s", err, first, <-r.status, &r.stderr)
	}
	r.address, _, _ = strings.Cut(after, ": ")
	go func() {
		b, _ := io.ReadAll(lines)
		r.rest <- string(b)
	}()
	return r
}

func (r *running) dial() net.Conn {
	r.t.Helper()
	c, err := net.Dial("tcp", r.address)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	return c
}

// ask sends a request and compares the reply.
func (r *running) ask(c net.Conn, request, want string) {
	r.t.Helper()
	io.WriteString(c, request)
	if got, err := bufio.NewReader(c).ReadString('\n'); got != want+"\n" {
		r.t.Errorf("%s: got %q, %v, want %s", request, got, err, want)
	}
}

// interrupt ends the server and returns what it printed at the end.
func (r *running) interrupt() string {
	r.t.Helper()
	r.stop()
	if status := <-r.status; status != 0 {
		r.t.Errorf("status %d: %s", status, &r.stderr)
	}
	return <-r.rest
}

// Every model serves, with a lock and without, says what it has done when it is
// interrupted, and leaves no process behind.
func TestServe(t *testing.T) {
	for _, m := range workloads.Models() {
		if runtime.GOOS != "linux" && m != workloads.Threads && m != workloads.Sequential {
			continue
		}
		for _, native := range []string{"--native=false", "--native"} {
			t.Run(string(m)+native, func(t *testing.T) {
				args := []string{"--model", string(m), "--pace", "native", native}
				if m != workloads.Sequential && m != workloads.Threads && m != workloads.Coroutines {
					args = append(args, "--workers", "2")
				}
				r := serve(t, args...)
				c := r.dial()
				r.ask(c, "10", "55")
				r.ask(c, "ten", `error: "ten" is not a number from 0 to 40`)
				c.Close()
				got := r.interrupt()
				if !strings.HasPrefix(got, "2 requests on 1 connection in ") || !strings.Contains(got, "; 1 answered by an error") {
					t.Errorf("got %q", got)
				}
			})
		}
	}
}

// An interrupt lets the request that is being answered end, and takes no other.
func TestServeDrains(t *testing.T) {
	request, reply := "35", "9227465\n" // some dozen milliseconds
	if race.Enabled {
		request, reply = "30", "832040\n"
	}
	for _, m := range []string{"threads", "processes"} {
		r := serve(t, "--model", m, "--pace", "native")
		c := r.dial()
		r.ask(c, "1", "1") // so that the server only has to read what comes next
		io.WriteString(c, request)
		time.Sleep(10 * time.Millisecond)
		r.stop()
		got, err := bufio.NewReader(c).ReadString('\n')
		if got != reply {
			t.Errorf("%s: got %q, %v", m, got, err)
		}
		r.interrupt()
	}
}

// A port in use ends the command with the status of a run that failed, and says what
// to do.
func TestServePortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got := fibsim("serve", "--pace", "native", "--addr", l.Addr().String())
	if got.status != 4 || !strings.Contains(got.stderr, "is in use; stop what listens there, or give port 0 for any free one") {
		t.Errorf("%+v", got)
	}
}

// What cannot be served is refused by the flag that asks for it.
func TestServeUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--model", "thread"}, "--model thread"},
		{[]string{"--max-fib", "46"}, "--max-fib: must be from 1 to 45, got 46"},
		{[]string{"--max-connections", "0"}, "--max-connections: must be 1 at least, got 0"},
		{[]string{"--idle-timeout", "1ms"}, "--idle-timeout: must be 1s at least, got 1ms"},
		{[]string{"--native", "--lock", "cpython-2"}, "--native serves without a lock; leave out --lock, or --native"},
		{[]string{"--lock", "cpython-4"}, "--lock cpython-4"},
		{[]string{"--addr", "nowhere"}, "--addr nowhere"},
		{[]string{"--workers", "3"}, "--workers 3"},
		{[]string{"here"}, `takes no arguments, got "here"`},
	} {
		got := fibsim(append([]string{"serve"}, c.args...)...)
		if got.status != 2 && got.status != 3 || !strings.Contains(got.stderr, c.want) {
			t.Errorf("%v: status %d, %s", c.args, got.status, got.stderr)
		}
	}
}
