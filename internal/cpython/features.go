package cpython

import (
	"cmp"
	"fmt"
	"runtime"

	"github.com/fibsim/fibsim/workloads"
)

// need is a part of Python that a program uses and that not every interpreter or
// system has.
type need struct {
	key string // of the scenario
	is  feature
}

// feature is a part of Python that not every interpreter or system has.
type feature uint8

const (
	processPools feature = iota // concurrent.futures, with workers that are forked
	forks                       // os.fork
	interpreters                // interpreters with a lock each in one process
	asyncio                     // coroutines and their event loop
)

// needs returns what a program uses beyond what each interpreter has.
func needs(p *workloads.Program) []need {
	var all []need
	if s := p.Server; s != nil {
		key := "server.model: " + string(s.Model)
		switch {
		case s.Model.Pooled():
			all = append(all, need{key, processPools})
		case s.Model == workloads.Prefork:
			all = append(all, need{key, forks})
		case s.Model == workloads.Interpreters:
			all = append(all, need{key, interpreters})
		}
	}
	for _, g := range groupsOf(p) {
		if g.kind == workloads.AsyncioTask.String() {
			all = append(all, need{g.key + ".kind: asyncio", asyncio})
		}
	}
	for _, pool := range p.Pools {
		all = append(all, need{"pools." + pool.Name, processPools})
	}
	return all
}

// lacks returns an error for the first thing that a program needs and that the
// interpreter, on the system goos, has not.
func (id *identity) lacks(p *workloads.Program, goos string) error {
	for _, n := range needs(p) {
		if what := id.lack(n.is, goos); what != "" {
			return fmt.Errorf("%s: %s", n.key, what)
		}
	}
	return nil
}

// lack says why the interpreter has not got f, and what helps; empty: it has.
func (id *identity) lack(f feature, goos string) string {
	switch {
	case f == processPools && id.Major < 3:
		return "needs concurrent.futures, which Python 2 lacks; choose Python 3 with --python=PATH"
	case f == asyncio && id.Major < 3:
		return "needs asyncio, which Python 2 lacks; choose Python 3 with --python=PATH"
	case f == interpreters && (id.Implementation != "CPython" || id.Major == 3 && id.Minor < 12 || id.Major < 3):
		return "needs interpreters with a lock each in one process, which CPython has from 3.12 on; choose such a one with --python=PATH"
	case (f == processPools || f == forks) && goos == "windows":
		return "needs os.fork, which Python on Windows lacks; leave the python backend out"
	}
	return ""
}

// Unfit says why a run in the interpreter is none of the program: it lacks what that
// needs, or has another lock. Empty: it is one.
func (b *Backend) Unfit(p *workloads.Program) string {
	if err := b.id.lacks(p, runtime.GOOS); err != nil {
		return err.Error()
	}
	if lock := b.id.lock(); lock != p.Interpreter.Lock {
		return fmt.Sprintf("interpreter.lock: its lock is %s, and not %s", cmp.Or(lock, "of a kind of its own"), p.Interpreter.Lock)
	}
	return ""
}

// lacks returns an error if the interpreter cannot run the program.
func (b *Backend) lacks(p *workloads.Program) error {
	if err := b.id.lacks(p, runtime.GOOS); err != nil {
		return fmt.Errorf("%s: %w", b.name, err)
	}
	return nil
}
