package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/policy/explore"
	"github.com/fibsim/fibsim/internal/term"
)

// Bounds of what is explored unless the user sets others. Three threads need a
// tenth of the states.
const (
	stateLimit  = 100_000
	threadLimit = 3
	mostThreads = 4
)

// grains is how many steps of time make up the interval of an explored lock.
const grains = 2

func (a *app) policiesCheckCommand() *cobra.Command {
	limit, threads := stateLimit, threadLimit
	cmd := &cobra.Command{
		Use:   "check [POLICY]...",
		Short: "Try every order in which a few threads can use a lock",
		Long: `Let two and three threads use each lock in every order that there is: who goes
next, who is there first after a wake, whether a wait times out just before its
signal. Every history is held against the invariants; the exit status is 5 when a
lock breaks one.

The last columns say how often a waiter can see the lock go to another thread
before it gets it, in a world where everybody who can go on does so in time: at all,
and if nobody barges, that is, if a thread that was woken is always there first.
Where there is no end to that, a schedule follows that can be repeated for ever; "so
far" says that there were more states than may be visited.

A compute thread lets go only when it is asked to. A releaser lets go whenever it
likes and wants the lock back at once, a poller after any time. A number in
brackets says after how many turns with the lock a thread may end.`,
		Example: `  fibsim policies check
  fibsim policies check cpython-3 --threads 4`,
		ValidArgs: policy.Names(),
		Args: func(_ *cobra.Command, args []string) error {
			for _, name := range args {
				if policy.Lookup(name) == nil {
					return usage("policies check: no policy is named %q; %s", name, didYouMean(name, policy.Names()))
				}
			}
			switch {
			case threads < 2 || threads > mostThreads:
				return usage("--threads %d: must be from 2 to %d", threads, mostThreads)
			case limit < 1:
				return usage("--states %d: must be 1 or more", limit)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = policy.Names()
			}
			progress := term.NewProgress(a.stderr, a.style(a.stderr))
			text, err := checkLocks(cmd.Context(), explorable(args), explore.Mixes(threads), limit, progress.Say)
			progress.Clear()
			return errors.Join(a.print(text), err)
		},
	}
	cmd.Flags().IntVar(&threads, "threads", threads, "let up to `N` threads use the lock, 2 to 4")
	cmd.Flags().IntVar(&limit, "states", limit, "visit at most `N` states for each line of the table")
	return cmd
}

// explored is a lock with its parameters.
type explored struct {
	name string
	open func() policy.Policy
}

// explorable returns the locks of these names: each once for every choice of a
// parameter that has a few, and once with the order of a host where the policy can
// leave it to that.
func explorable(names []string) []explored {
	var out []explored
	for _, name := range names {
		params := policy.Lookup(name).Params
		i := slices.IndexFunc(params, func(p policy.Param) bool { return p.Kind == policy.ChoiceParam })
		if i < 0 {
			out = append(out, explored{name, opener(name, nil)})
			continue
		}
		for _, choice := range params[i].Choices {
			out = append(out, explored{name + " " + choice, opener(name, map[string]any{params[i].Name: choice})})
		}
		plain := opener(name, nil)
		if host := policy.WithHostOrder(plain()); host.Traits().WakeOrder == policy.HostOrder {
			out = append(out, explored{name + " host", func() policy.Policy { return policy.WithHostOrder(plain()) }})
		}
	}
	return out
}

// opener returns a function that makes fresh locks of a policy that exists.
func opener(name string, given map[string]any) func() policy.Policy {
	return func() policy.Policy {
		p, err := policy.New(name, given)
		if err != nil {
			panic(err)
		}
		return p
	}
}

// checkLocks explores locks and returns the table with the schedules below it, and
// an error for each lock and mix that breaks a rule. When ctx ends, the table has what was done
// by then. It says what it is at.
func checkLocks(ctx context.Context, locks []explored, mixes [][]explore.Role, limit int, say func(string)) (string, error) {
	var r lockReport
	for _, l := range locks {
		if ctx.Err() != nil {
			break
		}
		r.add(ctx, l, mixes, limit, say)
	}
	return r.String(), errors.Join(errors.Join(r.broken...), interrupted(ctx, nil))
}

