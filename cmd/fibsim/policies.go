package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/gil/policy"
)

func (a *app) policiesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "policies",
		Short: "List the lock policies and their parameters",
		Example: `  fibsim policies
  fibsim policies check cpython-3`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return a.print(policyList()) },
	}
	cmd.AddCommand(a.policiesCheckCommand())
	return cmd
}

// policyList returns each policy with where its rules come from, and a line for
// each parameter.
func policyList() string {
	var b strings.Builder
	for i, name := range policy.Names() {
		s := policy.Lookup(name)
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s: %s\n  %s\n", s.Name, s.Title, s.Source)
		for _, p := range s.Params {
			fmt.Fprintf(&b, "  %s: %s\n    %s\n", p.Name, bounds(p), p.Doc)
		}
	}
	return b.String()
}

// bounds says which values a parameter may have.
func bounds(p policy.Param) string {
	if p.Kind == policy.ChoiceParam {
		return fmt.Sprintf("%s; default %v", strings.Join(p.Choices, " or "), p.Default)
	}
	return fmt.Sprintf("%v to %v; default %v", p.Min, p.Max, p.Default)
}
