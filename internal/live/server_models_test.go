package live

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/workloads"
)

// ask sends a request and returns the reply.
func ask(t *testing.T, c net.Conn, request string) string {
	t.Helper()
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatalf("%q cannot be sent: %v", request, err)
	}
	return hear(t, c)
}

func hear(t *testing.T, c net.Conn) string {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	b := make([]byte, 1)
	var line []byte
	for {
		if _, err := c.Read(b); err != nil {
			t.Fatalf("%v after %q", err, line)
		}
		if b[0] == '\n' {
			return string(line)
		}
		line = append(line, b[0])
	}
}

// TestSecondClientHangs: a sequential server is silent to the second client until the
// first has left; all others serve both.
func TestSecondClientHangs(t *testing.T) {
	eachModel(t, serverProgram(fastClient), func(t *testing.T, s server, _ int64, wait func() error, _ func()) {
		first, second := dial(t, s), dial(t, s)
		if got := ask(t, first, "10"); got != "55" {
			t.Errorf("got %q", got)
		}
		io.WriteString(second, "11")
		_ = second.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		_, err := second.Read(make([]byte, 10))
		sequential := strings.Contains(t.Name(), "/sequential/")
		if sequential && err == nil {
			t.Error("the second client was answered while the first was there")
		}
		first.Close()
		if sequential {
			if got := hear(t, second); got != "89" {
				t.Errorf("got %q", got)
			}
		} else if got := ask(t, second, "12"); !strings.HasSuffix(got, "144") {
			t.Errorf("got %q", got)
		}
		second.Close()
		s.Close()
		if err := wait(); err != nil {
			t.Error(err)
		}
	})
}

// pooled are the models with a pool.
var pooled = []workloads.Model{workloads.Processes, workloads.CoroutinesProcesses}

// killWorkers kills the worker processes of a server that compute.
func killWorkers(c *crew) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.workers {
		if len(w.errands) > 0 {
			_ = w.cmd.Process.Kill()
		}
	}
}

