package main

import (
	"context"
	"os"
	"os/exec"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/internal/live"
)

// clientName is the command that a client process executes.
const clientName = "client"

func (a *app) clientCommand() *cobra.Command {
	return &cobra.Command{
		Use:    clientName,
		Short:  "Be a client process of a run; fibsim starts these itself",
		Hidden: true,
		Args:   noArgs,
		RunE:   func(*cobra.Command, []string) error { return live.RunClient(a.stdin, a.stdout) },
	}
}

// clientProcess returns the command of a client process: this program again, in
// another role.
func clientProcess(ctx context.Context) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		// Starting it then fails, and says what could not be found.
		self = os.Args[0]
	}
	return exec.CommandContext(ctx, self, clientName)
}
