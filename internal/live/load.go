package live

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// LoadConfig says how a server that somebody else has started is loaded.
type LoadConfig struct {
	Address     string  // host:port of the server
	Request     int     // the n whose fib is asked for, 0 to 45
	Connections int     // 1 to MaxLoadConnections
	Rate        float64 // arrivals per second of each connection; 0: closed loop
	Arrivals    workloads.Arrivals
	Seed        uint64        // of the arrivals
	Duration    time.Duration // nothing starts from then on; 0: until the context ends

	// Rows is given every request soon after it has ended, those of a connection in
	// their order, by one goroutine. It must not keep the slice; nil: nobody wants to know.
	Rows func([]LoadRow)

	// Each is told how many nanoseconds each good request took, on the thread of its
	// connection. It must not block; nil: nobody wants to know.
	Each func(latencyNS int64)

	// Second is told of every second as it ends, on a thread of its own that the
	// connections do not disturb. Nil: nobody wants to know.
	Second func(LoadSecond)
}

// LoadSecond is what came back within one second.
type LoadSecond struct{ Good, Failed int64 }

// LoadRow is a request of a load.
type LoadRow struct {
	Connection, Seq int
	ClientRow
}

// rowsPause is how long, about, a request waits for Rows.
const rowsPause = 100 * time.Millisecond

// MaxLoadConnections is how many connections one load can have: each is a thread.
const MaxLoadConnections = 1000

// LoadReport is what a load has measured. Its distributions are in nanoseconds.
type LoadReport struct {
	ElapsedNS   int64  // from the first request to the end, without the wait for what was in flight then
	Good        int64  // requests with the right reply
	Failed      int64  // with a wrong one, or none
	Problem     string // of the first that failed
	Inside      int64  // good ones that ended within ElapsedNS
	Broken      int    // connections that ended before their time
	Failure     string // of the first of them by number
	Unsent      int64  // open loop: arrivals that still waited for their connection at the end
	LatencySum  int64  // of the good requests
	Latency     trace.Sketch
	Response    trace.Sketch // from the intended start
	Lag         trace.Sketch // of the generator, for arrivals that it slept for
	Interrupted bool         // the context ended before Duration

	connections int
}

// loadLead is how long before time 0 all connections stand ready.
const loadLead = 10 * time.Millisecond

// mostP bounds the Ps of a load: so many threads may return from a system call at
// once without one that waits for a P.
const mostP = 64

// load is one run of Load.
type load struct {
	config       LoadConfig
	run          *clientRun
	connections  []*connection
	good, failed atomic.Int64
	over         atomic.Bool // the seconds are of no interest any more
}

// Load opens connections to a server, sends requests and returns what it measured,
// until Duration or the end of ctx, which is no error. Connections that break leave
// the others alone; when none is left, the load is over.
//
// Its connections are threads of this process, with the loops that the client
// processes of a run have. It returns an error only where a connection cannot be
// opened; nothing was sent then.
func Load(ctx context.Context, config LoadConfig) (*LoadReport, error) {
	l := &load{config: config, run: newClientRun(config.client())}
	defer l.close()
	if err := l.connect(ctx); err != nil {
		return nil, err
	}
	ps := max(runtime.GOMAXPROCS(0), min(config.Connections+4, mostP))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(ps))
	l.run.epoch = gil.Monotonic() + int64(loadLead)
	return l.measure(ctx), nil
}

// client is the load as the configuration of a client process.
func (c *LoadConfig) client() clientConfig {
	end := int64(math.MaxInt64)
	if c.Duration > 0 {
		end = int64(c.Duration)
	}
	return clientConfig{
		Group: "load", Count: c.Connections, Seed: c.Seed, Request: c.Request, Rate: c.Rate, Arrivals: c.Arrivals,
		EndNS: end, GraceNS: int64(grace), MaxRows: maxClientRows,
	}
}

// connect opens all connections.
func (l *load) connect(ctx context.Context) error {
	for i := range l.config.Connections {
		s, err := dialContext(ctx, l.config.Address)
		if err != nil {
			if i > 0 {
				err = fmt.Errorf("connection %d of %d: %w", i+1, l.config.Connections, err)
			}
			return err
		}
		l.connections = append(l.connections, &connection{run: l.run, worker: i, stream: s, tally: &tally{load: l}})
	}
	return nil
}

// measure lets the connections go, and returns what they found when all have ended.
func (l *load) measure(ctx context.Context) *LoadReport {
	var loops, monitor, rows sync.WaitGroup
	for _, c := range l.connections {
		loops.Go(c.loop)
	}
	if l.config.Second != nil {
		monitor.Go(l.monitor)
	}
	ended := make(chan struct{})
	if l.config.Rows != nil {
		rows.Go(func() { l.handOver(ended) })
	}
	stop := context.AfterFunc(ctx, func() {
		l.run.stopping.Store(true)
		l.shut()
	})
	defer stop()
	if l.config.Duration > 0 {
		overdue := time.AfterFunc(loadLead+l.config.Duration+grace, func() {
			l.run.overdue.Store(true)
			l.shut()
		})
		defer overdue.Stop()
	}
	loops.Wait()
	elapsed := l.elapsed()
	close(ended)
	rows.Wait()
	// Connections that had no more arrivals leave before the last second ends.
	l.over.Store(elapsed < l.run.config.EndNS)
	monitor.Wait()
	return l.report(elapsed)
}

