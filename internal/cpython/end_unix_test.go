//go:build unix

package cpython

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fibsim/fibsim/internal/session"
)

// withSite makes every interpreter execute source when it starts, which first
// notes its process id in the file that is returned.
func withSite(t *testing.T, source string) (pidFile string) {
	t.Helper()
	dir := t.TempDir()
	pidFile = filepath.Join(dir, "pid")
	source = "import os\nopen(" + strconv.Quote(pidFile) + ", 'w').write(str(os.getpid()))\n" + source
	if err := os.WriteFile(filepath.Join(dir, "sitecustomize.py"), []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PYTHONPATH", dir)
	return pidFile
}

// gone fails unless the process noted in the file has ended and was reaped.
func gone(t *testing.T, pidFile string) {
	t.Helper()
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatalf("no interpreter has started: %v", err)
	}
	pid, err := strconv.Atoi(string(text))
	if err != nil {
		t.Fatal(err)
	}
	// A process that was killed with its group and is nobody's child any more
	// waits for init to reap it.
	for range 200 {
		if err := syscall.Kill(pid, 0); errors.Is(err, syscall.ESRCH) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %d is still there", pid)
}

// An interrupt ends the run and its process; what was complete by then is kept,
// with a window that ends there.
func TestInterruptKeepsWhatIsComplete(t *testing.T) {
	twoInterpreters(t, func(t *testing.T, b *Backend) {
		pid := withSite(t, "")
		rep := runInterrupted(t, b, long())
		gone(t, pid)
		if rep.Window.End <= 0 || rep.Window.End > 60e9 {
			t.Errorf("the window ends at %d ns", rep.Window.End)
		}
		for _, name := range []string{"hog", "quick"} {
			checkRows(t, samples(t, rep, name)[0], rep.Window)
		}
	})
}

// An interrupt before the start leaves no process and no report, at whatever
// moment it comes.
func TestInterruptBeforeTheStart(t *testing.T) {
	b := defaultBackend(t)
	for _, after := range []time.Duration{0, time.Millisecond, 20 * time.Millisecond, 60 * time.Millisecond, 120 * time.Millisecond} {
		pid := withSite(t, "")
		ctx, cancel := context.WithTimeout(context.Background(), after)
		rep, err := b.Run(ctx, long(), session.Options{})
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %v: report %v, error %v", after, rep, err)
		}
		if _, err := os.Stat(pid); err == nil {
			gone(t, pid)
		}
	}
}

// A script around the interpreter does not shield it.
func TestInterruptReachesDescendants(t *testing.T) {
	b := defaultBackend(t)
	pid := withSite(t, "")
	script := filepath.Join(t.TempDir(), "wrapper")
	if err := os.WriteFile(script, []byte("#!/bin/sh\n"+strconv.Quote(b.path)+" \"$@\"\nexit $?\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	b.path = script
	ctx, cancel := context.WithTimeout(context.Background(), 700*time.Millisecond)
	defer cancel()
	b.limits.stop = time.Nanosecond // no time to answer, so that it has to be killed
	if _, err := b.Run(ctx, long(), session.Options{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v", err)
	}
	gone(t, pid)
}

// The driver ends by itself when nobody holds the other end of its input, as
// after the sudden death of fibsim, in the middle of a run with hogs.
func TestDriverEndsWithItsInput(t *testing.T) {
	b := defaultBackend(t)
	pid := withSite(t, "")
	req, draws, err := newRequest(long())
	if err != nil {
		t.Fatal(err)
	}
	p, err := launch(context.Background(), b.path, req.encode(draws), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	m, err := p.next()
	if err != nil || !m.Ready {
		t.Fatalf("message %+v, error %v", m, err)
	}
	p.send("start " + strconv.FormatInt(m.Now, 10))
	time.Sleep(100 * time.Millisecond)
	p.in.Close()
	if err := p.cmd.Wait(); err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("the driver ended with %v, want exit status 3", err)
	}
	p.abort()
	gone(t, pid)
}

// A real interpreter that dies, or is killed, in the middle of a run is an error
// with its last words, and is reaped.
func TestInterpreterThatDies(t *testing.T) {
	b := defaultBackend(t)
	for _, c := range []struct{ source, want string }{
		{"import threading\ndef die():\n    os.write(2, b'out of luck\\n')\n    os.kill(os.getpid(), 9)\nt = threading.Timer(0.6, die)\nt.daemon = True\nt.start()\n",
			"ended early: signal: killed; " + remedy + "\n    out of luck"},
		{"import threading\nt = threading.Timer(0.6, os._exit, [0])\nt.daemon = True\nt.start()\n",
			"ended without a result; " + remedy},
		{"import hashlib, threading\ndel threading.Event\n", "ended early: exit status 1; " + remedy + "\n"},
	} {
		pid := withSite(t, c.source)
		_, err := b.Run(context.Background(), long(), session.Options{})
		if err == nil || !strings.HasPrefix(err.Error(), b.path+": "+c.want) {
			t.Errorf("error is %v, want %s", err, c.want)
		}
		gone(t, pid)
	}
}

// An operation that raises an exception is an error with its traceback.
func TestExceptionInAThread(t *testing.T) {
	b := defaultBackend(t)
	pid := withSite(t, "import time\ndef sleep(s):\n    raise ValueError('no sleep for you')\ntime.real, time.sleep = time.sleep, sleep\n")
	p := long()
	_, err := b.Run(context.Background(), p, session.Options{})
	if err == nil || !strings.Contains(err.Error(), "ValueError: no sleep for you") {
		t.Errorf("error is %v", err)
	}
	gone(t, pid)
}

// What a library prints does not get between the messages.
func TestForeignOutput(t *testing.T) {
	b := defaultBackend(t)
	withSite(t, "import sys, threading, time\nsys.stdout.write('hello\\n')\nsys.stdout.flush()\n"+
		"def chat():\n    time.sleep(0.3)\n    while True:\n        print('@fibsim {}')\n"+
		"t = threading.Thread(target=chat)\nt.daemon = True\nt.start()\n")
	p := long()
	p.Duration = 500 * time.Millisecond
	if rep := run(t, b, p); len(samples(t, rep, "hog")[0]) == 0 {
		t.Error("no iterations")
	}
}
