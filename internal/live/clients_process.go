package live

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// clientProcess is one client process, seen from its parent.
type clientProcess struct {
	config clientConfig
	life   context.Context // ends when nobody listens to events any more
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stderr lastWords
	reaped chan struct{} // closed once the process is no more
	ports  []int         // of its connections
	rows   []ClientRows

	peakMemory atomic.Int64
}

// clientEvent is what a process said, or what became of it.
type clientEvent struct {
	process *clientProcess
	word    string
	ports   []int        // with connected
	rows    []ClientRows // with result
	err     error        // the process failed or has ended
}

// pipeLimit is how long a process that has ended may leave its pipes open in the
// hands of others.
const pipeLimit = 2 * time.Second

// launchClient starts a process and gives it its configuration. What it says comes
// as events; so does its end, unless it has handed over its result before.
func launchClient(life context.Context, cmd *exec.Cmd, config clientConfig, events chan<- clientEvent) (*clientProcess, error) {
	p := &clientProcess{config: config, life: life, cmd: cmd, reaped: make(chan struct{})}
	cmd.Stderr = &p.stderr
	cmd.WaitDelay = pipeLimit
	ownFate(cmd)
	var stdout io.ReadCloser
	var err error
	if p.stdin, err = cmd.StdinPipe(); err == nil {
		stdout, err = cmd.StdoutPipe()
	}
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("client process for group %s cannot be started: %w", config.Group, err)
	}
	line, err := json.Marshal(config)
	if err != nil {
		panic("live: a client's configuration has no JSON: " + err.Error())
	}
	p.tell(string(line))
	go p.attend(stdout, events)
	return p, nil
}

// tell sends a line. That nobody reads it any more is no error of its own: the end
// of the process tells more.
func (p *clientProcess) tell(line string) { _, _ = io.WriteString(p.stdin, line+"\n") }

// attend passes on what the process says, and reaps it.
func (p *clientProcess) attend(stdout io.Reader, events chan<- clientEvent) {
	said := p.listen(bufio.NewReaderSize(stdout, 1<<16), events)
	if said != nil && !errors.Is(said, io.EOF) {
		// It said what cannot be understood; there is no use in going on with it.
		_ = p.cmd.Process.Kill()
	}
	p.stdin.Close()
	last := time.AfterFunc(stopLimit, func() { _ = p.cmd.Process.Kill() })
	err := p.cmd.Wait()
	last.Stop()
	close(p.reaped)
	switch {
	case said == nil:
	case !errors.Is(said, io.EOF):
		p.post(events, clientEvent{err: fmt.Errorf("client process for group %s: %w", p.config.Group, said)})
	default:
		how := "exit status 0"
		if err != nil {
			how = err.Error()
		}
		p.post(events, clientEvent{err: fmt.Errorf("client process for group %s ended early (%s)%s", p.config.Group, how, p.stderr.String())})
	}
}

// listen passes on what the process says until it has given its result, which
// returns nil; io.EOF when the process ended before.
func (p *clientProcess) listen(out *bufio.Reader, events chan<- clientEvent) error {
	for {
		line, err := out.ReadString('\n')
		if err != nil {
			return io.EOF
		}
		word, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		e := clientEvent{word: word}
		switch word {
		case wordReady, wordEnded:
		case wordConnected:
			for _, field := range strings.Fields(rest) {
				port, err := strconv.Atoi(field)
				if err != nil {
					return fmt.Errorf("answered with %s", quoted([]byte(line)))
				}
				e.ports = append(e.ports, port)
			}
		case wordFailed:
			return errors.New(rest)
		case wordResult:
			e.rows, err = p.result(rest, out)
			if err == nil {
				p.post(events, e)
			}
			return err
		default:
			return fmt.Errorf("answered with %s", quoted([]byte(line)))
		}
		p.post(events, e)
	}
}

// post hands an event over, unless nobody wants to know any more.
func (p *clientProcess) post(events chan<- clientEvent, e clientEvent) {
	e.process = p
	select {
	case events <- e:
	case <-p.life.Done():
	}
}

// result reads the result, whose head is in JSON and is followed by the rows.
func (p *clientProcess) result(head string, out io.Reader) ([]ClientRows, error) {
	var r clientResult
	if err := json.Unmarshal([]byte(head), &r); err != nil {
		return nil, fmt.Errorf("its result cannot be read: %w", err)
	}
	if len(r.Connections) != p.config.Count {
		return nil, fmt.Errorf("its result has %d connections, want %d", len(r.Connections), p.config.Count)
	}
	p.peakMemory.Store(r.PeakMemory)
	var all []ClientRows
	for i := range r.Connections {
		c := &r.Connections[i]
		if c.Rows > p.config.MaxRows || c.Bytes < 0 || c.Bytes/maxRowBytes > p.config.MaxRows {
			return nil, fmt.Errorf("%w: %d of them in %d bytes", errRows, c.Rows, c.Bytes)
		}
		encoded := make([]byte, c.Bytes)
		if _, err := io.ReadFull(out, encoded); err != nil {
			return nil, io.EOF // it ended while it told
		}
		rows, err := decodeRows(encoded, c.Rows, c.Problems)
		if err != nil {
			return nil, err
		}
		all = append(all, ClientRows{
			Group: p.config.Group, Worker: p.config.First + i,
			Unsent: c.Unsent, LateNS: r.LateNS, Failure: c.Failure, Rows: rows,
		})
	}
	return all, nil
}

// outOfOrder is the error of a process that said something at the wrong time.
func (p *clientProcess) outOfOrder() error {
	return fmt.Errorf("client process for group %s: answered out of order", p.config.Group)
}

// lastWords keeps the first bytes that a process writes to its standard error,
// which say what went wrong.
type lastWords struct {
	mu   sync.Mutex
	text []byte
}

const maxLastWords = 500

// Write never fails, so that a chatty process is not held up.
func (w *lastWords) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, b[:min(len(b), maxLastWords-len(w.text))]...)
	return len(b), nil
}

// String returns them on one line after a colon, or nothing.
func (w *lastWords) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.text) == 0 {
		return ""
	}
	return ": " + strings.Join(strings.Fields(strings.ToValidUTF8(string(w.text), "?")), " ")
}
