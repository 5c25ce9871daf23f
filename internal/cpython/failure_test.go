package cpython

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/workloads"
)

// tiny is the shortest program.
func tiny() *workloads.Program {
	return &workloads.Program{
		UntilDone: true, Interpreter: interpreter(),
		Threads: []workloads.Group{{Name: "one", Count: 1, Times: 1, Body: []workloads.Op{{Kind: workloads.OpFib, N: 2}}}},
	}
}

// Each way in which an interpreter can fail is an error that names it, shows its
// last words and says what to do; none is waited for without end.
func TestFailuresOfARun(t *testing.T) {
	for _, c := range []struct{ how, want string }{
		{"crash", "ended early: exit status 3; " + remedy + "\n    fatal: no encodings"},
		{"leave", "ended without a result; " + remedy},
		{"greet", "ended without a result; " + remedy + "\n    command not found"},
		{"hang", "hung while starting and was killed; " + remedy},
		{"garbage", "its output is not that of the driver; " + remedy + "\n    x"},
		{"one-line", "its output is not that of the driver; " + remedy + "\n    xxx"},
		{"half-json", "its output is not that of the driver; " + remedy + "\n    @fibsim {\"ready\":"},
		{"disorder", "the driver's messages are out of order; " + remedy},
		{"report", "the moon is full"},
		{"crash-midway", "ended early: exit status 139; " + remedy + "\n    Segmentation fault"},
		{"short-result", "ended without a result; " + remedy},
		{"foreign-result", "the driver's messages are out of order; " + remedy},
		{"huge-result", "the driver's messages are out of order; " + remedy},
		{"nan-result", "threads.one: worker 0: the interpreter's clock went backwards"},
		{"bad-exit", "ended early: exit status 7; " + remedy},
	} {
		t.Run(c.how, func(t *testing.T) {
			b := fakeBackend(t, c.how)
			rep, err := b.Run(context.Background(), tiny(), session.Options{})
			if err == nil || rep != nil {
				t.Fatalf("report %v, error %v", rep, err)
			}
			if !strings.HasPrefix(err.Error(), b.path+": "+c.want) {
				t.Errorf("error is\n%s\nwant it to begin with\n%s", err, b.path+": "+c.want)
			}
		})
	}
}

// A run with an end that its interpreter does not keep is ended from outside.
func TestRunThatHangs(t *testing.T) {
	b := fakeBackend(t, "hang-midway")
	b.limits.slack = 100*time.Millisecond - grace
	p := tiny()
	p.UntilDone, p.Duration = false, 10*time.Millisecond
	_, err := b.Run(context.Background(), p, session.Options{})
	if err == nil || !strings.Contains(err.Error(), "hung while running and was killed") {
		t.Fatalf("error is %v", err)
	}
}

// What an interpreter says of itself is checked when it is opened.
func TestFailuresOfOpen(t *testing.T) {
	for _, c := range []struct{ how, want string }{
		{"crash", "ended early: exit status 3"},
		{"hang", "hung while starting"},
		{"half-json", "its output is not that of the driver"},
		{"disorder", "the driver's messages are out of order"},
		{"old", "must be Python 2.7 or 3.6 and later, got 2.6.9; choose another one with --python=PATH"},
	} {
		t.Run(c.how, func(t *testing.T) {
			fake := fakeBackend(t, c.how)
			path := fake.path
			b, err := open(context.Background(), path, fake.limits)
			if b != nil || err == nil || !strings.HasPrefix(err.Error(), path+": "+c.want) {
				t.Fatalf("backend %v, error %v", b, err)
			}
		})
	}
}

func TestPaceOfABrokenInterpreter(t *testing.T) {
	for how, want := range map[string]string{"crash": "ended early", "disorder": "out of order"} {
		if _, err := fakeBackend(t, how).Pace(context.Background()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v", how, err)
		}
	}
}

// A missing interpreter is told apart from a broken one, since --all goes on
// without it.
func TestMissingInterpreter(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for path, want := range map[string]string{
		"":                 "there is no python3 on PATH; install Python 3, or name an interpreter with --python=PATH",
		"python9":          "--python=python9: executable file not found in",
		"./no/such/python": "--python=./no/such/python: ",
	} {
		_, err := Open(context.Background(), path)
		if !errors.Is(err, ErrMissing) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: error is %v", path, err)
		}
	}
	if _, err := Open(context.Background(), t.TempDir()); !errors.Is(err, ErrMissing) {
		t.Errorf("a folder: error is %v", err)
	}
}

// A file that nothing can execute is an error of its own.
func TestInterpreterThatCannotStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "python.exe")
	if err := os.WriteFile(path, []byte("not a program"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := Open(context.Background(), path)
	if err == nil || !strings.HasPrefix(err.Error(), path+": cannot start: ") || errors.Is(err, ErrMissing) {
		t.Fatalf("error is %v", err)
	}
}

// What the backend cannot run is an error before anything starts.
func TestProgramsThatPythonCannotRun(t *testing.T) {
	ofPython(t)
	body := []workloads.Op{{Kind: workloads.OpFib, N: 1}}
	many := []workloads.Op{{Kind: workloads.OpLoop, N: 1000, Body: []workloads.Op{{Kind: workloads.OpSleep, For: exponential(1)}}}}
	for _, c := range []struct {
		want string
		p    workloads.Program
	}{
		{"threads.g: the python backend cannot do operation 77; run without --python",
			workloads.Program{Threads: []workloads.Group{{Name: "g", Count: 1, Body: []workloads.Op{{Kind: 77}}}}}},
		{"threads.g: must have times, as the run goes on until all is done",
			workloads.Program{UntilDone: true, Threads: []workloads.Group{{Name: "g", Count: 1, Body: body}}}},
		{"threads.g: body: a run may need more than 4194304 random durations",
			workloads.Program{Duration: time.Hour, Threads: []workloads.Group{{Name: "g", Count: 1, Body: many}}}},
		{"server.model: the python backend does not know fibers; use threads",
			workloads.Program{Server: &workloads.Server{Model: "fibers"}}},
		{"server.workers: must be 1 or more, got 0",
			workloads.Program{Server: &workloads.Server{Model: workloads.Processes}}},
		{"server: workers and threads must be 1 or more, got 2 and 0",
			workloads.Program{Server: &workloads.Server{Model: workloads.Prefork, Workers: 2}}},
		{"server.model: coroutines waits with select in Python, which takes descriptors below 1024: must have at most 1000 connections, got 1001",
			workloads.Program{Server: &workloads.Server{Model: workloads.Coroutines}, Clients: []workloads.Client{{Count: 1001}}}},
		{"server: this backend was opened without a way to start clients",
			workloads.Program{Server: &workloads.Server{Model: "threads"}}},
		{"server.address: must be host:port, got nowhere",
			workloads.Program{Server: &workloads.Server{Model: "threads", Address: "nowhere"}}},
	} {
		_, err := (&Backend{path: "/nonexistent"}).Run(context.Background(), &c.p, session.Options{})
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("error is %v, want %s", err, c.want)
		}
	}
}
