package live

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// eachServer runs a test on every kind of server of a program's model: natively, under a
// lock, and for threads under each lock, and under one in each way to park. Wait waits for the server's threads
// and settles it, abort ends them.
func eachServer(t *testing.T, p *workloads.Program, f func(t *testing.T, s server, epoch int64, wait func() error, abort func())) {
	locks, parks := []string{"cpython-3", "cpython-2", "none"}, gil.Parks()
	if p.Server.Model != workloads.Threads {
		locks, parks = locks[:1], parks[:1]
	}
	for _, park := range parks {
		for _, lock := range locks {
			t.Run(fmt.Sprintf("%s-%s", lock, park), func(t *testing.T) {
				leavesNothing(t)
				serveGIL(t, p, lock, park, ServerLimits{}, f)
			})
		}
		locks = locks[:1]
	}
	t.Run("native", func(t *testing.T) {
		leavesNothing(t)
		serveNative(t, p, ServerLimits{}, f)
	})
}

// eachModel is eachServer for every model.
func eachModel(t *testing.T, p *workloads.Program, f func(t *testing.T, s server, epoch int64, wait func() error, abort func())) {
	for _, m := range workloads.Models() {
		if m == workloads.Prefork && runtime.GOOS == "windows" || m != workloads.Threads && runtime.GOOS != "linux" && strings.HasPrefix(string(m), "coroutines") {
			continue
		}
		t.Run(string(m), func(t *testing.T) { eachServer(t, modelled(p, m), f) })
	}
}

// modelled returns a program with a server of that model.
func modelled(p *workloads.Program, m workloads.Model) *workloads.Program {
	q := *p
	q.Server = &workloads.Server{Model: m, Workers: 2, Threads: 4, Address: p.Server.Address}
	return &q
}

func planOf(p *workloads.Program, native bool, limits ServerLimits) *serverPlan {
	return &serverPlan{program: p, tools: poolTools(), commands: Commands{Worker: acting("worker")}, native: native, limits: limits}
}

// serveGIL runs a test on a server under a lock, and holds the invariants against what
// its locks did.
func serveGIL(t *testing.T, p *workloads.Program, lock string, park gil.Park, limits ServerLimits, f func(t *testing.T, s server, epoch int64, wait func() error, abort func())) {
	t.Helper()
	q := *p
	q.Interpreter.Lock, q.Interpreter.Park = lock, string(park)
	house, err := openPremises(context.Background(), planOf(&q, false, limits))
	if err != nil {
		t.Fatal(err)
	}
	defer house.leave()
	rt := newRuntime(t, lock, park, &q)
	defer rt.Close()
	s, err := startGILServer(rt, house)
	if err != nil {
		t.Fatal(err)
	}
	defer abandon(rt, s)
	f(t, s, rt.Epoch(), func() error {
		err := rt.Wait(context.Background())
		_, more := s.settle()
		first := keptLog(rt)
		for id := range s.counts().Connections {
			first.Tasks = append(first.Tasks, trace.Thread{Group: serverGroup, Worker: int(id) + 1})
		}
		for _, log := range append(s.logs(), first) {
			for _, broken := range trace.Check(log, log.Rules) {
				t.Error(broken)
			}
		}
		return errors.Join(err, more)
	}, rt.Abort)
}

func serveNative(t *testing.T, p *workloads.Program, limits ServerLimits, f func(t *testing.T, s server, epoch int64, wait func() error, abort func())) {
	t.Helper()
	house, err := openPremises(context.Background(), planOf(p, true, limits))
	if err != nil {
		t.Fatal(err)
	}
	defer house.leave()
	r := &nativeRun{epoch: gil.Monotonic() + 50e6, stopped: make(chan struct{})}
	s, err := startNativeServer(r, house)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { r.abort(); s.Close(); r.running.Wait() }()
	f(t, s, r.epoch, func() error {
		r.running.Wait()
		_, err := s.settle()
		return err
	}, r.abort)
}