// TestServedWorkerKilled: where the worker that computes a reply dies, the reply is an
// error of one line, and the connection lives on.
func TestServedWorkerKilled(t *testing.T) {
	for _, m := range pooled {
		if runtime.GOOS != "linux" {
			continue
		}
		t.Run(string(m), func(t *testing.T) {
			eachServer(t, modelled(serverProgram(fastClient), m), func(t *testing.T, s server, _ int64, wait func() error, _ func()) {
				c := dial(t, s)
				var crew *crew
				switch s := s.(type) {
				case *gilServer:
					crew = s.crew
				case *nativeServer:
					crew = s.crew
				}
				done := make(chan struct{})
				go func() {
					for {
						select {
						case <-done:
							return
						case <-time.After(20 * time.Millisecond):
							killWorkers(crew)
						}
					}
				}()
				got := ask(t, c, "45")
				close(done)
				if got != "error: the worker process died (signal: killed)" {
					t.Errorf("got %q", got)
				}
				for range 4 {
					if got := ask(t, c, "20"); got != "6765" {
						t.Errorf("after the loss: %q", got)
					}
				}
				c.Close()
				s.Close()
				if err := wait(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// eachLimited runs a test on a server of each model, with limits: one under a lock, the
// next natively.
func eachLimited(t *testing.T, limits ServerLimits, f func(t *testing.T, s server)) {
	for i, m := range workloads.Models() {
		if runtime.GOOS != "linux" && m != workloads.Threads && m != workloads.Sequential {
			continue
		}
		run := func(t *testing.T, s server, _ int64, wait func() error, _ func()) {
			f(t, s)
			s.Close()
			if err := wait(); err != nil {
				t.Error(err)
			}
		}
		p := modelled(serverProgram(fastClient), m)
		t.Run(string(m), func(t *testing.T) {
			leavesNothing(t)
			if i%2 == 1 {
				serveGIL(t, p, "cpython-3", gil.ParkAuto, limits, run)
			} else {
				serveNative(t, p, limits, run)
			}
		})
	}
}

// TestMaxFib: a number beyond the limit is an error, the limit itself is not.
func TestMaxFib(t *testing.T) {
	eachLimited(t, ServerLimits{MaxFib: 12}, func(t *testing.T, s server) {
		c := dial(t, s)
		defer c.Close()
		if got := ask(t, c, "13"); got != `error: the number must be from 0 to 12, got "13"` {
			t.Errorf("got %q", got)
		}
		if got := ask(t, c, "12"); got != "144" {
			t.Errorf("got %q", got)
		}
	})
}

// TestSilentClient: a client that says nothing is closed after the idle time; meanwhile
// others are served, but by a sequential server, and then by that, too.
func TestSilentClient(t *testing.T) {
	eachLimited(t, ServerLimits{Idle: 100 * time.Millisecond}, func(t *testing.T, s server) {
		silent := dial(t, s)
		defer silent.Close()
		c := dial(t, s)
		if got := ask(t, c, "10"); got != "55" {
			t.Errorf("got %q", got)
		}
		c.Close()
		_ = silent.SetReadDeadline(time.Now().Add(20 * time.Second))
		if _, err := silent.Read(make([]byte, 1)); err != io.EOF && !strings.Contains(fmt.Sprint(err), "reset") {
			t.Errorf("the silent client: %v", err)
		}
	})
}

// TestFullSendBuffer: a client that takes nothing, while its replies fill the buffers, is
// closed after the idle time, and holds up nobody.
//
// When that client learns of it is TCP's matter: a reset beyond its window, which is
// zero, is dropped, and its next probe of the window may be seconds away.
func TestFullSendBuffer(t *testing.T) {
	limits := ServerLimits{Idle: 100 * time.Millisecond}
	test := func(t *testing.T, s server, _ int64, wait func() error, _ func()) {
		smallBuffers(t, s)
		full := dial(t, s)
		stuffed := make(chan struct{})
		go func() {
			defer close(stuffed)
			line := []byte(strings.Repeat("x\n", 4096)) // its reply is 20 times as long
			for {
				if _, err := full.Write(line); err != nil {
					return
				}
			}
		}()
		for range 3 {
			c := dial(t, s)
			if got := ask(t, c, "10"); got != "55" {
				t.Errorf("got %q", got)
			}
			c.Close()
		}
		for patience := 3000; s.counts().Open > 0; patience-- {
			if patience == 0 {
				t.Fatalf("the client that takes nothing is still connected: %+v", s.counts())
			}
			time.Sleep(10 * time.Millisecond)
		}
		full.Close()
		<-stuffed
		s.Close()
		if err := wait(); err != nil {
			t.Error(err)
		}
	}
	t.Run("threads", func(t *testing.T) {
		leavesNothing(t)
		serveGIL(t, serverProgram(fastClient), "cpython-3", gil.ParkAuto, limits, test)
	})
	t.Run("native coroutines", func(t *testing.T) {
		leavesNothing(t)
		if runtime.GOOS == "linux" {
			serveNative(t, modelled(serverProgram(fastClient), workloads.Coroutines), limits, test)
		}
	})
}

// TestMaxConnections: one more than there may be is told so.
func TestMaxConnections(t *testing.T) {
	eachLimited(t, ServerLimits{MaxConnections: 1}, func(t *testing.T, s server) {
		if strings.HasSuffix(t.Name(), "/prefork") || strings.HasSuffix(t.Name(), "/sequential") {
			return // the limit of each process; and a second one is not accepted
		}
		c := dial(t, s)
		defer c.Close()
		ask(t, c, "1")
		more := dial(t, s)
		defer more.Close()
		got, err := bufio.NewReader(more).ReadString('\n')
		if got != tooMany {
			t.Errorf("got %q, %v", got, err)
		}
		if n := s.counts(); n.Refused != 1 || n.Open != 1 || n.Connections != 1 {
			t.Errorf("%+v", n)
		}
	})
}

// TestHostileClients: whatever clients send, and however they leave, those beside them
// get the right replies.
func TestHostileClients(t *testing.T) {
	eachLimited(t, ServerLimits{MaxFib: 20, Idle: 300 * time.Millisecond}, func(t *testing.T, s server) {
		random := rand.New(rand.NewPCG(1, 2))
		for i := range 6 {
			c := dial(t, s)
			b := make([]byte, random.IntN(3000))
			for j := range b {
				b[j] = byte(random.IntN(256))
			}
			_, _ = c.Write(b) // the server may have closed
			if i%2 == 0 {
				_ = c.(*net.TCPConn).SetLinger(0) // vanishes with a reset
			}
			c.Close()
			vanishing := dial(t, s)
			io.WriteString(vanishing, "20")
			vanishing.Close()
			good := dial(t, s)
			if got := ask(t, good, "15"); got != "610" {
				t.Errorf("got %q", got)
			}
			good.Close()
		}
	})
}

// TestDrainInterpreters: what a server on its own is at when it is to end is answered,
// whichever interpreter that is in.
func TestDrainInterpreters(t *testing.T) {
	leavesNothing(t)
	ctx, end := context.WithCancel(context.Background())
	defer end()
	address, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		_, err := Serve(ctx, &ServeConfig{
			Program:    modelled(serverProgram(fastClient), workloads.Interpreters),
			Calibrator: &calibrator, Started: func(a string) { address <- a },
		})
		ended <- err
	}()
	var where string
	select {
	case where = <-address:
	case err := <-ended:
		t.Fatal(err)
	}
	var conns [2]net.Conn // in an interpreter each
	for i := range conns {
		c, err := net.Dial("tcp", where)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if got := ask(t, c, "1"); got != "1" {
			t.Errorf("got %q", got)
		}
		conns[i] = c
	}
	for _, c := range conns {
		io.WriteString(c, "30")
	}
	end()
	for i, c := range conns {
		if got := hear(t, c); got != "832040" {
			t.Errorf("interpreter %d: got %q", i, got)
		}
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
