package cpython

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/workloads"
)

// Run runs p once in a fresh process of the interpreter. No thread states can be
// seen from Python, so o.Events adds nothing.
//
// When ctx ends first, the iterations that are complete by then are returned with
// the error of ctx; where even those cannot be had, no report.
func (b *Backend) Run(ctx context.Context, p *workloads.Program, o session.Options) (*trace.Report, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	req, draws, err := newRequest(p)
	if err != nil {
		return nil, err
	}
	if err := b.lacks(p); err != nil {
		return nil, err
	}
	if p.Server != nil && b.Clients == nil {
		return nil, errors.New("server: this backend was opened without a way to start clients")
	}
	b.obey(req, &p.Interpreter)
	if o.Values {
		req.Values = valuesMost
	}
	report, err := b.run(ctx, p, req, draws)
	if ctx.Err() != nil {
		// Whatever the interrupt broke, it is the interrupt that ended the run.
		return report, ctx.Err()
	}
	return report, err
}

// valuesMost bounds the values of counts that the driver keeps.
const valuesMost = 1 << 20

func (b *Backend) run(ctx context.Context, p *workloads.Program, req *request, draws [][]int64) (*trace.Report, error) {
	file, err := readFile(p)
	if err != nil {
		return nil, err
	}
	if file != "" {
		defer os.Remove(file)
		req.File = file
	}
	start := b.limits.start + time.Duration(p.Workers())*10*time.Millisecond
	// The process outlives the context by what it takes to send its samples.
	proc, err := launch(context.WithoutCancel(ctx), b.path, req.encode(draws), start)
	if err != nil {
		return nil, err
	}
	defer proc.abort()
	r := &running{Backend: b, ctx: ctx, program: p, request: req, proc: proc}
	defer context.AfterFunc(ctx, r.interrupt)()
	defer r.closeClients()
	if err := r.start(); err != nil {
		return nil, err
	}
	return r.finish()
}

// running is one run that goes on.
type running struct {
	*Backend
	ctx     context.Context
	program *workloads.Program
	request *request
	proc    *process
	started atomic.Bool // the driver listens to stop

	clients  Clients
	leave    context.CancelFunc // ends the wait for the clients
	answered chan struct{}      // closed once they have ended
	answer   ClientReport       // theirs, from then on
}

// interrupt makes the driver send what it has, or ends it where it has nothing.
func (r *running) interrupt() {
	if !r.started.Load() {
		r.proc.kill(r.ctx.Err())
		return
	}
	r.proc.send("stop")
	r.proc.limit(r.limits.stop, "ending after an interrupt")
}

// start waits until everybody is ready and names time 0.
func (r *running) start() error {
	m, err := r.proc.next()
	if err != nil {
		return err
	}
	if !m.Ready || m.Now <= 0 || (m.Port > 0) != (r.request.Server != nil) {
		return r.proc.failure(errOrder, "")
	}
	at := time.Now()
	lead := r.limits.lead
	if r.request.Server != nil {
		r.proc.limit(0, "")
		// The connections are made before time 0, so that no request pays for one.
		r.clients, err = r.Clients(r.ctx, r.program, r.address(m.Port))
		if err != nil {
			return r.instead(err)
		}
		lead *= 2 // it has to reach several processes
	}
	shared := gil.Monotonic() + int64(lead)
	epoch := m.Now + int64(time.Since(at)+lead)
	if runtime.GOOS == "linux" {
		// The interpreter's clock is the same, so nothing has to be converted.
		epoch = shared
	}
	if err := r.goClients(shared); err != nil {
		return err
	}
	r.proc.send("start " + strconv.FormatInt(epoch, 10))
	r.proc.limit(r.limit(), "running")
	r.started.Store(true)
	if r.ctx.Err() != nil {
		r.interrupt()
	}
	return nil
}

