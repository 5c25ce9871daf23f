package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/ossched"
)

func (a *app) schedulersCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schedulers",
		Short: "List the schedulers that the simulator knows",
		Long: `List the schedulers that the simulator knows, with where their rules come from and
their parameters. machine.scheduler names one, and its parameters are keys of
machine, too; go schedules goroutines, for machine.native_scheduler.`,
		Example: `  fibsim schedulers
  fibsim run mixed --sim --set machine.scheduler=rr --set machine.quantum=1ms`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return a.print(schedulerList()) },
	}
}

// schedulerList returns each scheduler with where its rules come from, and a line
// for each parameter.
func schedulerList() string {
	var b strings.Builder
	for i, s := range ossched.Schedulers() {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s: %s\n", s.Name, s.Title)
		if s.Source != "" {
			fmt.Fprintf(&b, "  %s\n", s.Source)
		}
		for _, p := range s.Params {
			limits := ""
			if p.Min != nil {
				limits = fmt.Sprintf("%v to %v; ", p.Min, p.Max)
			}
			fmt.Fprintf(&b, "  %s: %sdefault %v\n    %s\n", p.Name, limits, p.Default, p.Doc)
		}
	}
	return b.String()
}