func dial(t *testing.T, s server) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// TestServerProtocol: the servers speak the protocol to any client: plain numbers
// one by one, lines split and pipelined, and errors after which the connection
// lives on.
func TestServerProtocol(t *testing.T) {
	p := serverProgram(fastClient)
	eachModel(t, p, func(t *testing.T, s server, _ int64, wait func() error, _ func()) {
		c := dial(t, s)
		defer c.Close()
		in := bufio.NewReader(c)
		for _, step := range []struct {
			send string
			want []string
		}{
			{"10", []string{"55"}},
			{"1", []string{"1"}},
			{"x", []string{`error: "x" is not a number from 0 to 45`}},
			{"46", []string{`error: the number must be from 0 to 45, got "46"`}},
			{"2\n20\n3\n", []string{"1", "6765", "2"}},
			{"1", nil},
			{"0\n", []string{"55"}},
		} {
			io.WriteString(c, step.send)
			if step.want == nil {
				time.Sleep(20 * time.Millisecond) // so that it is received on its own
			}
			for _, want := range step.want {
				got, err := in.ReadString('\n')
				if err != nil || got != want+"\n" {
					t.Fatalf("%q is answered by %q, %v; want %s", step.send, got, err, want)
				}
			}
		}
		port := c.LocalAddr().(*net.TCPAddr).Port
		c.Close()
		s.Close()
		if err := wait(); err != nil {
			t.Fatal(err)
		}
		if n := s.samples()[port].count(); n != 8 {
			t.Errorf("%d requests are counted, want 8", n)
		}
	})
}

// TestServerOnGoroutines: where threads are goroutines, on channels, every model works,
// too.
func TestServerOnGoroutines(t *testing.T) {
	for _, m := range workloads.Models() {
		if runtime.GOOS != "linux" && m != workloads.Threads {
			continue
		}
		leavesNothing(t)
		serveGIL(t, modelled(serverProgram(fastClient), m), "cpython-3", gil.ParkGoroutine, ServerLimits{},
			func(t *testing.T, s server, _ int64, wait func() error, _ func()) {
				c := dial(t, s)
				if got := ask(t, c, "10"); got != "55" {
					t.Errorf("%s: got %q", m, got)
				}
				c.Close()
				s.Close()
				if err := wait(); err != nil {
					t.Error(err)
				}
			})
	}
}

// served has the clients of a program ask a server, and returns it and their rows. On a
// host so busy that one of them has not begun at the end they come again, for longer.
func served(t *testing.T, p *workloads.Program, s server, epoch int64) (*workloads.Program, []ClientRows) {
	t.Helper()
	q, ctx := *p, context.Background()
	for ; ; q.Duration *= 2 {
		c := mustStart(t, &q)
		// Starting the processes took longer than the runtime's own lead.
		if err := c.begin(ctx, s.addr(), max(epoch, gil.Monotonic()+20e6)); err != nil {
			t.Fatal(err)
		}
		rows, err := c.Wait(ctx)
		if err != nil {
			t.Fatal(err)
		}
		c.Stop()
		idle := slices.ContainsFunc(rows, func(r ClientRows) bool { return len(r.Rows) == 0 })
		if !idle || q.Duration > 5*time.Second {
			return &q, rows
		}
	}
}

