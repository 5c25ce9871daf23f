package cpython

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"sync"
	"time"
)

// process is an interpreter that executes the driver. It belongs to one
// goroutine, except for send and limit.
type process struct {
	path string
	cmd  *exec.Cmd
	out  *bufio.Reader
	tail tail
	fed  chan struct{} // closed once the driver and its input are written, or nobody reads them

	kill  context.CancelCauseFunc // ends the whole process group
	ended context.Context         // done once the process has to end; its cause says why

	mu    sync.Mutex
	in    io.WriteCloser
	timer *time.Timer
	doing string

	closed  bool
	exitErr error
	cause   error // why it was ended, nil when it ended by itself
}

// exitWait is how long a process may take to end after its last message, and a
// descendant to let go of the pipes after that.
const exitWait = 5 * time.Second

// launch starts the interpreter and gives it the driver and then input. The
// process is killed when ctx ends, and when a limit passes; the first is start.
func launch(ctx context.Context, path string, input []byte, start time.Duration) (*process, error) {
	ended, kill := context.WithCancelCause(ctx)
	p := &process{path: path, fed: make(chan struct{}), kill: kill, ended: ended}
	p.cmd = exec.CommandContext(ended, path, "-c", bootstrap)
	p.cmd.Stderr = &p.tail
	p.cmd.WaitDelay = exitWait
	ownGroup(p.cmd)
	p.cmd.Cancel = func() error { return killGroup(p.cmd.Process) }
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.in, p.out = in, bufio.NewReaderSize(out, 1<<16)
	if err := p.cmd.Start(); err != nil {
		kill(nil)
		return nil, fmt.Errorf("%s: cannot start: %w; %s", path, err, remedy)
	}
	p.doing = "starting"
	p.timer = time.AfterFunc(start, p.expire)
	// A process that ends before it has read all makes the write fail. What it
	// says then tells more than a broken pipe, so reading finds out.
	go func() {
		defer close(p.fed)
		io.WriteString(in, strconv.Itoa(len(driverSource))+"\n"+driverSource)
		in.Write(input)
	}()
	return p, nil
}

// limit gives the process d from now on for what it is doing, in words that
// complete "hung while"; 0 is no limit.
func (p *process) limit(d time.Duration, doing string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.doing = doing
	if d == 0 {
		p.timer.Stop()
		return
	}
	p.timer.Reset(d)
}

func (p *process) expire() {
	p.mu.Lock()
	doing := p.doing
	p.mu.Unlock()
	p.kill(&hangError{doing})
}

// send writes a line, after the driver and its input. That nobody reads it any more is not an error of its own:
// the next read finds out why.
func (p *process) send(line string) {
	<-p.fed
	p.mu.Lock()
	defer p.mu.Unlock()
	io.WriteString(p.in, line+"\n")
}

// close ends the process if it has not ended, and waits until it has. It returns
// an error unless the process ended by itself with status 0.
func (p *process) close() error {
	if p.closed {
		return p.exitErr
	}
	p.closed = true
	p.limit(exitWait, "ending")
	// Its input stays open until then: its end would make the driver leave with
	// an error while it is about to leave in peace.
	_, err := io.Copy(io.Discard, p.out)
	p.in.Close()
	p.exitErr = p.cmd.Wait()
	if p.exitErr == nil {
		p.exitErr = err
	}
	p.timer.Stop()
	p.cause = context.Cause(p.ended)
	// The leader is gone; a script around the interpreter may have left others.
	killGroup(p.cmd.Process)
	p.kill(nil)
	return p.exitErr
}

// abort kills the process and waits until it has ended.
func (p *process) abort() {
	p.kill(errAborted)
	p.close()
}

var errAborted = errors.New("no longer needed")

// hangError is the cause of the end of a process that took too long.
type hangError struct{ doing string }

func (e *hangError) Error() string { return "hung while " + e.doing }
