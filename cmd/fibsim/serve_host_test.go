//go:build host && linux

package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Ten thousand idle connections on coroutines, and two thousand on threads, are no
// burden: those that ask are answered, and nothing is refused. It needs 10,100
// descriptors, see ulimit -n.
func TestIdleConnections(t *testing.T) {
	for _, c := range []struct {
		model string
		count int
	}{{"coroutines", 10_000}, {"threads", 2_000}} {
		t.Run(c.model, func(t *testing.T) {
			p, address := serving(t, "--model", c.model)
			conns := make([]net.Conn, c.count)
			for i := range conns {
				var err error
				if conns[i], err = net.Dial("tcp", address); err != nil {
					t.Fatalf("connection %d: %v, %s", i, err, p.stderr)
				}
				defer conns[i].Close()
			}
			// The last one, too: connections are accepted in order, so that all are then.
			for i := len(conns)/100 - 1; i < len(conns); i += len(conns) / 100 {
				fmt.Fprint(conns[i], "10")
				if got, err := bufio.NewReader(conns[i]).ReadString('\n'); got != "55\n" {
					t.Fatalf("connection %d: %q, %v", i, got, err)
				}
			}
			status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Process.Pid))
			for _, line := range strings.Split(string(status), "\n") {
				if strings.HasPrefix(line, "VmHWM") || strings.HasPrefix(line, "Threads") {
					t.Logf("%d connections: %s", c.count, strings.Join(strings.Fields(line), " "))
				}
			}
			if err := p.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			totals, _ := p.lines.ReadString('\n')
			if err := p.Wait(); err != nil || !strings.HasPrefix(totals, fmt.Sprintf("100 requests on %d connections in ", c.count)) {
				t.Errorf("%q, %v, %s", totals, err, p.stderr)
			}
		})
	}
}

// Half a minute of a thousand clients, half of what they send valid and half hostile:
// text, numbers that are none or too large, lines without end, requests that are split
// or sent ahead, connections that are reset in the middle of a request, half closed,
// or never read from. No server crashes; every valid request is answered right; and
// afterwards there are as many goroutines, descriptors and processes as before.
func TestHostileLoad(t *testing.T) {
	const clients, length = 1000, 30 * time.Second
	for _, model := range []string{"threads", "coroutines", "processes", "coroutines+processes"} {
		t.Run(model, func(t *testing.T) {
			// What Go opens once and for all, for sockets and processes, is open before.
			start := func() *running {
				r := serve(t, "--model", model, "--pace", "native")
				c := r.dial()
				r.ask(c, "5", "5")
				c.Close()
				time.Sleep(500 * time.Millisecond) // until the server has seen that
				return r
			}
			start().interrupt()
			before := takeCensus()
			r := start()
			serving := takeCensus()
			f := &foes{address: r.address, until: time.Now().Add(length)}
			var all sync.WaitGroup
			for id := range clients {
				all.Go(func() { f.live(rand.New(rand.NewPCG(1, uint64(id)))) })
			}
			all.Wait()
			for _, problem := range f.problems {
				t.Error(problem)
			}
			idle := settled(serving)
			totals := r.interrupt()
			after := settled(before)
			t.Logf("%d valid requests, %d hostile ones, %d connections; %s", f.valid.Load(), f.hostile.Load(), f.dialled.Load(), strings.TrimSpace(totals))
			t.Logf("before %+v, serving %+v, without clients %+v, after %+v", before, serving, idle, after)
			if after.above(before) || idle.files > serving.files || idle.children > serving.children {
				t.Error("something was left behind")
			}
			if f.valid.Load() == 0 || f.hostile.Load() == 0 {
				t.Error("nothing was asked")
			}
		})
	}
}

// foes are the clients of TestHostileLoad.
type foes struct {
	address                 string
	until                   time.Time
	valid, hostile, dialled atomic.Int64

	mu       sync.Mutex
	problems []string // the first few
}

func (f *foes) complain(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.problems) < 10 {
		f.problems = append(f.problems, fmt.Sprintf(format, args...))
	}
}

// live is one client after the other, until the time is over.
func (f *foes) live(random *rand.Rand) {
	for time.Now().Before(f.until) {
		c, err := net.Dial("tcp", f.address)
		if err != nil {
			f.complain("no connection: %v", err)
			return
		}
		f.dialled.Add(1)
		_ = c.SetDeadline(time.Now().Add(time.Minute))
		f.visit(&foe{foes: f, TCPConn: c.(*net.TCPConn), lines: bufio.NewReader(c), random: random})
		c.Close()
	}
}

