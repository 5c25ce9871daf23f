package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

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
			return writeMan(root, args[0])
		},
	}
}

// writeMan writes the page of a command and those of all below it that the help lists,
// each whole or not at all.
func writeMan(cmd *cobra.Command, dir string) error {
	for _, c := range cmd.Commands() {
		if !c.IsAvailableCommand() || c.IsAdditionalHelpTopicCommand() {
			continue
		}
		if err := writeMan(c, dir); err != nil {
			return err
		}
	}
	var page bytes.Buffer
	if err := doc.GenMan(cmd, &doc.GenManHeader{Section: "1", Source: "fibsim " + version, Manual: "fibsim"}, &page); err != nil {
		return usage("man: %v", err) // of SOURCE_DATE_EPOCH
	}
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
	return results.ReplaceFile(filepath.Join(dir, name), page.Bytes())
}
