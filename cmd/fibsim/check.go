package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/internal/predict"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/scenarios"
)

func (a *app) checkCommand() *cobra.Command {
	var effective, determinism bool
	cmd := &cobra.Command{
		Use:   "check FILE|NAME",
		Short: "Find the errors of a scenario, without running it",
		Long: `Read a scenario and report every error in it, each with its place, the value
found and what would be right. The exit status is 3 when there are any.

With --determinism, predict the scenario two times, with and without the lock, and
compare every event. The exit status is 5 when two runs are not the same.`,
		Example: `  fibsim check mine.yaml
  fibsim check mixed --print
  fibsim check mixed --determinism`,
		Args:              oneScenario,
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := scenarios.Find(args[0])
			if err != nil {
				return err
			}
			if effective {
				return a.print(string(s.Effective()))
			}
			if determinism {
				return a.determinism(cmd.Context(), s)
			}
			return a.print(summary(s))
		},
	}
	cmd.Flags().BoolVar(&effective, "print", false, "print the scenario with every default filled in")
	cmd.Flags().BoolVar(&determinism, "determinism", false, "predict the scenario twice and compare every event")
	return cmd
}

// determinism predicts every variant of a scenario two times on each backend in
// virtual time.
func (a *app) determinism(ctx context.Context, s *scenarios.Scenario) error {
	var different []error
	var out strings.Builder
	for _, b := range []*predict.Backend{predict.NewGIL(), predict.NewNative()} {
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
