package live

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/workloads"
)

// ClientsConfig says which client processes to start.
type ClientsConfig struct {
	Program *workloads.Program
	Command Command

	// MaxRows bounds the requests of one connection; 0: 4 million. One that passes
	// it fails the run, so that no run fills the memory.
	MaxRows int
}

// Clients are the client processes of one run: for each group one, and more where
// it has more than 16 connections. A nil Clients has no processes.
//
// The order of calls is StartClients, Connect, Go, Wait; Stop always.
type Clients struct {
	program   *workloads.Program
	processes []*clientProcess
	events    chan clientEvent // has room for all that can ever come
	life      context.Context  // of the processes
	kill      context.CancelFunc
	launcher  *launcher
	stopOnce  sync.Once
	epoch     int64
}

// ClientRows are the requests of one connection, in their order.
type ClientRows struct {
	Group   string
	Worker  int
	Port    int   // of this connection on the client's side
	Unsent  int64 // open loop: arrivals that still waited in the client at the end
	LateNS  int64 // how long after time 0 the client was told of it; 0: before
	Rows    []ClientRow
	Failure string // why the connection ended before its time; empty: it did not
}

// ClientRow is one request; its number is its place. Times are in nanoseconds since
// time 0.
type ClientRow struct {
	Intended int64 // planned start in an open loop, otherwise Start
	Start    int64 // before the send
	End      int64 // after the recv of the reply
	Lag      int64 // how late the generator woke up for it; -1: it was not asleep
	Err      string
}

// How long the client processes may take, besides what each connection does.
const (
	startLimit   = 20 * time.Second
	connectLimit = 20 * time.Second
	reportLimit  = 60 * time.Second
	stopLimit    = 5 * time.Second // after an interrupt

	limitOfConnection = 10 * time.Millisecond
)

