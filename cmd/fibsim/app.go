package main

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/calibrate"
	"github.com/fibsim/fibsim/internal/live"
	"github.com/fibsim/fibsim/internal/others"
	"github.com/fibsim/fibsim/internal/playground"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/workloads/kernel"
)

// app is one execution of the program: its streams, and what tests replace.
type app struct {
	args           []string
	stdin          io.Reader
	stdout, stderr io.Writer

	// open returns the backends of a run, in the order of the table, and what the
	// reader of its results must know of them.
	open func(context.Context, *runOptions) ([]session.Backend, []trace.Warning, error)

	// serveOn is a server on its own, until the context ends.
	serveOn func(context.Context, *live.ServeConfig) (live.ServerCounts, error)

	// loadOn loads a server that somebody else has started.
	loadOn func(context.Context, live.LoadConfig) (*live.LoadReport, error)

	// cpuTime reads how much CPU time has been used; false where that is not known.
	cpuTime func() (others.Used, bool)

	// yardstick returns how long a fixed amount of work takes now.
	yardstick func() time.Duration

	// renew takes the speed of this moment for the speed of the host, at which costs
	// are found out: so many so far.
	renew func()
	costs func() int64

	// compilePage compiles the simulator for a browser.
	compilePage func(context.Context, func(string)) (*playground.Program, error)

	// measureHost measures what things cost on this host.
	measureHost func(context.Context, calibrate.Options) (*calibrate.Measured, error)
}

// run executes one command line, without the program's name, and returns the
// exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return newApp(args, stdin, stdout, stderr).run(ctx)
}

func newApp(args []string, stdin io.Reader, stdout, stderr io.Writer) *app {
	return &app{
		args: args, stdin: stdin, stdout: stdout, stderr: stderr,
		open: openBackends, serveOn: live.Serve, loadOn: live.Load,
		cpuTime: others.Read, yardstick: kernel.Slowest, renew: kernel.Renew, costs: kernel.Measured, compilePage: playground.Compile, measureHost: calibrate.Host,
	}
}

func (a *app) run(ctx context.Context) (status int) {
	defer func() {
		// A panic would end the process with 2, which stands for a mistake of the user.
		if v := recover(); v != nil {
			fmt.Fprintf(a.stderr, "fibsim: internal error: %v\n%s", v, debug.Stack())
			status = session.StatusInternal
		}
	}()
	err := a.root().ExecuteContext(ctx)
	a.report(err)
	return statusOf(err)
}

// root returns the command tree.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "fibsim",
		Short: "See what an interpreter lock does to threads",
		Long: `fibsim runs one scenario under an emulated interpreter lock (measured), on Go's
own scheduler (measured), in a real Python (measured) and in virtual time
(predicted), side by side.`,
		Example: `  fibsim run mixed                         both backends, one table
  fibsim run mixed --gil --python          the emulator against the real thing
  fibsim run mixed --gil --sim             the emulator beside its prediction
  fibsim run mine.yaml --lock cpython-2    another lock
  fibsim scenarios                         what comes with the program`,
		Args:          cobra.ArbitraryArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return cmd.Help()
		},
	}
	root.AddCommand(a.runCommand(), a.serveCommand(), a.explainCommand(), a.articleCommand(), a.replicateCommand(), a.adviseCommand(), a.validateCommand(), a.checkCommand(),
		a.compareCommand(), a.reportCommand(), a.sweepCommand(), a.plotCommand(),
		a.scenariosCommand(), a.policiesCommand(),
		a.schedulersCommand(), a.calibrateCommand(), a.loadCommand(), a.traceCommand(),
		a.schemaCommand(), a.doctorCommand(), a.completionCommand(), a.manCommand(), a.versionCommand(),
		a.roleCommand(clientName, "Be a client process of a run", live.RunClient),
		a.roleCommand(workerName, "Be a worker process of a pool", live.RunWorker),
		a.playgroundCommand())
	root.SetArgs(a.args)
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(flagError)
	root.CompletionOptions.DisableDefaultCmd = true
	// The default help command answers an unknown topic with status 0.
	root.SetHelpCommand(helpCommand(root))
	return root
}

func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about a command",
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, c := range root.Commands() {
				if c.IsAvailableCommand() {
					names = append(names, c.Name())
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(cmd, args[len(args)-max(1, len(rest))])
			}
			cmd.InitDefaultHelpFlag()
			return cmd.Help()
		},
	}
}

// print writes results to standard output.
func (a *app) print(text string) error {
	_, err := io.WriteString(a.stdout, text)
	return written(err)
}

// notes writes what is worth knowing and no warning to standard error, a line each.
func (a *app) notes(list []string) {
	for _, note := range list {
		fmt.Fprintln(a.stderr, "note: "+note)
	}
}

// written turns an error of standard output into what it means: nothing where
// its reader has seen enough and left.
func written(err error) error {
	if err == nil || results.ReaderLeft(err) {
		return nil
	}
	return &results.WriteError{Path: "standard output", Err: err}
}

// report writes each of the errors that make up err, in lines of its own.
func (a *app) report(err error) {
	for _, e := range flatten(err) {
		text := strings.TrimRight(e.Error(), "\n")
		fmt.Fprintln(a.stderr, "fibsim: "+strings.ReplaceAll(text, "\n", "\n  "))
	}
}

// command is the line that was typed, for run.json.
func (a *app) command() []string { return append([]string{"fibsim"}, a.args...) }
