package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/internal/predict"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/scenarios"
)

func (a *app) checkCommand() *cobra.Command {
	var effective, determinism bool
	var o runOptions
	cmd := &cobra.Command{
		Use:   "check FILE|NAME",
		Short: "Find the errors of a scenario, without running it",
		Long: `Read a scenario and report every error in it, each with its place, the value
found and what would be right. The exit status is 3 when there are any.

With --determinism, predict the scenario two times, with and without the lock, and
compare every event. The exit status is 5 when two runs are not the same.

The flags that change a scenario do it here as they do for run.`,
		Example: `  fibsim check mine.yaml
  fibsim check mixed --print
  fibsim check mixed --determinism
  fibsim check mixed --determinism --set machine.cpus=16 --ties random`,
		Args:              oneScenario,
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.checkTies(); err != nil {
				return err
			}
			switch {
			case effective && determinism:
				return usage("--print and --determinism: choose one")
			case o.changed("ties") && !determinism:
				return usage("--ties needs --determinism: only predictions have ties to break")
			}
			s, err := o.load(args[0])
			if err != nil {
				return err
			}
			defer func() { a.notes(s.Notes) }() // of what gave way to the flags, and of the costs
			if effective {
				return a.print(string(s.Effective()))
			}
			if determinism {
				return a.determinism(cmd.Context(), s, o.ties == tiesRandom)
			}
			return a.print(summary(s))
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVar(&effective, "print", false, "print the scenario with every default filled in")
	f.BoolVar(&determinism, "determinism", false, "predict the scenario twice and compare every event")
	f.StringVar(&o.lock, "lock", "", "lock policy: a `NAME` of fibsim policies")
	f.StringArrayVar(&o.set, "set", nil, "change one `path=value` of the scenario; may be repeated")
	f.StringVar(&o.seed, "seed", "", "seed of random durations, a number `N`")
	f.StringVar(&o.duration, "duration", "", "length of the measured window, a duration `D` such as 10s")
	f.StringVar(&o.ties, "ties", tiesRule, "break ties by `RULE`, or random")
	o.changed = f.Changed

	// An error here would mean that a flag above has another name.
	_ = cmd.RegisterFlagCompletionFunc("lock", cobra.FixedCompletions(policy.Names(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// determinism predicts every variant of a scenario two times on each backend in
// virtual time, where ties break by the rule or at random.
func (a *app) determinism(ctx context.Context, s *scenarios.Scenario, ties bool) error {
	var different []error
	var out strings.Builder
	for _, b := range []*predict.Backend{predict.NewGIL(), predict.NewNative()} {
		b.Ties = ties
		if _, err := a.resolve(ctx, s, []session.Backend{b}); err != nil {
			return err
		}
		for _, v := range s.Variants {
			name := s.Name
			if v.Name != "" {
				name += ", variant " + v.Name
			}
			same, err := b.Twice(ctx, v.Program)
			var d *predict.DifferenceError
			switch {
			case ctx.Err() != nil:
				return session.ErrInterrupted
			case errors.As(err, &d):
				different = append(different, fmt.Errorf("%s: %w", name, err))
			case err != nil:
				return &hostError{fmt.Errorf("%s: %s: %w", name, b.Name(), err)}
			default:
				fmt.Fprintf(&out, "%s: %s: two runs are the same: %d events, hash %s\n", name, b.Name(), same.Events, same.Hash)
			}
		}
	}
	return errors.Join(append(different, a.print(out.String()))...)
}

// summary says in one line what a sound scenario holds.
func summary(s *scenarios.Scenario) string {
	p := s.Variants[0].Program
	parts := []string{count(len(p.Threads), "thread group")}
	if n := len(p.Tasks); n > 0 {
		parts = append(parts, count(n, "task group"))
	}
	parts = append(parts, count(len(p.Clients), "client group"), count(len(s.Claims), "claim"))
	if s.Variants[0].Name != "" {
		parts = append(parts, count(len(s.Variants), "variant"))
	}
	return fmt.Sprintf("%s: fine: %s\n", s.Path, strings.Join(parts, ", "))
}

// count returns a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