// TestServerWithClients runs real client processes against each server: every
// reply is right, both sides count the same requests, and what the server did for
// one fits into the latency of its client.
func TestServerWithClients(t *testing.T) {
	p := serverProgram(slowClient, fastClient, webClient)
	eachModel(t, p, func(t *testing.T, s server, epoch int64, wait func() error, _ func()) {
		p, rows := served(t, p, s, epoch)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := wait(); err != nil {
			t.Fatal(err)
		}
		server := s.samples()
		for i := range rows {
			r := &rows[i]
			checkRows(t, r.Rows, p.End())
			if len(r.Rows) == 0 || server[r.Port] == nil || server[r.Port].count() != len(r.Rows) {
				t.Fatalf("%s %d: %d requests, and not as many at the server", r.Group, r.Worker, len(r.Rows))
			}
			for seq, row := range r.Rows {
				if row.Err != "" {
					t.Errorf("%s %d: request %d failed: %s", r.Group, r.Worker, seq, row.Err)
				}
			}
		}
		groups, _ := clientGroups(p, rows, server)
		for _, g := range groups {
			for worker, m := range g.Workers {
				m.Rows(func(s *trace.Sample) {
					if sum := s.Run + s.WaitGIL + s.NoGIL + s.Blocked; sum > s.Latency() || s.Run <= 0 {
						t.Errorf("%s %d: request %d: run %d of %d in states, latency %d", g.Name, worker, s.Seq, s.Run, sum, s.Latency())
					}
				})
			}
		}
	})
}

// TestPortInUse: the error names the address and what to do, and can be told from
// others.
func TestPortInUse(t *testing.T) {
	leavesNothing(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p := serverProgram(fastClient)
	p.Server.Address = l.Addr().String()
	for _, m := range workloads.Models() {
		for _, native := range []bool{true, false} {
			_, err := openPremises(context.Background(), planOf(modelled(p, m), native, ServerLimits{}))
			checkInUse(t, err, p.Server.Address)
		}
	}
}

func checkInUse(t *testing.T, err error, address string) {
	t.Helper()
	want := "server.address: " + address + " is in use; stop what listens there, or give port 0 for any free one: "
	if runtime.GOOS == "windows" {
		want = "server.address: cannot listen on " + address
	} else if !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("%v is not the error of the system", err)
	}
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestServerAddresses: the server listens on every kind of loopback address.
func TestServerAddresses(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "localhost:0", "[::1]:0"} {
		for _, listen := range []func() (listener, error){
			func() (listener, error) { return listenNet(address) },
			func() (listener, error) { return listenRaw(address, 8) },
		} {
			l, err := listen()
			if err != nil {
				if strings.Contains(address, "::") {
					continue // a host without IPv6
				}
				t.Fatal(err)
			}
			s, err := dialRaw(l.addr())
			if err != nil {
				t.Fatalf("%s: %v", l.addr(), err)
			}
			s.close()
			l.close()
		}
	}
}

// TestAbortServer: aborted at any moment, a server leaves no thread and no socket,
// whether it accepts, receives, computes or starts a thread.
func TestAbortServer(t *testing.T) {
	p := serverProgram(fastClient)
	for _, pause := range []time.Duration{0, time.Millisecond, 20 * time.Millisecond} {
		each := eachServer
		if pause == time.Millisecond {
			each = eachModel
		}
		each(t, p, func(t *testing.T, s server, _ int64, wait func() error, abort func()) {
			for range 3 {
				c := dial(t, s)
				io.WriteString(c, "45") // seconds
			}
			idle := dial(t, s)
			defer idle.Close()
			time.Sleep(pause)
			abort()
			s.Close()
			_ = wait() // says that it was aborted
			if n := s.counts(); n.Requests > n.Errors {
				t.Errorf("%d requests were answered, which nobody waits for", n.Requests)
			}
		})
	}
}

// TestCloseIdle: an idle server with connections ends when it is closed, without
// an abort.
func TestCloseIdle(t *testing.T) {
	eachModel(t, serverProgram(fastClient), func(t *testing.T, s server, _ int64, wait func() error, _ func()) {
		c := dial(t, s)
		io.WriteString(c, "1")
		if got, err := bufio.NewReader(c).ReadString('\n'); got != "1\n" {
			t.Fatalf("got %q, %v", got, err)
		}
		if err := errors.Join(s.Close(), s.Close(), wait()); err != nil {
			t.Error(err)
		}
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Error("the connection still lives")
		}
	})
}