// StartClients starts the client processes of a program and waits until all stand
// ready. They exist until Stop, or until they have handed over their rows. When it
// returns an error it has left no process behind.
func StartClients(ctx context.Context, config ClientsConfig) (*Clients, error) {
	if config.Command == nil {
		return nil, errors.New("clients: no command to start them with was given")
	}
	if config.MaxRows == 0 {
		config.MaxRows = maxClientRows
	}
	c := &Clients{program: config.Program, launcher: newLauncher()}
	c.life, c.kill = context.WithCancel(context.WithoutCancel(ctx))
	shards := shardsOf(config.Program, config.MaxRows)
	// A process tells of each of its steps and of its end.
	c.events = make(chan clientEvent, 8*len(shards))
	if err := c.launch(config.Command, shards); err != nil {
		c.Stop()
		return nil, err
	}
	if err := c.await(ctx, wordReady, startLimit+c.more()); err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

// startClients starts the clients of a program that may have none.
func startClients(ctx context.Context, p *workloads.Program, command Command) (*Clients, error) {
	if len(p.Clients) == 0 {
		return nil, nil
	}
	return StartClients(ctx, ClientsConfig{Program: p, Command: command})
}

// launch starts the processes.
func (c *Clients) launch(command Command, shards []clientConfig) error {
	return c.launcher.do(func() error {
		for _, shard := range shards {
			p, err := launchClient(c.life, command(c.life), shard, c.events)
			if err != nil {
				return err
			}
			c.processes = append(c.processes, p)
		}
		return nil
	})
}

// more is the time that many connections add to a limit.
func (c *Clients) more() time.Duration {
	return time.Duration(c.program.Workers()) * limitOfConnection
}

// Connect opens all connections to the server at address, host:port, one after
// another in the order of the groups and their connections.
func (c *Clients) Connect(ctx context.Context, address string) error {
	for _, p := range c.processes {
		p.tell(wordConnect + " " + address)
		e, err := c.next(ctx, time.After(connectLimit+c.more()), "connecting")
		if err != nil {
			return err
		}
		if e.word != wordConnected || len(e.ports) != p.config.Count {
			return e.process.outOfOrder()
		}
		e.process.ports = e.ports
	}
	return nil
}

// Go names time 0 to the clients, as a reading of gil.Monotonic. It should lie
// ahead; where it does not, the clients start late and ClientRows says so.
func (c *Clients) Go(epoch int64) error {
	c.epoch = epoch
	wall := clockWall(epoch)
	for _, p := range c.processes {
		p.tell(wordGo + " " + strconv.FormatInt(epoch, 10) + " " + strconv.FormatInt(wall, 10))
	}
	return nil
}

// begin connects to the server at address and names time 0.
func (c *Clients) begin(ctx context.Context, address string, epoch int64) error {
	if err := c.Connect(ctx, address); err != nil {
		return err
	}
	return c.Go(epoch)
}

// Wait returns the rows of all connections, in the order of the program, once the
// last client has ended, and the processes with it. That is at the latest 10 s
// after the window. The rows come also with the error of a connection that broke.
//
// When ctx ends first, requests in flight are given up, and the rows up to then
// come with the error of ctx; none where even they cannot be had.
func (c *Clients) Wait(ctx context.Context) ([]ClientRows, error) {
	end := c.program.End() + int64(grace) + c.epoch - gil.Monotonic()
	err := c.await(ctx, wordEnded, time.Duration(end)+startLimit)
	interrupted := ctx.Err()
	switch {
	case interrupted != nil:
		// Those that had ended are not told again that they have, which is why the
		// reports are awaited and not the ends.
		c.tellAll(wordStop)
	case err != nil:
		return nil, err
	}
	limit := reportLimit + c.more()
	if interrupted != nil {
		limit = stopLimit + c.more()
	}
	c.tellAll(wordReport)
	rows, err := c.reports(context.WithoutCancel(ctx), limit)
	if interrupted != nil {
		return rows, interrupted
	}
	return rows, err
}

// reports collects the results of all processes.
func (c *Clients) reports(ctx context.Context, limit time.Duration) ([]ClientRows, error) {
	over := time.After(limit)
	for left := len(c.processes); left > 0; {
		e, err := c.next(ctx, over, "handing over their rows")
		if err != nil {
			return nil, err
		}
		switch e.word {
		case wordResult:
			e.process.rows = e.rows
			left--
		case wordEnded: // of one that was interrupted
		default:
			return nil, e.process.outOfOrder()
		}
	}
	var all []ClientRows
	var broken error
	for _, p := range c.processes {
		<-p.reaped
		for i, rows := range p.rows {
			rows.Port = p.ports[i]
			if rows.Failure != "" && broken == nil {
				broken = fmt.Errorf("clients.%s: connection %d: %s", rows.Group, rows.Worker, rows.Failure)
			}
			all = append(all, rows)
		}
	}
	return all, broken
}

func (c *Clients) tellAll(line string) {
	for _, p := range c.processes {
		p.tell(line)
	}
}

// await returns when all processes have said that word.
func (c *Clients) await(ctx context.Context, word string, limit time.Duration) error {
	over := time.After(limit)
	doing := map[string]string{wordReady: "starting", wordEnded: "running"}[word]
	for range c.processes {
		e, err := c.next(ctx, over, doing)
		if err != nil {
			return err
		}
		if e.word != word {
			return e.process.outOfOrder()
		}
	}
	return nil
}

// next returns the next event of any process; a process that failed or ended, ctx
// and the time limit are errors.
func (c *Clients) next(ctx context.Context, over <-chan time.Time, doing string) (clientEvent, error) {
	// An interrupt that also broke a process is the reason to name.
	if err := ctx.Err(); err != nil {
		return clientEvent{}, err
	}
	select {
	case e := <-c.events:
		return e, e.err
	case <-ctx.Done():
		return clientEvent{}, ctx.Err()
	case <-over:
		return clientEvent{}, fmt.Errorf("clients: hung while %s; the host may be too busy: use fewer connections", doing)
	}
}

// Stop kills the processes that still run and reaps them all. It may be called
// more than once and at any time, also while another call waits, which then
// returns an error.
func (c *Clients) Stop() {
	if c == nil {
		return
	}
	c.stopOnce.Do(func() {
		c.kill()
		for _, p := range c.processes {
			_ = p.cmd.Process.Kill() // fails only where it has ended
		}
		for _, p := range c.processes {
			<-p.reaped
		}
		c.launcher.close()
	})
}

// PeakMemory returns the sum of the largest resident sizes of the processes in
// bytes, as far as they have told: 0 before Wait, and where the system does not
// say.
func (c *Clients) PeakMemory() int64 {
	if c == nil {
		return 0
	}
	sum := int64(0)
	for _, p := range c.processes {
		sum += p.peakMemory.Load()
	}
	return sum
}
