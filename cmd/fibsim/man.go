package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/fibsim/fibsim/internal/results"
)

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write man pages, one for each command",
		Long: `Write man pages into the directory DIR, one for each command, from the same texts as
the help. Their date is today, or what SOURCE_DATE_EPOCH says.`,
		Example: `  fibsim man man1
  man ./man1/fibsim-run.1`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 && args[0] != "" {
				return nil
			}
			return usage("man: name one directory for the pages")
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return &results.OutputError{Path: args[0], Err: err}
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true
			err := doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "fibsim " + version, Manual: "fibsim"}, args[0])
			var path *os.PathError
			if errors.As(err, &path) {
				return &results.WriteError{Path: path.Path, Err: path.Err}
			}
			return err
		},
	}
}
