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

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/session"
)

// withSite returns a backend whose interpreter executes source when it starts, which
// first notes its process id in the file that is returned.
func withSite(t *testing.T, b *Backend, source string) (with *Backend, pidFile string) {
	t.Helper()
	dir := t.TempDir()
	pidFile = filepath.Join(dir, "pid")
	source = "import os\nopen(" + strconv.Quote(pidFile) + ", 'w').write(str(os.getpid()))\n" + source
	if err := os.WriteFile(filepath.Join(dir, "sitecustomize.py"), []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	again := *b
	again.path = filepath.Join(dir, "python")
	wrapper := "#!/bin/sh\nPYTHONPATH=" + strconv.Quote(dir) + " exec " + strconv.Quote(b.path) + " \"$@\"\n"
	writeProgram(t, again.path, wrapper)
	return &again, pidFile
}

// writeProgram writes a file that is to be executed. No process may begin meanwhile: it
// would have the file open for writing for a moment, so that nobody could execute it.
func writeProgram(t *testing.T, path, text string) {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
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
	for range 200 {
		if hasEnded(pid) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %d is still there", pid)
}

// hasEnded reports whether a process has, or a group of them whose leader's number is
// given as a negative one. Those that were killed with their group and are nobody's
// children any more may wait long for init to reap them, and have ended as well.
func hasEnded(pid int) bool {
	if err := syscall.Kill(pid, 0); errors.Is(err, syscall.ESRCH) {
		return true
	}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		b, err := os.ReadFile(path)
		_, rest, _ := strings.Cut(string(b), ") ") // after the name
		fields := strings.Fields(rest)
		if err != nil || len(fields) < 3 || fields[0] == "Z" || fields[0] == "X" {
			continue
		}
		if path == "/proc/"+strconv.Itoa(pid)+"/stat" || fields[2] == strconv.Itoa(-pid) { // its group
			return false
		}
	}
	return len(stats) > 0
}

// An interrupt ends the run and its process; what was complete by then is kept,
// with a window that ends there.
func TestInterruptKeepsWhatIsComplete(t *testing.T) {
	twoInterpreters(t, func(t *testing.T, b *Backend) {
		b, pid := withSite(t, b, "")
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
	t.Parallel()
	plain := defaultBackend(t)
	for _, after := range []time.Duration{0, time.Millisecond, 20 * time.Millisecond, 60 * time.Millisecond, 120 * time.Millisecond} {
		b, pid := withSite(t, plain, "")
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

// An interrupt between the start and time 0 ends a window that has not begun.
func TestInterruptBeforeTimeZero(t *testing.T) {
	t.Parallel()
	b := defaultBackend(t)
	b.limits.lead = time.Hour
	for after := 300 * time.Millisecond; after < 20*time.Second; after *= 2 {
		ctx, cancel := context.WithTimeout(context.Background(), after)
		rep, err := b.Run(ctx, long(), session.Options{})
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("error is %v", err)
		}
		if rep == nil {
			continue // it came before the start
		}
		if rep.Window != (trace.Window{}) || len(rep.Warnings) > 0 || len(samples(t, rep, "hog")[0]) > 0 {
			t.Errorf("window %v, warnings %v", rep.Window, rep.Warnings)
		}
		return
	}
	t.Fatal("no report")
}

// A script around the interpreter does not shield it.
func TestInterruptReachesDescendants(t *testing.T) {
	t.Parallel()
	b, pid := withSite(t, defaultBackend(t), "")
	script := filepath.Join(t.TempDir(), "wrapper")
	writeProgram(t, script, "#!/bin/sh\n"+strconv.Quote(b.path)+" \"$@\"\nexit $?\n")
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
	t.Parallel()
	b, pid := withSite(t, defaultBackend(t), "")
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
	t.Parallel()
	plain := defaultBackend(t)
	for _, c := range []struct{ source, want string }{
		{"import threading\ndef die():\n    os.write(2, b'out of luck\\n')\n    os.kill(os.getpid(), 9)\nt = threading.Timer(0.6, die)\nt.daemon = True\nt.start()\n",
			"ended early: signal: killed; " + remedy + "\n    out of luck"},
		{"import threading\nt = threading.Timer(0.6, os._exit, [0])\nt.daemon = True\nt.start()\n",
			"ended without a result; " + remedy},
		{"import hashlib, threading\ndel threading.Event\n", "ended early: exit status 1; " + remedy + "\n"},
	} {
		b, pid := withSite(t, plain, c.source)
		_, err := b.Run(context.Background(), long(), session.Options{})
		if err == nil || !strings.HasPrefix(err.Error(), b.path+": "+c.want) {
			t.Errorf("error is %v, want %s", err, c.want)
		}
		gone(t, pid)
	}
}

// An operation that raises an exception is an error with its traceback.
func TestExceptionInAThread(t *testing.T) {
	t.Parallel()
	ofPython(t)
	b, pid := withSite(t, defaultBackend(t), "import time\ndef sleep(s):\n    raise ValueError('no sleep for you')\ntime.real, time.sleep = time.sleep, sleep\n")
	p := long()
	_, err := b.Run(context.Background(), p, session.Options{})
	if err == nil || !strings.Contains(err.Error(), "ValueError: no sleep for you") {
		t.Errorf("error is %v", err)
	}
	gone(t, pid)
}

// What a library prints does not get between the messages.
func TestForeignOutput(t *testing.T) {
	t.Parallel()
	b, _ := withSite(t, defaultBackend(t), "import sys, threading, time\nsys.stdout.write('hello\\n')\nsys.stdout.flush()\n"+
		"def chat():\n    time.sleep(0.3)\n    while True:\n        print('@fibsim {}')\n"+
		"t = threading.Thread(target=chat)\nt.daemon = True\nt.start()\n")
	p := long()
	p.Duration = 500 * time.Millisecond
	if rep, _ := ample(t, b, p); len(samples(t, rep, "hog")[0]) == 0 {
		t.Error("no iterations")
	}
}
