package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/internal/live"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/internal/term"
	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/workloads"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	model, address, lock, pace string
	set                        []string
	workers, threads           int
	native                     bool
	limits                     live.ServerLimits
	changed                    func(flag string) bool
}

func (a *app) serveCommand() *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Be one of the article's servers, until an interrupt",
		Long: `Serve the article's protocol: a request is a number in ASCII, its reply fib of
that number and a newline. telnet, nc and the article's own clients work unchanged.

An interrupt ends it: what is being answered is still sent, and totals are printed.`,
		Example: `  fibsim serve
  fibsim serve --model sequential
  fibsim serve --model processes --workers 2 --pace python
  fibsim serve --model coroutines --lock cpython-2
  fibsim serve --model prefork --native --addr 127.0.0.1:0`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.serve(cmd.Context(), &o) },
	}
	var models []string
	for _, m := range workloads.Models() {
		models = append(models, string(m))
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.model, "model", string(workloads.Threads), "`MODEL` of the server: "+strings.Join(models, ", "))
	f.StringVar(&o.address, "addr", defaultAddress, "listen on `HOST:PORT`; port 0 is any free one")
	f.StringVar(&o.lock, "lock", "", "lock policy: a `NAME` of fibsim policies")
	f.StringArrayVar(&o.set, "set", nil, "change one `path=value` of the interpreter, as in interpreter.switch_interval=1ms")
	f.StringVar(&o.pace, "pace", "", "cost of a call of fib: `NS`, native or python (measured)")
	f.IntVar(&o.workers, "workers", 0, "worker processes, server processes or interpreters: a number `N`")
	f.IntVar(&o.threads, "threads", 0, "threads of each process of prefork: a number `N`")
	f.BoolVar(&o.native, "native", false, "serve without an interpreter lock")
	f.IntVar(&o.limits.MaxFib, "max-fib", 40, "largest number `N` that is computed, up to 45")
	f.IntVar(&o.limits.MaxConnections, "max-connections", 10_000, "connections at one time, `N`; of each process with prefork")
	f.DurationVar(&o.limits.Idle, "idle-timeout", 10*time.Minute, "close a connection that sends or takes nothing for `D`")
	o.changed = f.Changed

	// An error here would mean that a flag above has another name.
	_ = cmd.RegisterFlagCompletionFunc("lock", cobra.FixedCompletions(policy.Names(), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("model", cobra.FixedCompletions(models, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// served is the scenario whose server runs. Its clients are those that come.
const served = `
version: 1
name: serve
title: A server on its own
duration: 1s
server: {model: threads}
clients:
  - {name: any, request: {fib: 1}}
`

// scenario returns the scenario that the flags describe.
func (o *serveOptions) scenario() (*scenarios.Scenario, error) {
	var list []scenarios.Override
	for _, arg := range o.set {
		one, err := scenarios.ParseSet(arg)
		if err != nil {
			return nil, usage("%v", err)
		}
		list = append(list, one)
	}
	for _, f := range []struct{ flag, path, value string }{
		{"model", "server.model", o.model},
		{"addr", "server.address", strconv.Quote(o.address)},
		{"workers", "server.workers", strconv.Itoa(o.workers)},
		{"threads", "server.threads", strconv.Itoa(o.threads)},
		{"lock", "interpreter.lock", o.lock},
		{"pace", "interpreter.pace", o.pace},
	} {
		if o.changed(f.flag) || f.flag == "addr" {
			list = append(list, scenarios.Override{Flag: "--" + f.flag + " " + strings.Trim(f.value, `"`), Path: f.path, Value: f.value})
		}
	}
	return scenarios.Parse("serve", []byte(served), list...)
}

// check refuses limits that make no sense.
func (o *serveOptions) check() error {
	switch {
	case o.limits.MaxFib < 1 || o.limits.MaxFib > 45:
		return usage("--max-fib: must be from 1 to 45, got %d", o.limits.MaxFib)
	case o.limits.MaxConnections < 1:
		return usage("--max-connections: must be 1 at least, got %d", o.limits.MaxConnections)
	case o.limits.Idle < time.Second:
		return usage("--idle-timeout: must be 1s at least, got %v", o.limits.Idle)
	case o.native && o.lock != "":
		return usage("--native serves without a lock; leave out --lock, or --native")
	}
	return nil
}

func (a *app) serve(ctx context.Context, o *serveOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	s, err := o.scenario()
	if err != nil {
		return err
	}
	if wantsPace(s) {
		if _, err := a.measurePace(ctx, s, nil, nil); err != nil {
			return err
		}
	}
	p := s.Variants[0].Program
	progress := term.NewProgress(a.stderr, a.style(a.stderr))
	begun := time.Now()
	line := liveLine{at: begun}
	var want wantLine
	started := false
	totals, err := a.serveOn(ctx, &live.ServeConfig{
		Program: p, Native: o.native, Calibrator: new(live.Calibrator), Commands: processes, Limits: o.limits,
		Started: func(address string) {
			started = true
			a.announce(p, o.native, address)
		},
		Lost: func(err error) {
			progress.Clear()
			fmt.Fprintf(a.stderr, "fibsim: serve: %v\n", err)
		},
		Progress: func(c live.ServerCounts) {
			if text := want.text(c, time.Now()); text != "" {
				progress.Clear()
				fmt.Fprintln(a.stderr, "fibsim: "+text)
			}
			progress.Say(line.text(c, time.Now()))
		},
	})
	progress.Clear()
	if err != nil {
		if ctx.Err() != nil && !started {
			return session.ErrInterrupted
		}
		return &hostError{fmt.Errorf("serve: %w", err)}
	}
	if err := a.print(totalsText(totals, time.Since(begun))); err != nil || totals.Lost == 0 {
		return err
	}
	return &hostError{fmt.Errorf("serve: lost %s; what was being answered there had no reply", processCount(totals.Lost))}
}

// processCount writes a number of server processes.
func processCount(n int64) string {
	if n == 1 {
		return "1 server process"
	}
	return fmt.Sprintf("%d server processes", n)
}

// announce says on standard output what is served where, once it is.
func (a *app) announce(p *workloads.Program, native bool, address string) {
	under := "under the lock " + p.Interpreter.Lock
	if native {
		under = "without a lock"
	}
	// Who reads may have left; the server serves all the same.
	_, _ = fmt.Fprintf(a.stdout, "serving fib on %s: %s, %s; Ctrl-C ends it\n", address, p.Server.Model, under)
}

// liveLine is what a terminal shows while a server runs.
type liveLine struct {
	at   time.Time
	last live.ServerCounts
}

// text says what was done since it was called before.
func (l *liveLine) text(c live.ServerCounts, now time.Time) string {
	seconds := now.Sub(l.at).Seconds()
	text := fmt.Sprintf("%.0f requests/s, %s", float64(c.Requests-l.last.Requests)/max(seconds, 1e-3), many(c.Open, "connection"))
	if busy := c.BusyNS - l.last.BusyNS; busy > 0 {
		text += fmt.Sprintf(", %.0f %% of their time waiting for the lock", 100*float64(c.WaitNS-l.last.WaitNS)/float64(busy))
	}
	l.at, l.last = now, c
	return text
}

// wantLine is what is said while a server lacks descriptors, once a second.
type wantLine struct {
	at   time.Time
	last live.ServerCounts
}

// text says that connections wait, or nothing where none do, or it has been said just now.
func (l *wantLine) text(c live.ServerCounts, now time.Time) string {
	if c.Starved == l.last.Starved || now.Sub(l.at) < time.Second {
		return ""
	}
	l.at, l.last = now, c
	return fmt.Sprintf("no descriptor is left for one connection more than the %d there are; those that come wait; "+
		"raise the limit of open files (ulimit -n), or refuse them with --max-connections", c.Open)
}

// totalsText says what a server has done.
func totalsText(c live.ServerCounts, length time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s on %s in %v", many(c.Requests, "request"), many(c.Connections, "connection"), length.Round(time.Millisecond))
	if c.BusyNS > 0 {
		fmt.Fprintf(&b, "; %.0f %% of their time waiting for the lock", 100*float64(c.WaitNS)/float64(c.BusyNS))
	}
	if c.Errors > 0 {
		fmt.Fprintf(&b, "; %d answered by an error", c.Errors)
	}
	if c.Refused > 0 {
		fmt.Fprintf(&b, "; %s refused", many(c.Refused, "connection"))
	}
	if c.Starved > 0 {
		fmt.Fprintf(&b, "; could not accept %s for want of descriptors", many(c.Starved, "time"))
	}
	b.WriteByte('\n')
	return b.String()
}

// many writes a number of things.
func many(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