// lockReport is what explorations found.
type lockReport struct {
	rows   []string // of the table, with tabs
	tales  []tale
	broken []error
}

// tale is a schedule and what it shows, of all locks that have it.
type tale struct {
	locks    []string
	headline string
	text     string
}

func (r *lockReport) add(ctx context.Context, l explored, mixes [][]explore.Role, limit int, say func(string)) {
	traits := l.open().Traits()
	if traits.None {
		r.rows = append(r.rows, l.name+"\tany\t-\t-\t-\tnever: nobody waits\tnever")
		return
	}
	var starves, orderly bool
	for _, roles := range mixes {
		title := explore.Title(roles)
		say("exploring " + l.name + ": " + title)
		found := explore.Run(explore.Config{
			New:   func() explore.Lock { return l.open().(explore.Lock) },
			Roles: roles, Grain: grain(traits), Limit: limit,
			Stop: func() bool { return ctx.Err() != nil },
		})
		if found.Stopped {
			return
		}
		r.rows = append(r.rows, fmt.Sprintf("%s\t%s\t%d\t%d\t%d\t%s\t%s", l.name, title,
			found.States, found.Steps, found.Histories, passedOver(&found, &found.Passed), passedOver(&found, &found.Orderly)))
		if b := found.Broken; b != nil {
			r.broken = append(r.broken, &lockError{l.name, title, b.Rule})
			r.tell(l.name, title+": "+b.Rule, numbered(b.Schedule))
		}
		// One schedule of each kind is enough for a lock: the first is the simplest.
		starves = r.circle(l.name, title, &found.Passed, "", starves)
		orderly = r.circle(l.name, title, &found.Orderly, ", even if nobody barges", orderly)
	}
}

// circle tells of a waiter that starves, unless the lock has shown that already,
// and reports whether it has shown it now.
func (r *lockReport) circle(lock, title string, p *explore.Passed, how string, told bool) bool {
	if p.Endless && !told {
		r.tell(lock, title+": "+p.Starving+" can wait for ever"+how,
			numbered(p.Schedule)+fmt.Sprintf("and again from %d on\n", p.Circle+1))
	}
	return told || p.Endless
}

// tell adds a schedule, once for all locks that have the same.
func (r *lockReport) tell(lock, headline, text string) {
	for i := range r.tales {
		if t := &r.tales[i]; t.headline == headline && t.text == text {
			t.locks = append(t.locks, lock)
			return
		}
	}
	r.tales = append(r.tales, tale{[]string{lock}, headline, text})
}

// String returns the table, and the schedules below it.
func (r *lockReport) String() string {
	var b strings.Builder
	columns := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(columns, "lock\tthreads\tstates\tsteps\thistories\ta waiter is passed over\tif nobody barges")
	for _, row := range r.rows {
		fmt.Fprintln(columns, row)
	}
	columns.Flush()
	for _, t := range r.tales {
		fmt.Fprintf(&b, "\n%s: %s:\n%s", strings.Join(t.locks, ", "), t.headline, t.text)
	}
	return b.String()
}

// grain returns a step of time that divides the interval of a lock.
func grain(t policy.Traits) int64 {
	if t.Interval > 0 {
		return t.Interval / grains
	}
	return int64(time.Millisecond)
}

// passedOver says how often a waiter is.
func passedOver(r *explore.Result, p *explore.Passed) string {
	text := ""
	switch {
	case r.Broken != nil:
		return "breaks a rule"
	case p.Endless:
		return "without end"
	case p.Instant:
		text = "without end, within a grain"
	case p.Most == 0:
		text = "never"
	default:
		text = count(p.Most, "time") + " at most"
	}
	if !r.Whole {
		text += " so far"
	}
	return text
}

// numbered returns the steps of a schedule, a line each.
func numbered(steps []string) string {
	var b strings.Builder
	for i, s := range steps {
		fmt.Fprintf(&b, "%4d. %s\n", i+1, s)
	}
	return b.String()
}
