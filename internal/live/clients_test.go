package live

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/internal/race"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/workloads"
)

// actAs makes the test binary do something else than test.
const actAs = "FIBSIM_TEST_ACT_AS"

func TestMain(m *testing.M) {
	switch os.Getenv(actAs) {
	case "client":
		if err := RunClient(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "worker":
		if err := RunWorker(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "worker that dies":
		_, _ = readWorkerConfig(os.Stdin)
		_ = writeMessage(os.Stdout, nil)
		_, _ = readMessage(os.Stdin)
		os.Exit(5)
	case "parent":
		orphanClients()
	case "parent of workers":
		orphanWorkers()
	case "client that leaves":
		leaveAtStart()
	case "crash":
		fmt.Fprintln(os.Stderr, "no more memory")
		os.Exit(3)
	case "babble":
		for {
			fmt.Println("hello")
		}
	case "ready for ever":
		for {
			fmt.Println(wordReady)
		}
	case "silent":
		time.Sleep(time.Hour)
	default:
		race.QuickChildren()
		openPoller()
		os.Exit(m.Run())
	}
}

// openPoller makes the runtime open the descriptors that it waits with for sockets and
// pipes, so that no test seems to leave them behind.
func openPoller() {
	if r, w, err := os.Pipe(); err == nil {
		r.Close()
		w.Close()
	}
}

// acting returns the command of this binary as something else.
func acting(role string) Command {
	return func(ctx context.Context) *exec.Cmd {
		cmd := exec.CommandContext(ctx, os.Args[0])
		cmd.Env = append(os.Environ(), actAs+"="+role)
		return cmd
	}
}

// serverProgram is a short program with these clients.
func serverProgram(clients ...workloads.Client) *workloads.Program {
	return &workloads.Program{
		Name: "test", Seed: 1, Warmup: 20 * time.Millisecond, Duration: 100 * time.Millisecond,
		Interpreter: workloads.Interpreter{Lock: "cpython-3", Pace: workloads.Pace{Mode: workloads.PaceNative}},
		Server:      &workloads.Server{Model: "threads", Address: "127.0.0.1:0"},
		Clients:     clients,
	}
}

var (
	slowClient = workloads.Client{Name: "slow", Count: 1, Request: 25}
	fastClient = workloads.Client{Name: "fast", Count: 2, Request: 1}
	webClient  = workloads.Client{Name: "web", Count: 2, Request: 2, Rate: 200}
)

// census counts what must not be left behind.
type census struct{ files, goroutines, children int }

// takeCensus counts the descriptors, goroutines and child processes of this
// process; only the goroutines where the system does not tell.
func takeCensus() census {
	c := census{goroutines: runtime.NumGoroutine()}
	if fds, err := os.ReadDir("/proc/self/fd"); err == nil {
		c.files = len(fds)
	}
	tasks, _ := os.ReadDir("/proc/self/task")
	for _, task := range tasks {
		b, _ := os.ReadFile("/proc/self/task/" + task.Name() + "/children")
		c.children += len(strings.Fields(string(b)))
	}
	return c
}

// leavesNothing fails the test unless, at its end, all is as it was now.
func leavesNothing(t *testing.T) {
	t.Helper()
	before := takeCensus()
	t.Cleanup(func() {
		var after census
		// What has been told to end may need a moment to.
		for range 500 {
			after = takeCensus()
			if after.files <= before.files && after.goroutines <= before.goroutines && after.children <= before.children {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Errorf("left behind: %+v before, %+v after", before, after)
	})
}

// newRuntime returns a runtime with this lock and way to park, time 0 a little
// ahead.
func newRuntime(t *testing.T, lock string, park gil.Park, p *workloads.Program) *gil.Runtime {
	t.Helper()
	// As the runner does: collecting garbage would stop threads that hold the lock.
	t.Cleanup(quietMemory(p.Workers()))
	pol, err := policy.New(lock, nil)
	if err != nil {
		t.Fatal(err)
	}
	rt, err := gil.New(pol, gil.Options{Park: park, Epoch: gil.Monotonic() + 50e6, Window: window(p), Keep: true})
	if err != nil {
		t.Skip(err)
	}
	return rt
}

// mustServe starts the program's server on rt.
func mustServe(t *testing.T, rt *gil.Runtime, p *workloads.Program) *gilServer {
	t.Helper()
	house, err := openPremises(context.Background(), planOf(p, false, ServerLimits{}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(house.leave)
	s, err := startGILServer(rt, house)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustStart(t *testing.T, p *workloads.Program) *Clients {
	t.Helper()
	c, err := StartClients(context.Background(), ClientsConfig{Program: p, Command: acting("client")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c
}

// TestClientsInOrder: the rows of all connections come in the order of the
// program, each with its port, also where a group is dealt out to processes.
func TestClientsInOrder(t *testing.T) {
	leavesNothing(t)
	many := workloads.Client{Name: "many", Count: 40, Request: 3, Rate: 50}
	p := serverProgram(slowClient, many, fastClient)
	c := mustStart(t, p)
	if got, want := len(c.processes), 1+3+1; got != want {
		t.Errorf("%d processes, want %d", got, want)
	}
	rt := newRuntime(t, "cpython-3", gil.ParkAuto, p)
	defer rt.Close()
	s := mustServe(t, rt, p)
	ctx := context.Background()
	if err := c.begin(ctx, s.addr(), rt.Epoch()); err != nil {
		t.Fatal(err)
	}
	rows, err := c.Wait(ctx)
	s.Close()
	if werr := rt.Wait(ctx); err != nil || werr != nil {
		t.Fatal(err, werr)
	}
	ports := map[int]bool{}
	i, all := 0, 0
	for _, g := range p.Clients {
		for worker := range g.Count {
			r := &rows[i]
			if r.Group != g.Name || r.Worker != worker || r.Port == 0 || ports[r.Port] {
				t.Errorf("connection %d is %s %d at port %d, want %s %d at a port of its own", i, r.Group, r.Worker, r.Port, g.Name, worker)
			}
			ports[r.Port] = true
			checkRows(t, r.Rows, p.End())
			got := 0 // a busy host may not have let it begin
			if served := s.samples()[r.Port]; served != nil {
				got = served.count()
			}
			if all += got; got != len(r.Rows) {
				t.Errorf("%s %d: the server has %d requests, the client %d", g.Name, worker, got, len(r.Rows))
			}
			i++
		}
	}
	if i != len(rows) || all == 0 {
		t.Errorf("%d connections with %d requests, want %d", len(rows), all, i)
	}
	if runtime.GOOS == "linux" && c.PeakMemory() < 1<<20 {
		t.Errorf("peak memory of %d processes: %d bytes", len(c.processes), c.PeakMemory())
	}
}

// TestShards: connections are dealt out evenly, in order, each once, to at most 16
// in a process up to 32 processes.
func TestShards(t *testing.T) {
	for _, count := range []int{1, 15, 16, 17, 40, 512, 513, 10_000} {
		p := serverProgram(workloads.Client{Name: "g", Count: count})
		next, least, most := 0, count, 0
		shards := shardsOf(p, 10)
		for _, s := range shards {
			if s.First != next {
				t.Errorf("%d connections: a process begins at %d, want %d", count, s.First, next)
			}
			next += s.Count
			least, most = min(least, s.Count), max(most, s.Count)
		}
		if next != count || most-least > 1 || len(shards) > 32 || len(shards) < 32 && most > 16 {
			t.Errorf("%d connections: %d in %d processes of %d to %d", count, next, len(shards), least, most)
		}
	}
}

// TestClientKilled: a client process that is lost midway is an error that says so,
// the others are stopped, and all are reaped.
func TestClientKilled(t *testing.T) {
	leavesNothing(t)
	p := serverProgram(slowClient, fastClient)
	p.Duration = time.Hour
	c := mustStart(t, p)
	rt := newRuntime(t, "cpython-3", gil.ParkAuto, p)
	defer rt.Close()
	s := mustServe(t, rt, p)
	if err := c.begin(context.Background(), s.addr(), rt.Epoch()); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(100*time.Millisecond, func() { c.processes[1].cmd.Process.Kill() })
	rows, err := c.Wait(context.Background())
	want := "client process for group fast ended early (signal: killed)"
	if runtime.GOOS == "windows" {
		want = "client process for group fast ended early"
	}
	if err == nil || !strings.HasPrefix(err.Error(), want) || rows != nil {
		t.Errorf("got %v with %d connections, want %s", err, len(rows), want)
	}
	c.Stop()
	abandon(rt, s)
}

// leaveAtStart is a client process that ends when it is to go.
func leaveAtStart() {
	answers := []string{wordReady, wordConnected + " 1"}
	for in := bufio.NewScanner(os.Stdin); len(answers) > 0 && in.Scan(); answers = answers[1:] {
		fmt.Println(answers[0])
	}
	os.Exit(4)
}

// TestRunLosesClient: where a client process is lost, the error of the run says so,
// and nothing of the threads that were stopped for it.
func TestRunLosesClient(t *testing.T) {
	p := serverProgram(slowClient)
	p.Duration = time.Hour
	p.Threads = []workloads.Group{{Name: "idle", Count: 1, Body: []workloads.Op{{Kind: workloads.OpYield, N: 1}}}}
	commands := Commands{Client: acting("client that leaves")}
	for _, b := range []session.Backend{NewGIL(new(Calibrator), commands), NewNative(new(Calibrator), commands)} {
		t.Run(b.Name(), func(t *testing.T) {
			leavesNothing(t)
			_, err := b.Run(context.Background(), p, session.Options{})
			if want := "client process for group slow ended early (exit status 4)"; err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}

// TestClientsThatFail: whatever a client process does instead of what it should,
// the error names the group, and nothing is left.
func TestClientsThatFail(t *testing.T) {
	for role, want := range map[string]string{
		"crash":          "client process for group fast ended early (exit status 3): no more memory",
		"babble":         `client process for group fast: answered with "hello\n"`,
		"ready for ever": "client process for group fast: answered out of order",
	} {
		t.Run(role, func(t *testing.T) {
			leavesNothing(t)
			c, err := StartClients(context.Background(), ClientsConfig{Program: serverProgram(fastClient), Command: acting(role)})
			if err == nil {
				err = c.Connect(context.Background(), "127.0.0.1:1")
				c.Stop()
			}
			if err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
	t.Run("missing", func(t *testing.T) {
		leavesNothing(t)
		_, err := StartClients(context.Background(), ClientsConfig{Program: serverProgram(fastClient), Command: func(context.Context) *exec.Cmd {
			return exec.Command("/nonexistent/fibsim")
		}})
		if err == nil || !strings.HasPrefix(err.Error(), "client process for group fast cannot be started: ") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("no server", func(t *testing.T) {
		leavesNothing(t)
		c := mustStart(t, serverProgram(fastClient))
		err := c.Connect(context.Background(), "127.0.0.1:1")
		if err == nil || !strings.HasPrefix(err.Error(), "client process for group fast: ") || !strings.Contains(err.Error(), "127.0.0.1:1") {
			t.Errorf("got %v, want the group and the address", err)
		}
	})
}

// TestClientsInterrupted: when the context ends, every call returns its error at
// once, and what was measured comes with it.
func TestClientsInterrupted(t *testing.T) {
	t.Run("while they start", func(t *testing.T) {
		leavesNothing(t)
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(50*time.Millisecond, cancel)
		_, err := StartClients(ctx, ClientsConfig{Program: serverProgram(fastClient), Command: acting("silent")})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
	})
	t.Run("while they run", func(t *testing.T) {
		leavesNothing(t)
		p := serverProgram(slowClient, fastClient, webClient)
		p.Duration = time.Hour
		c := mustStart(t, p)
		rt := newRuntime(t, "cpython-3", gil.ParkAuto, p)
		defer rt.Close()
		s := mustServe(t, rt, p)
		if err := c.begin(context.Background(), s.addr(), rt.Epoch()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(300*time.Millisecond, cancel)
		rows, err := c.Wait(ctx)
		if !errors.Is(err, context.Canceled) || len(rows) != p.Workers() {
			t.Errorf("got %v with %d connections, want %v with %d", err, len(rows), context.Canceled, p.Workers())
		}
		for i := range rows {
			for _, row := range rows[i].Rows {
				if row.Err != "" {
					t.Errorf("%s %d: what was cut off counts as failed: %+v", rows[i].Group, rows[i].Worker, row)
				}
			}
		}
		abandon(rt, s)
	})
	t.Run("while another waits", func(t *testing.T) {
		leavesNothing(t)
		c := mustStart(t, serverProgram(fastClient))
		waited := make(chan error)
		go func() {
			_, err := c.Wait(context.Background())
			waited <- err
		}()
		c.Stop()
		if err := <-waited; err == nil {
			t.Error("Wait returned no error after Stop")
		}
		c.Stop()
	})
}

// orphanClients starts clients that would run for an hour, prints their process
// numbers, and is killed.
func orphanClients() {
	p := serverProgram(fastClient, webClient)
	p.Duration = time.Hour
	c, err := StartClients(context.Background(), ClientsConfig{Program: p, Command: acting("client")})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for _, p := range c.processes {
		fmt.Println(p.cmd.Process.Pid)
	}
	fmt.Println("done")
	killSelf()
}

func killSelf() {
	_ = os.Stdout.Sync()
	self, _ := os.FindProcess(os.Getpid())
	_ = self.Kill()
	time.Sleep(time.Hour)
}

// TestParentKilled: no client and no worker outlives fibsim, even where it is killed
// and can clean nothing up.
func TestParentKilled(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process number alone says nothing there")
	}
	for _, role := range []string{"parent", "parent of workers"} {
		t.Run(role, func(t *testing.T) { killsItsProcesses(t, role) })
	}
}

func killsItsProcesses(t *testing.T, role string) {
	out, _ := acting(role)(context.Background()).Output()
	fields := strings.Fields(string(out))
	if len(fields) != 3 || fields[2] != "done" {
		t.Fatalf("the parent said %q, want two process numbers", out)
	}
	for _, field := range fields[:2] {
		var pid int
		fmt.Sscan(field, &pid)
		gone := false
		for range 500 {
			if gone = isGone(pid); gone {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if !gone {
			t.Errorf("process %d still runs", pid)
		}
	}
}

// isGone reports whether a process has ended. One that nobody has reaped yet, as
// happens where the first process of a container does not, is gone too.
func isGone(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil || p.Signal(syscall.Signal(0)) != nil {
		return true
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(stat), ") Z ")
}
