package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/scenarios"
)

func (a *app) checkCommand() *cobra.Command {
	var effective, determinism bool
	cmd := &cobra.Command{
		Use:   "check FILE|NAME",
		Short: "Find the errors of a scenario, without running it",
		Long: `Read a scenario and report every error in it, each with its place, the value
found and what would be right. The exit status is 3 when there are any.`,
		Example: `  fibsim check mine.yaml
  fibsim check mixed --print`,
		Args:              oneScenario,
		ValidArgsFunction: completeScenario,
		RunE: func(_ *cobra.Command, args []string) error {
			if determinism {
				return usage("--determinism is not available yet: it compares two runs of the simulator, which comes later")
			}
			s, err := scenarios.Find(args[0])
			if err != nil {
				return err
			}
			if effective {
				return a.print(string(s.Effective()))
			}
			return a.print(summary(s))
		},
	}
	cmd.Flags().BoolVar(&effective, "print", false, "print the scenario with every default filled in")
	cmd.Flags().BoolVar(&determinism, "determinism", false, "run the simulation twice and compare (not available yet)")
	return cmd
}

// summary says in one line what a sound scenario holds.
func summary(s *scenarios.Scenario) string {
	p := s.Variants[0].Program
	parts := []string{count(len(p.Threads), "thread group"), count(len(p.Clients), "client group"), count(len(s.Claims), "claim")}
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
