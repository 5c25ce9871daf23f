package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/scenarios"
)

func (a *app) scenariosCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "scenarios",
		Short: "List the scenarios that come with the program",
		Example: `  fibsim scenarios
  fibsim scenarios show mixed > mine.yaml`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return a.print(scenarioList()) },
	}
	cmd.AddCommand(&cobra.Command{
		Use:               "show NAME",
		Short:             "Print the file of one, to read or to start from",
		Args:              oneScenario,
		ValidArgsFunction: completeScenario,
		RunE: func(_ *cobra.Command, args []string) error {
			source, ok := scenarios.Source(args[0])
			if !ok {
				return usage("scenarios show: no built-in scenario is named %q; %s", args[0], didYouMean(args[0], scenarios.Names()))
			}
			return a.print(string(source))
		},
	})
	return cmd
}

// scenarioList returns a line for each built-in scenario: its name and the
// question that it answers.
func scenarioList() string {
	list := scenarios.List()
	width := 0
	for _, s := range list {
		width = max(width, len(s.Name))
	}
	var b strings.Builder
	for _, s := range list {
		fmt.Fprintf(&b, "%-*s  %s\n", width, s.Name, s.Question)
	}
	return b.String()
}
