package live

import (
	"context"
	"os/exec"
	"runtime"
)

// Command returns the command of a process in one of its roles. The context ends
// when the process has to.
type Command func(ctx context.Context) *exec.Cmd

// Commands start the processes that a run has beside its own. One may be nil where no
// program needs it.
type Commands struct {
	Client Command // its main calls RunClient
	Worker Command // its main calls RunWorker
}

// launcher starts processes from a thread that lives as long as they do: on Linux a
// process can ask to be killed when its parent ends, and the kernel takes the
// thread that started it for its parent.
type launcher struct{ jobs chan func() }

// newLauncher returns a launcher, which lives until close.
func newLauncher() *launcher {
	l := &launcher{jobs: make(chan func())}
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		for job := range l.jobs {
			job()
		}
	}()
	return l
}

// do calls f on the launcher's thread and returns its error. It must not be called
// after close.
func (l *launcher) do(f func() error) error {
	done := make(chan error)
	l.jobs <- func() { done <- f() }
	return <-done
}

// close ends the launcher. All processes that it started must have ended.
func (l *launcher) close() { close(l.jobs) }
