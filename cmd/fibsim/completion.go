package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// shells are those that a completion script can be written for.
var shells = []string{"bash", "fish", "powershell", "zsh"}

func (a *app) completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print a script that completes commands, flags and scenarios",
		Long:  "Print the script that makes a shell complete fibsim's commands, flags, scenarios and\nlocks. The shell is bash, fish, powershell or zsh.",
		Example: `  source <(fibsim completion bash)
  fibsim completion fish | source`,
		ValidArgs: shells,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				return nil
			}
			return usage("completion: name one shell: %s", strings.Join(shells, ", "))
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			var err error
			switch args[0] {
			case "bash":
				err = root.GenBashCompletionV2(a.stdout, true)
			case "fish":
				err = root.GenFishCompletion(a.stdout, true)
			case "powershell":
				err = root.GenPowerShellCompletionWithDesc(a.stdout)
			case "zsh":
				err = root.GenZshCompletion(a.stdout)
			default:
				return usage("completion: no shell is named %q; %s", args[0], didYouMean(args[0], shells))
			}
			return written(err)
		},
	}
}