// foe is one connection. All its requests end with a newline.
type foe struct {
	*foes
	*net.TCPConn
	lines  *bufio.Reader
	random *rand.Rand
}

// visit is what one connection sends, until it leaves in one way or another.
func (f *foes) visit(c *foe) {
	for range 1 + c.random.IntN(20) {
		if !time.Now().Before(f.until) || !c.ask() || !c.attack() {
			return
		}
	}
	switch c.random.IntN(5) {
	case 0: // in the middle of a request, reset
		fmt.Fprint(c, "22\n1")
		_ = c.SetLinger(0)
	case 1: // half closed: what was asked before is answered
		fmt.Fprint(c, "9\n")
		_ = c.CloseWrite()
		c.expect("34")
	case 2: // never read from, until the server takes no more
		_ = c.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
		for range 1000 {
			if _, err := fmt.Fprint(c, strings.Repeat("3\n", 1000)); err != nil {
				break
			}
		}
		_ = c.SetLinger(0)
	case 3: // idle for a while
		time.Sleep(time.Duration(c.random.IntN(200)) * time.Millisecond)
	}
}

// fibsAsked are the numbers that are asked for.
var fibsAsked = []int{1, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987}

// ask sends valid requests in one of three ways, and reports whether the connection
// can go on.
func (c *foe) ask() bool {
	n := c.random.IntN(len(fibsAsked))
	if n == 0 {
		n = 1
	}
	switch c.random.IntN(3) {
	case 0:
		fmt.Fprintf(c, "%d\n", n)
		return c.expect(fmt.Sprint(fibsAsked[n]))
	case 1: // sent ahead
		fmt.Fprintf(c, "%d\n5\n %d \n", n, n)
		return c.expect(fmt.Sprint(fibsAsked[n])) && c.expect("5") && c.expect(fmt.Sprint(fibsAsked[n]))
	}
	// Split, so that a digit comes alone. A newline has come before.
	fmt.Fprint(c, "4\n1")
	time.Sleep(time.Millisecond)
	fmt.Fprint(c, "2\n")
	return c.expect("3") && c.expect("144")
}

// expect reads the reply to a valid request.
func (c *foe) expect(want string) bool {
	got, err := c.lines.ReadString('\n')
	c.valid.Add(1)
	if got != want+"\n" {
		c.complain("got %q, %v, want %s", got, err, want)
		return false
	}
	return true
}

// attack sends a request that is none, which is answered by an error.
func (c *foe) attack() bool {
	texts := []string{"", "ten", "-1", "46", "99999999999999999999", "1e3", "\x00\xff\xfe", strings.Repeat("9", 5000), "1 2", "../../etc/passwd"}
	if _, err := fmt.Fprintf(c, "%s\n", texts[c.random.IntN(len(texts))]); err != nil {
		c.complain("a hostile request cannot be sent: %v", err)
		return false
	}
	c.hostile.Add(1)
	got, err := c.lines.ReadString('\n')
	if !strings.HasPrefix(got, "error:") {
		c.complain("a hostile request: got %q, %v", got, err)
		return false
	}
	return true
}

// census counts what must not be left behind.
type census struct{ goroutines, files, children int }

func (c census) above(o census) bool {
	return c.goroutines > o.goroutines || c.files > o.files || c.children > o.children
}

// takeCensus counts the goroutines, descriptors and child processes of this process.
func takeCensus() census {
	c := census{goroutines: runtime.NumGoroutine()}
	fds, _ := os.ReadDir("/proc/self/fd")
	c.files = len(fds)
	tasks, _ := os.ReadDir("/proc/self/task")
	for _, task := range tasks {
		b, _ := os.ReadFile("/proc/self/task/" + task.Name() + "/children")
		c.children += len(strings.Fields(string(b)))
	}
	return c
}

// settled waits until no more is there than was, for ten seconds at most, and returns
// what is.
func settled(was census) census {
	now := takeCensus()
	for i := 0; i < 1000 && now.above(was); i++ {
		time.Sleep(10 * time.Millisecond)
		now = takeCensus()
	}
	return now
}
