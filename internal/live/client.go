package live

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/fibsim/fibsim/gil"
)

// errOrphaned ends a client whose parent is gone.
var errOrphaned = errors.New("client: the parent process closed its end")

// RunClient is the whole life of one client process, which StartClients starts: it
// opens connections to a server, sends requests at the right times, and returns
// what it measured. It sets the garbage collector and GOMAXPROCS of its process as
// measuring needs them, so nothing else should go on there.
//
// It returns nil after it has handed over its result. When stdin ends before that
// it gives up with an error: a client never outlives its parent.
func RunClient(stdin io.Reader, stdout io.Writer) error {
	c := &client{lines: make(chan string), out: bufio.NewWriterSize(stdout, 1<<16)}
	gone := make(chan struct{})
	defer close(gone)
	go c.listen(stdin, gone)
	defer c.close()
	err := c.life()
	if err != nil && !errors.Is(err, errOrphaned) {
		// The parent shows it to the user; whether it still can is its own matter.
		_ = c.say(wordFailed, strings.ReplaceAll(err.Error(), "\n", " "))
		return fmt.Errorf("client: %w", err)
	}
	return err
}

// client is the conversation of a client process with its parent.
type client struct {
	lines       chan string // from the parent; closed when it is gone
	out         *bufio.Writer
	run         *clientRun
	connections []*connection
	loops       sync.WaitGroup
	lateNS      int64
}

// listen passes on what the parent says, until it or the client is gone.
func (c *client) listen(stdin io.Reader, gone <-chan struct{}) {
	defer close(c.lines)
	in := bufio.NewReader(stdin)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		select {
		case c.lines <- strings.TrimSpace(line):
		case <-gone:
			return
		}
	}
}

// hear returns the next line, which has to begin with that word.
func (c *client) hear(word string) (rest string, err error) {
	line, ok := <-c.lines
	if !ok {
		return "", errOrphaned
	}
	first, rest, _ := strings.Cut(line, " ")
	if first != word {
		return "", fmt.Errorf("expected %s, got %s", word, quoted([]byte(line)))
	}
	return rest, nil
}

func (c *client) say(words ...string) error {
	_, err := c.out.WriteString(strings.Join(words, " ") + "\n")
	return errors.Join(err, c.out.Flush())
}

// life is the conversation from its begin to its end.
func (c *client) life() error {
	line, ok := <-c.lines
	if !ok {
		return errors.New("there is no configuration on standard input; fibsim starts its clients itself: use fibsim run or fibsim load")
	}
	config, err := parseClientConfig([]byte(line))
	if err != nil {
		return err
	}
	c.run = newClientRun(config)
	debug.SetGCPercent(-1)
	// Every loop may be on its way out of a system call at once, and must not wait
	// for a P then.
	runtime.GOMAXPROCS(max(runtime.GOMAXPROCS(0), config.Count+4))
	if err := c.say(wordReady); err != nil {
		return err
	}
	address, err := c.hear(wordConnect)
	if err != nil {
		return err
	}
	if err := c.connect(address); err != nil {
		return err
	}
	times, err := c.hear(wordGo)
	if err != nil {
		return err
	}
	if err := c.start(times); err != nil {
		return err
	}
	if err := c.wait(); err != nil {
		return err
	}
	return c.report()
}

// connect opens all connections and names their ports.
func (c *client) connect(address string) error {
	words := []string{wordConnected}
	for i := range c.run.config.Count {
		s, err := dialRaw(address)
		if err != nil {
			return err
		}
		conn := &connection{run: c.run, worker: c.run.config.First + i, stream: s}
		conn.port, _ = s.ports()
		conn.rows.reserve()
		c.connections = append(c.connections, conn)
		words = append(words, strconv.Itoa(conn.port))
	}
	return c.say(words...)
}

// start lets the connections go. Each waits for time 0 itself.
func (c *client) start(times string) error {
	var epoch, wall int64
	if _, err := fmt.Sscanf(times, "%d %d", &epoch, &wall); err != nil {
		return fmt.Errorf("time 0 cannot be read from %s: %w", quoted([]byte(times)), err)
	}
	c.run.epoch = ownEpoch(epoch, wall)
	c.lateNS = max(0, c.run.now())
	for _, conn := range c.connections {
		c.loops.Go(conn.loop)
	}
	return nil
}

// wait returns when all loops have ended and the parent wants to know what they
// measured.
func (c *client) wait() error {
	ended := make(chan struct{})
	go func(ended chan<- struct{}) { c.loops.Wait(); close(ended) }(ended)
	end := time.Duration(c.run.config.EndNS + c.run.config.GraceNS - c.run.now())
	overdue := time.AfterFunc(end, func() {
		c.run.overdue.Store(true)
		c.shut()
	})
	defer overdue.Stop()
	wanted, running := false, true
	for running || !wanted {
		select {
		case <-ended:
			ended, running = nil, false
			if err := c.say(wordEnded); err != nil {
				return err
			}
		case line, ok := <-c.lines:
			switch {
			case !ok:
				return errOrphaned
			case line == wordReport:
				wanted = true
			case line == wordStop:
				// It may have crossed the end of the run on its way.
				c.run.stopping.Store(true)
				c.shut()
			default:
				return fmt.Errorf("expected %s or %s, got %s", wordStop, wordReport, quoted([]byte(line)))
			}
		}
	}
	return nil
}

// report hands over what was measured.
func (c *client) report() error {
	result := clientResult{PeakMemory: peakMemory(), LateNS: c.lateNS}
	var rows []byte
	for _, conn := range c.connections {
		before := len(rows)
		rows = conn.rows.encode(rows)
		result.Connections = append(result.Connections, connectionResult{
			Rows: conn.rows.count, Bytes: len(rows) - before,
			Unsent: conn.unsent, Failure: conn.failure, Problems: conn.rows.problems,
		})
	}
	head, err := json.Marshal(result)
	if err != nil {
		return err
	}
	if err := c.say(wordResult, string(head)); err != nil {
		return err
	}
	_, err = c.out.Write(rows)
	return errors.Join(err, c.out.Flush())
}

// shut ends all connections, and so the loops that block on them.
func (c *client) shut() {
	for _, conn := range c.connections {
		conn.stream.shut()
	}
}

// close ends the loops and gives all descriptors back.
func (c *client) close() {
	if c.run != nil {
		c.run.stopping.Store(true)
	}
	c.shut()
	c.loops.Wait()
	for _, conn := range c.connections {
		conn.stream.close()
	}
}

// clockWall returns the moment of Unix time at which the clock of gil.Monotonic
// shows at.
func clockWall(at int64) int64 { return time.Now().UnixNano() + at - gil.Monotonic() }
