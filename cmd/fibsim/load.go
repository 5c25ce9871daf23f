package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/internal/live"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/workloads"
)

// loadOptions are the flags of load.
type loadOptions struct {
	config         live.LoadConfig
	rate, arrivals string // as typed
	each, json     bool
	csv            string
	changed        func(flag string) bool
}

// Where load asks, and serve answers, unless the user says otherwise.
const defaultAddress = "127.0.0.1:25000"

// slowRequest is the least n whose fib takes an interpreter so long that a line for
// each request can be read as it comes: some milliseconds.
const slowRequest = 25

// arrivalKinds are the values of --arrivals.
var arrivalKinds = map[string]workloads.Arrivals{"poisson": workloads.Poisson, "uniform": workloads.Uniform}

func (a *app) loadCommand() *cobra.Command {
	var o loadOptions
	cmd := &cobra.Command{
		Use:   "load",
		Short: "Ask a server of the article for fib, and say how fast it answers",
		Long: `Send requests to a server of the article's protocol: fibsim serve, or one of the
article's own. It prints what the article's two clients print: the seconds that
each request took, where they are few, and once a second how many there were. At
its end follow the number of requests, their rate and the percentiles.

A connection sends its next request when the reply to the last one is in (closed
loop), or with --rate at times that it draws beforehand (open loop). An arrival
that finds its connection busy waits, which is in its response time and not in its
latency.

It goes on until --duration is over or an interrupt, which ends it with the figures
until then and exit status 130.`,
		Example: `  fibsim load                                       the article's perf1
  fibsim load --request 1                           the article's perf2
  fibsim load --request 1 --rate 20 --duration 30s  an open loop
  fibsim load --addr 127.0.0.1:8000 --conns 10`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.load(cmd.Context(), &o) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.config.Address, "addr", defaultAddress, "address `HOST:PORT` of the server")
	f.IntVar(&o.config.Request, "request", 30, "ask for fib of the number `N`, 0 to 45")
	f.IntVar(&o.config.Connections, "conns", 1, "open `C` connections")
	f.StringVar(&o.rate, "rate", "", "open loop: `R` requests per second on each connection")
	f.StringVar(&o.arrivals, "arrivals", "poisson", "gaps of the open loop: `KIND` poisson or uniform")
	f.DurationVar(&o.config.Duration, "duration", 0, "start no request after `D`, such as 10s; 0 is without end")
	f.Uint64Var(&o.config.Seed, "seed", 1, "seed of the arrivals, a number `N`")
	f.BoolVar(&o.each, "each", false, "print each request's seconds; the default from fib(25) on, one connection")
	f.StringVar(&o.csv, "csv", "", "write every request to `FILE`; - is standard output")
	f.BoolVar(&o.json, "json", false, "print all that is known as JSON, and no lines before")
	o.changed = f.Changed

	// An error here would mean that the flag above has another name.
	_ = cmd.RegisterFlagCompletionFunc("arrivals", cobra.FixedCompletions([]string{"poisson", "uniform"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// mostRate bounds --rate: a request takes longer than a microsecond.
const mostRate = 1e6

// check refuses what makes no sense and completes the configuration.
func (o *loadOptions) check() error {
	c := &o.config
	if _, port, err := net.SplitHostPort(c.Address); err != nil || port == "" {
		return usage("--addr: must be HOST:PORT, such as %s, got %q", defaultAddress, c.Address)
	}
	if o.changed("rate") {
		rate, err := strconv.ParseFloat(strings.TrimSuffix(o.rate, "/s"), 64)
		if err != nil || math.IsNaN(rate) || rate <= 0 || rate > mostRate {
			return usage("--rate: must be more than 0 and at most %d requests per second, got %q", int64(mostRate), o.rate)
		}
		c.Rate = rate
	}
	kind, known := arrivalKinds[o.arrivals]
	c.Arrivals = kind
	switch {
	case c.Request < 0 || c.Request > 45:
		return usage("--request: must be from 0 to 45, got %d", c.Request)
	case c.Connections < 1 || c.Connections > live.MaxLoadConnections:
		return usage("--conns: must be from 1 to %d, got %d", live.MaxLoadConnections, c.Connections)
	case !known:
		return usage("--arrivals: must be poisson or uniform, got %q", o.arrivals)
	case o.changed("arrivals") && c.Rate == 0:
		return usage("--arrivals needs --rate: a closed loop has no arrivals")
	case c.Duration < 0:
		return usage("--duration: must not be negative, got %v", c.Duration)
	case o.changed("csv") && o.csv == "":
		return usage("--csv: needs the name of a file, or - for standard output")
	case o.json && o.csv == "-":
		return usage("--json and --csv - both want standard output; give the CSV a file name")
	case o.json && o.each:
		return usage("--json prints no lines of requests; leave out --each, or --json")
	}
	if !o.changed("each") {
		o.each = !o.json && c.Connections == 1 && c.Rate == 0 && c.Request >= slowRequest
	}
	return nil
}

// load loads a server and shows what it found.
func (a *app) load(ctx context.Context, o *loadOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	var table *results.Table
	if o.csv != "" {
		var err error
		if table, err = results.CreateTable(o.csv, a.stdout, loadColumns); err != nil {
			return err
		}
	}
	out := a.stdout
	if o.csv == "-" {
		out = a.stderr
	}
	report, seconds, err := a.loadAndPrint(ctx, o, out, table)
	var errs []error
	if report != nil {
		errs = append(errs, a.showLoad(o, report, seconds, out))
	}
	if table != nil {
		errs = append(errs, table.Close())
	}
	return errors.Join(append(errs, err)...)
}

// loadAndPrint loads a server, and prints what the article's clients print while it
// does. Every request goes to the table, unless that is nil. Seconds are those of the
// report, which is nil where nothing was sent. The error is why the load ended before
// its time.
func (a *app) loadAndPrint(parent context.Context, o *loadOptions, out io.Writer, table *results.Table) (*live.LoadReport, []live.LoadSecond, error) {
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	lines := newLoadLines(out, cancel)
	config := o.config
	var unwritten error // of the table; it comes out of Close, too
	if table != nil {
		config.Rows = func(rows []live.LoadRow) {
			if unwritten == nil {
				if unwritten = addRequests(table, rows); unwritten != nil {
					cancel()
				}
			}
		}
	}
	var seconds []live.LoadSecond
	config.Second = lines.second
	if o.json {
		config.Second = func(s live.LoadSecond) { seconds = append(seconds, s) }
	}
	if o.each {
		config.Each = lines.request
	}
	report, err := a.loadOn(ctx, config)
	lost, left := lines.close()
	switch {
	case err != nil && parent.Err() != nil:
		return nil, nil, session.ErrInterrupted
	case err != nil:
		return nil, nil, &hostError{unreachable(o.config.Address, err)}
	case lost > 0:
		fmt.Fprintf(a.stderr, "note: %s no line: who reads them is too slow\n", has(lost, "request"))
	}
	switch {
	case parent.Err() != nil && report.Interrupted:
		err = fmt.Errorf("%w; the figures are those until then", session.ErrInterrupted)
	case unwritten != nil:
		// Its reader has seen enough, which is no error, or Close says why.
	case left != nil:
		// Its reader has seen enough, which is no error, or the disk is full.
		err = written(left)
	case report.Broken > 0:
		err = &hostError{lostConnections(report)}
	case report.Good == 0 && report.Failed > 0:
		err = &hostError{fmt.Errorf("load: %s had no right reply from %s; see that it is a server of the article's protocol and takes --request %d",
			many(report.Failed, "request"), config.Address, config.Request)}
	}
	return report, seconds, err
}

// unreachable says what to do about a server that cannot be reached.
func unreachable(address string, err error) error {
	var failed net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("load: nothing listens on %s; start a server there (fibsim serve), or name its address with --addr: %w", address, err)
	case errors.As(err, &failed) && failed.Timeout():
		return fmt.Errorf("load: %s accepts no connection; see that it is the right address, or use fewer --conns: %w", address, err)
	case errors.Is(err, syscall.EMFILE):
		return fmt.Errorf("load: too many connections for this process; raise the limit of open files (ulimit -n), or use fewer --conns: %w", err)
	}
	return fmt.Errorf("load: no connection to %s; name the address of a server with --addr: %w", address, err)
}

// lostConnections says which connections ended before their time.
func lostConnections(r *live.LoadReport) error {
	text := "load: " + r.Failure
	if r.Broken > 1 {
		text += fmt.Sprintf("; %s broke in all", count(r.Broken, "connection"))
	}
	return errors.New(text)
}

// has begins a sentence about a number of things.
func has(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun + " has"
	}
	return fmt.Sprintf("%d %ss have", n, noun)
}

// loadTitle says what was measured.
func loadTitle(o *loadOptions, r *live.LoadReport) string {
	c := &o.config
	loop := "closed loop"
	if c.Rate > 0 {
		loop = fmt.Sprintf("%s arrivals, %s/s on each", o.arrivals, strconv.FormatFloat(c.Rate, 'g', -1, 64))
	}
	length := time.Duration(r.ElapsedNS).Round(time.Millisecond)
	return fmt.Sprintf("fib(%d) from %s: %s, %s, %v", c.Request, c.Address, count(c.Connections, "connection"), loop, length)
}
