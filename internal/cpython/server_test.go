package cpython

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/live"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/workloads"
)

// testClients are clients inside the test: closed loop, one request after
// another for as long as the run takes.
type testClients struct {
	program *workloads.Program
	conns   []net.Conn
	begin   chan time.Time
	epoch   int64
	closed  bool
	fault   error // what Wait returns, at once
	mu      sync.Mutex
}

func (c *testClients) start(_ context.Context, p *workloads.Program, address string) (Clients, error) {
	c.program, c.conns, c.closed = p, nil, false
	for range p.Clients[0].Count {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return nil, err
		}
		c.conns = append(c.conns, conn)
	}
	c.begin = make(chan time.Time, len(c.conns))
	return c, nil
}

func (c *testClients) Go(epoch int64) error {
	c.epoch = epoch
	for range c.conns {
		c.begin <- time.Now().Add(2 * defaultLimits.lead)
	}
	return nil
}

func (c *testClients) Wait(ctx context.Context) (ClientReport, error) {
	if c.fault != nil {
		return ClientReport{}, c.fault
	}
	group := trace.GroupReport{Name: c.program.Clients[0].Name, Client: true}
	window := trace.Window{Start: int64(c.program.Warmup), End: int64(c.program.Warmup + c.program.Duration)}
	errs := make(chan error, len(c.conns))
	for _, conn := range c.conns {
		m := trace.NewMeter(window, 0, 0)
		group.Workers = append(group.Workers, m)
		go func() { errs <- c.ask(conn, m, window) }()
	}
	var err error
	for range c.conns {
		err = errors.Join(err, <-errs)
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return ClientReport{Groups: []trace.GroupReport{group}, PeakMemory: 1}, err
}

func (c *testClients) ask(conn net.Conn, m *trace.Meter, window trace.Window) error {
	zero := <-c.begin
	time.Sleep(time.Until(zero))
	in := bufio.NewReader(conn)
	for seq := int64(0); ; seq++ {
		s := trace.Sample{Seq: seq, Start: int64(time.Since(zero))}
		if s.Start >= window.End {
			return nil
		}
		if _, err := fmt.Fprintf(conn, "%d\n", c.program.Clients[0].Request); err != nil {
			return err
		}
		line, err := in.ReadString('\n')
		if err != nil {
			return err
		}
		if line != "55\n" {
			return fmt.Errorf("the answer is %q", line)
		}
		s.Intended, s.End = s.Start, int64(time.Since(zero))
		m.Add(&s)
	}
}

func (c *testClients) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, conn := range c.conns {
		conn.Close()
	}
	return nil
}

func serving(duration time.Duration) *workloads.Program {
	return &workloads.Program{
		Warmup: 50 * time.Millisecond, Duration: duration, Interpreter: interpreter(),
		Server:  &workloads.Server{Model: "threads", Address: "127.0.0.1:0"},
		Clients: []workloads.Client{{Name: "web", Count: 3, Request: 10}},
		Threads: []workloads.Group{{Name: "hog", Count: 1, Body: []workloads.Op{{Kind: workloads.OpFib, N: 12}}}},
	}
}

// The server answers every connection, and the report has the clients' rows
// after those of the threads.
func TestServer(t *testing.T) {
	twoInterpreters(t, func(t *testing.T, b *Backend) {
		c := &testClients{}
		b.Clients = c.start
		rep, _ := ample(t, b, serving(200*time.Millisecond))
		if !c.closed {
			t.Error("the clients were not closed")
		}
		if len(rep.Groups) != 2 || rep.Groups[0].Name != "hog" || rep.Groups[1].Name != "web" || !rep.Groups[1].Client {
			t.Fatalf("groups are %+v", rep.Groups)
		}
		for _, rows := range samples(t, rep, "web") {
			checkRows(t, rows, rep.Window)
		}
		checkRows(t, samples(t, rep, "hog")[0], rep.Window)
	})
}

// A client that is lost ends the run at once, with the client's own error.
func TestLostClient(t *testing.T) {
	t.Parallel()
	b := defaultBackend(t)
	c := &testClients{fault: errors.New("web 2: the process was killed")}
	b.Clients = c.start
	_, err := b.Run(context.Background(), serving(time.Hour), session.Options{})
	if err == nil || err.Error() != "web 2: the process was killed" || !c.closed {
		t.Errorf("error is %v, closed %v", err, c.closed)
	}
}

// Clients that do not start end the run, too.
func TestClientsThatDoNotStart(t *testing.T) {
	t.Parallel()
	b := defaultBackend(t)
	b.Clients = func(context.Context, *workloads.Program, string) (Clients, error) { return nil, errors.New("no") }
	if _, err := b.Run(context.Background(), serving(time.Hour), session.Options{}); err == nil || err.Error() != "no" {
		t.Errorf("error is %v", err)
	}
}

// An interrupt in the middle of requests ends everybody and keeps the rows.
func TestInterruptedServer(t *testing.T) {
	t.Parallel()
	b := defaultBackend(t)
	var c *testClients
	b.Clients = func(ctx context.Context, p *workloads.Program, address string) (Clients, error) {
		c = &testClients{}
		return c.start(ctx, p, address)
	}
	rep := runInterrupted(t, b, serving(time.Hour))
	if !c.closed {
		t.Error("the clients were not closed")
	}
	checkRows(t, samples(t, rep, "web")[0], trace.Window{End: 1 << 60})
}

// An address that is taken is an error that names it.
func TestPortInUse(t *testing.T) {
	twoInterpreters(t, func(t *testing.T, b *Backend) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		b.Clients = (&testClients{}).start
		p := serving(time.Second)
		p.Server.Address = l.Addr().String()
		_, err = b.Run(context.Background(), p, session.Options{})
		want := fmt.Sprintf("cannot listen on 127.0.0.1 port %d: ", l.Addr().(*net.TCPAddr).Port)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasSuffix(err.Error(), "; use port 0 for any free one") {
			t.Errorf("error is %v", err)
		}
	})
}

// The client processes of the other backends talk to the interpreter's server, in
// closed and in open loop, and end with the run.
func TestLiveClients(t *testing.T) {
	twoInterpreters(t, func(t *testing.T, b *Backend) {
		b.Clients = LiveClients(clientCommand(t))
		p := serving(300 * time.Millisecond)
		p.Clients = append(p.Clients, workloads.Client{Name: "open", Count: 2, Request: 5, Rate: 50})
		rep, _ := ample(t, b, p)
		for _, name := range []string{"web", "open"} {
			for _, rows := range samples(t, rep, name) {
				if len(rows) == 0 || rows[0].Err != "" || rows[0].Start < 0 {
					t.Errorf("%s: rows are %+v", name, rows)
				}
			}
		}
		if len(rep.Groups) != 3 || rep.Groups[2].Name != "open" {
			t.Errorf("groups are %+v", rep.Groups)
		}
	})
}

// clientCommand starts the test binary as a client process.
func clientCommand(t *testing.T) live.Command {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return func(ctx context.Context) *exec.Cmd {
		cmd := exec.CommandContext(ctx, exe)
		cmd.Env = append(os.Environ(), clientVariable+"=1")
		return cmd
	}
}