// goClients names time 0 to the clients and begins to wait for them. When one is
// lost the run is pointless, so the driver is not left to finish it.
func (r *running) goClients(epoch int64) error {
	if r.clients == nil {
		return nil
	}
	if err := r.clients.Go(epoch); err != nil {
		return err
	}
	ctx, leave := context.WithCancel(r.ctx)
	r.leave, r.answered = leave, make(chan struct{})
	go func() {
		defer close(r.answered)
		report, err := r.clients.Wait(ctx)
		if err != nil && ctx.Err() == nil {
			r.lose(ctx, err)
		}
		r.answer = report
	}()
	return nil
}

// ownEnd is the time that a driver gets to end by itself after a client failed.
const ownEnd = 300 * time.Millisecond

// lose ends the driver because the clients failed; but where they failed because
// the driver ended, its own end is what there is to tell.
func (r *running) lose(ctx context.Context, err error) {
	select {
	case <-time.After(ownEnd):
		r.proc.kill(err)
	case <-ctx.Done():
	}
}

// instead is lose before the clients have begun: it returns why the driver ended, where
// it did, and err otherwise.
func (r *running) instead(err error) error {
	last := time.AfterFunc(ownEnd, func() { r.proc.kill(err) })
	defer last.Stop()
	_, ended := r.proc.next()
	return cmp.Or(ended, err)
}

// closeClients ends the clients and the wait for them: in peace where they can.
func (r *running) closeClients() {
	if r.answered != nil {
		r.leave()
		select {
		case <-r.answered:
		case <-time.After(r.limits.stop):
		}
	}
	if r.clients != nil {
		r.clients.Close()
	}
	if r.answered != nil {
		<-r.answered
	}
}

// address returns where clients reach the server.
func (r *running) address(port int) string {
	host := r.request.Server.Host
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if ip != nil && ip.To4() == nil {
			host = "::1"
		}
	}
	return net.JoinHostPort(host, strconv.Itoa(port))
}

// limit returns how long the run may take before the driver counts as hung; 0
// where only the program knows.
func (r *running) limit() time.Duration {
	if r.program.UntilDone {
		return 0
	}
	// A call of C code that keeps the lock keeps the driver from ending, too.
	held := time.Duration(0)
	for _, g := range groupsOf(r.program) {
		held = max(held, longestHold(g.Body))
	}
	return r.limits.lead + time.Duration(r.request.EndNS) + grace + 2*held + r.limits.slack
}

// longestHold returns the length of the longest hold of a body; for a random one
// what hardly any draw passes.
func longestHold(body []workloads.Op) time.Duration {
	longest := int64(0)
	for i := range body {
		switch op := &body[i]; op.Kind {
		case workloads.OpLoop:
			longest = max(longest, int64(longestHold(op.Body)))
		case workloads.OpHold:
			longest = max(longest, 20*op.For.Mean, op.For.High)
		}
	}
	return time.Duration(longest)
}

// finish waits for the end of the run and returns its report.
func (r *running) finish() (*trace.Report, error) {
	m, err := r.proc.next()
	if err == nil && m.Ended && r.answered != nil {
		// The driver serves until the last request in flight is done.
		<-r.answered
		r.proc.send("stop")
		m, err = r.proc.next()
	}
	if err != nil {
		return nil, err
	}
	if m.Result == nil {
		return nil, r.proc.failure(errOrder, "")
	}
	// What is left is reading, whose length the program does not limit.
	r.proc.limit(r.limits.start, "sending its samples")
	rows, err := r.rows(m.Result)
	if err != nil {
		return nil, err
	}
	values, err := r.values(m.Result)
	if err != nil {
		return nil, err
	}
	if m, err := r.proc.next(); err != nil {
		return nil, err
	} else if !m.Done {
		return nil, r.proc.failure(errOrder, "")
	}
	if err := r.proc.close(); err != nil {
		return nil, r.proc.failure(err, "")
	}
	report, err := r.report(m.Result, rows)
	if report != nil {
		report.Values = values
	}
	if report != nil && len(values) == valuesMost {
		report.Warnings = append(report.Warnings, trace.Warning{
			Code:    "values-cut",
			Message: fmt.Sprintf("%s kept the first %d values that counts yielded, and no more", r.name, valuesMost),
			Hint:    "make the run shorter, or count from less",
		})
	}
	return report, err
}
