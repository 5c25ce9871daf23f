package cpython

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/workloads"
)

// modelServer is a small server of a model.
func modelServer(m workloads.Model) *workloads.Server {
	s := &workloads.Server{Model: m}
	if m.Pooled() || m == workloads.Prefork || m == workloads.Interpreters {
		s.Workers = 2
	}
	if m == workloads.Prefork {
		s.Threads = 2
	}
	return s
}

// asked is a program in which two clients ask a server of that model.
func asked(m workloads.Model) *workloads.Program {
	return &workloads.Program{
		Duration: 150 * time.Millisecond, Interpreter: interpreter(), Server: modelServer(m),
		Clients: []workloads.Client{{Name: "a", Count: 1, Request: 10}, {Name: "b", Count: 1, Request: 5}},
	}
}

// answered fails unless the clients of a group got right replies alone.
func answered(t *testing.T, rep *trace.Report, group string) []trace.Sample {
	t.Helper()
	rows := samples(t, rep, group)[0]
	if len(rows) == 0 {
		t.Fatalf("%s: no requests", group)
	}
	for _, s := range rows {
		if s.Err != "" {
			t.Fatalf("%s: request %d: %s", group, s.Seq, s.Err)
		}
	}
	return rows
}

// Each model answers right. Those that need more than an interpreter has say so.
func TestServerModels(t *testing.T) {
	twoInterpreters(t, func(t *testing.T, b *Backend) {
		b.Clients = LiveClients(clientCommand(t))
		for _, m := range workloads.Models() {
			t.Run(string(m), func(t *testing.T) {
				t.Parallel()
				checkModel(t, b, m)
			})
		}
	})
}

func checkModel(t *testing.T, b *Backend, m workloads.Model) {
	p := asked(m)
	if err := b.lacks(p); err != nil {
		if m != workloads.Interpreters && (b.id.Major > 2 || !m.Pooled()) {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	rep, _ := ample(t, b, p)
	answered(t, rep, "a")
	answered(t, rep, "b")
	child := m.Pooled() || m == workloads.Prefork
	if got := fact(rep, "start_method"); (got == "fork") != child {
		t.Errorf("the start method is %v", got)
	}
	if child && rep.PeakMemory < 3<<20 {
		t.Errorf("three processes take %d bytes", rep.PeakMemory)
	}
}

// Several interpreters in one process serve on those that have a lock for each.
func TestInterpretersOnEveryInterpreter(t *testing.T) {
	ofPython(t)
	eachInterpreter(t, func(t *testing.T, b *Backend) {
		p := asked(workloads.Interpreters)
		if err := b.lacks(p); err != nil {
			t.Skip(err)
		}
		b.Clients = LiveClients(clientCommand(t))
		rep, _ := ample(t, b, p)
		answered(t, rep, "a")
		answered(t, rep, "b")
	})
}

// The second client of a sequential server hangs until the first one has left.
func TestSequentialServer(t *testing.T) {
	t.Parallel()
	ofPython(t)
	b := defaultBackend(t)
	b.Clients = LiveClients(clientCommand(t))
	rep, _ := ample(t, b, asked(workloads.Sequential))
	answered(t, rep, "a")
	if rows := answered(t, rep, "b"); len(rows) != 1 || rows[0].End < rep.Window.End {
		t.Errorf("the second client's requests are %+v", rows)
	}
}

// What an interpreter or a system lacks is an error that names the key and helps.
func TestWhatAnInterpreterLacks(t *testing.T) {
	two, three := identity{Major: 2, Minor: 7}, identity{Major: 3, Minor: 11}
	for _, c := range []struct {
		id    identity
		goos  string
		model workloads.Model
		want  string
	}{
		{two, "linux", workloads.Processes, "server.model: processes: needs concurrent.futures, which Python 2 lacks; choose"},
		{two, "linux", workloads.CoroutinesProcesses, "server.model: coroutines+processes: needs concurrent.futures"},
		{two, "linux", workloads.Prefork, ""},
		{three, "linux", workloads.Processes, ""},
		{three, "windows", workloads.Processes, "server.model: processes: needs os.fork, which Python on Windows lacks; leave"},
		{three, "windows", workloads.Prefork, "server.model: prefork: needs os.fork"},
		{three, "windows", workloads.Coroutines, ""},
		{three, "linux", workloads.Interpreters, "server.model: interpreters: needs interpreters with a lock each in one process"},
		{identity{Implementation: "PyPy", Major: 3, Minor: 99}, "linux", workloads.Interpreters, "server.model: interpreters: needs"},
		{identity{Implementation: "CPython", Major: 3, Minor: 12}, "windows", workloads.Interpreters, ""},
	} {
		err := c.id.lacks(asked(c.model), c.goos)
		if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s in Python %d on %s: error is %v", c.model, c.id.Major, c.goos, err)
		}
	}
	for _, c := range []struct {
		id         identity
		lock, want string
	}{
		{identity{Implementation: "CPython", Major: 3, Minor: 11, GILEnabled: true}, "cpython-3", ""},
		{identity{Implementation: "CPython", Major: 3, Minor: 13, FreeThreaded: true}, "none", ""},
		{identity{Implementation: "CPython", Major: 3, Minor: 11, GILEnabled: true}, "cpython-2", "interpreter.lock: its lock is cpython-3, and not cpython-2"},
		{identity{Implementation: "CPython", Major: 2, Minor: 7, GILEnabled: true}, "cpython-2", "server.model: processes: needs concurrent.futures, which Python 2 lacks; choose Python 3 with --python=PATH"},
		{identity{Implementation: "PyPy", Major: 3, Minor: 9, GILEnabled: true}, "cpython-3", "interpreter.lock: its lock is of a kind of its own, and not cpython-3"},
	} {
		p := asked(workloads.Processes)
		p.Interpreter.Lock = c.lock
		if got := (&Backend{id: c.id}).Unfit(p); got != c.want && runtime.GOOS != "windows" {
			t.Errorf("%+v under %s: %q, want %q", c.id, c.lock, got, c.want)
		}
	}
	b := &Backend{path: "/nonexistent", name: "python_2_7", id: two}
	_, err := b.Run(context.Background(), asked(workloads.Processes), session.Options{})
	if err == nil || !strings.HasPrefix(err.Error(), "python_2_7: server.model: processes: needs") {
		t.Errorf("error is %v", err)
	}
}
