//go:build unix

package cpython

import (
	"context"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/workloads"
)

// groupGone fails unless all processes have ended of the group whose leader noted
// its id in the file.
func groupGone(t *testing.T, pidFile string) {
	t.Helper()
	for range 300 {
		if hasEnded(-noted(t, pidFile)) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the driver has left processes behind")
}

func noted(t *testing.T, pidFile string) int {
	t.Helper()
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// Nothing is left of a run that ends well, nor of one that is interrupted.
func TestChildrenEndWithTheRun(t *testing.T) {
	t.Parallel()
	b, pid := withSite(t, defaultBackend(t), "")
	b.Clients = LiveClients(clientCommand(t))
	run(t, b, asked(workloads.Prefork))
	groupGone(t, pid)
	p := asked(workloads.CoroutinesProcesses)
	p.Duration = time.Hour
	runInterrupted(t, b, p)
	groupGone(t, pid)
}

// When the driver is killed, or the other end of its input is, the children see it.
func TestChildrenEndWithTheDriver(t *testing.T) {
	t.Parallel()
	plain := defaultBackend(t)
	for m, end := range map[workloads.Model]func(*process){
		workloads.Prefork:   func(p *process) { syscall.Kill(p.cmd.Process.Pid, syscall.SIGKILL) },
		workloads.Processes: func(p *process) { p.in.Close() },
	} {
		b, pid := withSite(t, plain, "")
		req, draws, err := newRequest(asked(m))
		if err != nil {
			t.Fatal(err)
		}
		p, err := launch(context.Background(), b.path, req.encode(draws), time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if m, err := p.next(); err != nil || !m.Ready {
			t.Fatalf("message %+v, error %v", m, err)
		}
		end(p)
		// Not p.close, which would end the children itself.
		if err := p.cmd.Wait(); err == nil {
			t.Error("the driver has ended well")
		}
		groupGone(t, pid)
		p.abort()
	}
}

// A process of a server that dies is told, and ends the run.
func TestServerProcessThatDies(t *testing.T) {
	t.Parallel()
	plain := defaultBackend(t)
	if b := plain; b.id.Major == 3 && b.id.Minor < 7 {
		t.Skip("this interpreter has no os.register_at_fork")
	}
	plain.Clients = LiveClients(clientCommand(t))
	for m, want := range map[workloads.Model]string{
		workloads.Prefork:   "a process of the server has ended with signal 9",
		workloads.Processes: "BrokenProcessPool",
	} {
		b, pid := withSite(t, plain, "import signal, threading\ndef child():\n"+
			"    t = threading.Timer(0.7, os.kill, [os.getpid(), signal.SIGKILL])\n    t.daemon = True\n    t.start()\n"+
			"os.register_at_fork(after_in_child=child)\n")
		p := asked(m)
		p.Duration = time.Hour
		_, err := b.Run(context.Background(), p, session.Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v", m, err)
		}
		groupGone(t, pid)
	}
}

// A server that dies under its clients is reported as what it is, and not as
// connections that broke.
func TestServerThatDiesUnderItsClients(t *testing.T) {
	t.Parallel()
	b, _ := withSite(t, defaultBackend(t), "import os, threading\nt = threading.Timer(1, os.abort)\nt.daemon = True\nt.start()\n")
	b.Clients = LiveClients(clientCommand(t))
	_, err := b.Run(context.Background(), serving(time.Hour), session.Options{})
	if err == nil || !strings.HasPrefix(err.Error(), b.path+": ended early: ") {
		t.Errorf("error is %v", err)
	}
}