// elapsed returns how long the load lasted, once all loops have ended: until the
// planned end, unless it was interrupted or lost its last connection before.
func (l *load) elapsed() int64 {
	end := l.run.config.EndNS
	if now := max(1, min(l.run.now(), end)); l.run.stopped() || l.broken() == len(l.connections) {
		return now
	}
	return end
}

// broken returns how many connections ended before their time.
func (l *load) broken() (n int) {
	for _, c := range l.connections {
		if c.failure != "" {
			n++
		}
	}
	return n
}

// monitor tells of every second until the end of the load.
func (l *load) monitor() {
	// As the loops have, so that it is woken by the kernel, when it should be.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer exactTimers()()
	over := func() bool { return l.run.stopped() || l.over.Load() }
	var last LoadSecond
	for at := int64(time.Second); at <= l.run.config.EndNS; at += int64(time.Second) {
		gil.SleepUntil(l.run.epoch+at, over)
		if over() {
			return
		}
		now := LoadSecond{Good: l.good.Load(), Failed: l.failed.Load()}
		l.config.Second(LoadSecond{Good: now.Good - last.Good, Failed: now.Failed - last.Failed})
		last = now
	}
}

// handOver gives requests to Rows until all loops have ended.
func (l *load) handOver(ended <-chan struct{}) {
	for again := time.NewTicker(rowsPause); ; {
		over := false
		select {
		case <-ended:
			over = true
		case <-again.C:
		}
		var batch []LoadRow
		for _, c := range l.connections {
			batch = c.tally.take(c.worker, batch)
		}
		if len(batch) > 0 {
			l.config.Rows(batch)
		}
		if over {
			again.Stop()
			return
		}
	}
}

// report adds up what the connections found.
func (l *load) report(elapsed int64) *LoadReport {
	r := &LoadReport{ElapsedNS: elapsed, Good: l.good.Load(), Failed: l.failed.Load(), Interrupted: l.run.stopped(), connections: len(l.connections)}
	first := int64(math.MaxInt64)
	for _, c := range l.connections {
		t := c.tally
		r.Inside += t.inside
		r.LatencySum += t.latencySum
		r.Latency.Merge(&t.latency)
		r.Response.Merge(&t.response)
		r.Lag.Merge(&t.lag)
		r.Unsent += c.unsent
		if t.problem != "" && t.problemAt < first {
			r.Problem, first = t.problem, t.problemAt
		}
		if c.failure != "" {
			if r.Broken == 0 {
				r.Failure = fmt.Sprintf("connection %d: %s", c.worker, c.failure)
			}
			r.Broken++
		}
	}
	return r
}

// Warnings says what in the way the requests were made bends the figures.
func (r *LoadReport) Warnings() []trace.Warning {
	var list []trace.Warning
	p99, latency := lagOf(&r.Lag, &r.Latency)
	if w, late := lagWarning("the load", p99, latency); late {
		list = append(list, w)
	}
	// One behind each request in flight is what any end finds.
	if r.Unsent > int64(r.connections) {
		list = append(list, unsentWarning("the load", r.Unsent, r.Good+r.Failed))
	}
	return list
}

// LagNS returns the lag that all but one in a hundred arrivals kept, in
// nanoseconds; false where the generator never slept for one.
func (r *LoadReport) LagNS() (p99 int64, known bool) {
	p99, _ = lagOf(&r.Lag, &r.Latency)
	return p99, r.Lag.Count() > 0
}

// shut ends all connections, and so the loops that block on them.
func (l *load) shut() {
	for _, c := range l.connections {
		c.stream.shut()
	}
}

// close gives all descriptors back. All loops have ended.
func (l *load) close() {
	for _, c := range l.connections {
		c.stream.close()
	}
}

// tally folds the requests of one connection as they end, so that a load may go on
// for days. It belongs to the goroutine of the loop.
type tally struct {
	load                   *load
	latency, response, lag trace.Sketch
	latencySum             int64
	inside                 int64  // good ones that ended before the planned end
	problem                string // of the first that failed, and when it ended
	problemAt              int64

	// What Rows has not been given yet. The lock is held for an append or two.
	mu     sync.Mutex
	rows   []ClientRow
	taken  []ClientRow // what take had last, for the next
	handed int         // requests that Rows has been given
}

// take appends the requests since it was called before to a batch.
func (t *tally) take(connection int, batch []LoadRow) []LoadRow {
	t.mu.Lock()
	t.rows, t.taken = t.taken[:0], t.rows
	t.mu.Unlock()
	for _, row := range t.taken {
		batch = append(batch, LoadRow{Connection: connection, Seq: t.handed, ClientRow: row})
		t.handed++
	}
	return batch
}

// put keeps a request for Rows.
func (t *tally) put(row *clientRow, problems []string) {
	shown := row.shown(problems)
	t.mu.Lock()
	t.rows = append(t.rows, shown)
	t.mu.Unlock()
}

// add folds a request; problems are the errors that its number counts.
func (t *tally) add(row *clientRow, problems []string) {
	if t.load.config.Rows != nil {
		t.put(row, problems)
	}
	if row.lag >= 0 {
		t.lag.Add(row.lag)
	}
	if row.problem > 0 {
		t.load.failed.Add(1)
		if t.problem == "" {
			t.problem, t.problemAt = problems[row.problem-1], row.end
		}
		return
	}
	t.load.good.Add(1)
	t.latency.Add(row.end - row.start)
	t.latencySum += row.end - row.start
	t.response.Add(row.end - row.intended)
	if row.end <= t.load.run.config.EndNS {
		t.inside++
	}
	if t.load.config.Each != nil {
		t.load.config.Each(row.end - row.start)
	}
}
