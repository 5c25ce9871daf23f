package main

import (
	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/scenarios"
)

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of scenario files, for editors",
		Example: `  fibsim schema > scenario.schema.json

An editor with a YAML language server checks and completes a scenario whose
first line is:
  # yaml-language-server: $schema=./scenario.schema.json`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return a.print(string(scenarios.Schema())) },
	}
}
