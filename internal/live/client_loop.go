package live

import (
	"bytes"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/workloads"
)

// connection is one connection of a client process. It belongs to the goroutine
// of its loop.
type connection struct {
	run    *clientRun
	worker int
	stream stream
	port   int

	rows    clientRows
	tally   *tally // of a load; nil in a run, which keeps all rows
	count   int    // requests that have ended
	unsent  int64  // arrivals that still waited at the end
	failure string // why it ended before its time
	buf     [maxRequest]byte
}

// clientRun is what the connections of a process share while they go.
type clientRun struct {
	config   clientConfig
	request  []byte
	reply    string // the right one
	epoch    int64  // time 0 on the clock of gil.Monotonic
	stopping atomic.Bool
	overdue  atomic.Bool // the grace is over
}

func newClientRun(c clientConfig) *clientRun {
	answer := kernelAnswer(c.Request)
	return &clientRun{
		config:  c,
		request: strconv.AppendInt(nil, int64(c.Request), 10),
		reply:   strconv.FormatUint(answer, 10) + "\n",
	}
}

// kernelAnswer is fib(n) from the number of calls that it makes, which takes no
// time to know.
func kernelAnswer(n int) uint64 { return uint64(workloads.FibCalls(n)+1) / 2 }

func (r *clientRun) now() int64    { return gil.Monotonic() - r.epoch }
func (r *clientRun) stopped() bool { return r.stopping.Load() }

// loop sends requests until the run ends.
func (c *connection) loop() {
	// A thread of its own, so that sleeping and receiving are those of the kernel.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer exactTimers()()
	// Who has no more to ask leaves: a server may serve one connection at a time.
	defer c.stream.shut()
	if c.run.config.Rate > 0 {
		c.open()
	} else {
		c.closed()
	}
}

// closed sends the next request when the reply to the last one is in.
func (c *connection) closed() {
	r := c.run
	gil.SleepUntil(r.epoch, r.stopped)
	for {
		now := r.now()
		if r.stopped() || now >= r.config.EndNS || !c.exchange(now, now, -1) {
			return
		}
	}
}

// open sends requests at the times of its arrivals, whatever the replies do. With
// a request outstanding an arrival waits, and keeps its intended time.
func (c *connection) open() {
	r := c.run
	a := workloads.NewArrivalTimes(r.config.Seed, r.config.Group, c.worker, r.config.Rate, r.config.Arrivals)
	for {
		at := a.Next()
		if at >= r.config.EndNS {
			return
		}
		now, lag := r.now(), int64(-1)
		if now < at {
			gil.SleepUntil(r.epoch+at, r.stopped)
			now = r.now()
			lag = now - at
		}
		if r.stopped() || now >= r.config.EndNS {
			c.leave(&a, at, now)
			return
		}
		if !c.exchange(at, now, lag) {
			if r.stopped() {
				c.leave(&a, a.Next(), r.now())
			}
			return
		}
	}
}

// leave counts the arrivals from at on that were to be sent before now, when the
// connection sends no more.
func (c *connection) leave(a *workloads.ArrivalTimes, at, now int64) {
	for end := min(now, c.run.config.EndNS); at < end; at = a.Next() {
		c.unsent++
	}
}

// exchange sends a request, waits for its reply, and keeps the row. It reports
// whether the connection can go on.
func (c *connection) exchange(intended, start, lag int64) bool {
	r := c.run
	if c.rows.count == r.config.MaxRows {
		c.failure = fmt.Sprintf("more than %d requests on one connection; use a shorter duration", r.config.MaxRows)
		return false
	}
	n := 0
	err := c.stream.send(r.request)
	for err == nil && (n == 0 || c.buf[n-1] != '\n') && n < len(c.buf) {
		var m int
		m, err = c.stream.recv(c.buf[n:])
		n += m
	}
	end := r.now()
	if r.stopped() {
		return false // cut off, neither good nor bad
	}
	row := clientRow{intended: intended, start: start, end: end, lag: lag}
	switch {
	case err != nil && r.overdue.Load():
		row.problem = c.rows.problem("no reply within " + seconds(r.config.GraceNS) + " of the end")
	case err != nil:
		c.failure = fmt.Sprintf("%s at request %d", lost(err), c.count)
		row.problem = c.rows.problem(lost(err))
	case string(c.buf[:n]) != r.reply:
		row.problem = c.rows.problem(wrongReply(c.buf[:n], r.reply))
		// What ends in no newline leaves nobody knowing where the next reply begins.
		if c.buf[n-1] != '\n' {
			c.failure = fmt.Sprintf("a reply of more than %d bytes at request %d", maxRequest, c.count)
			err = errRows
		}
	}
	c.keep(&row)
	return err == nil
}

// keep takes a request that has ended to where it is wanted.
func (c *connection) keep(row *clientRow) {
	c.count++
	if c.tally != nil {
		c.tally.add(row, c.rows.problems)
		return
	}
	c.rows.add(*row)
}

// wrongReply says what came in place of the right reply. What the server says of an
// error is told in full: it is one short line.
func wrongReply(got []byte, want string) string {
	if line, ended := bytes.CutSuffix(got, []byte("\n")); ended && bytes.HasPrefix(line, []byte("error: ")) {
		return "the server answered " + strconv.QuoteToASCII(string(line))
	}
	return fmt.Sprintf("wrong reply %s, want %s", quoted(got), strings.TrimSpace(want))
}

// seconds writes nanoseconds as people do.
func seconds(ns int64) string {
	return strconv.FormatFloat(float64(ns)/1e9, 'g', 4, 64) + " s"
}
