package main

import (
	"context"
	"io"
	"os"
	"os/exec"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/internal/live"
)

// The commands that processes of a run execute.
const (
	clientName = "client"
	workerName = "worker"
)

// processes start this program again, in another role.
var processes = live.Commands{Client: again(clientName), Worker: again(workerName)}

// roleCommand returns the hidden command of a process that fibsim starts itself.
func (a *app) roleCommand(name, short string, live func(io.Reader, io.Writer) error) *cobra.Command {
	return &cobra.Command{
		Use:    name,
		Short:  short + "; fibsim starts these itself",
		Hidden: true,
		Args:   noArgs,
		RunE:   func(*cobra.Command, []string) error { return live(a.stdin, a.stdout) },
	}
}

// again returns the command of this program in one of its roles.
func again(name string) live.Command {
	return func(ctx context.Context) *exec.Cmd {
		self, err := os.Executable()
		if err != nil {
			// Starting it then fails, and says what could not be found.
			self = os.Args[0]
		}
		return exec.CommandContext(ctx, self, name)
	}
}
