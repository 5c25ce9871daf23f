package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fibsim/fibsim/internal/playground"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/internal/term"
)

// playgroundOptions are the flags of playground.
type playgroundOptions struct {
	dir, address string
	force, serve bool
	changed      func(flag string) bool
}

func (a *app) playgroundCommand() *cobra.Command {
	var o playgroundOptions
	cmd := &cobra.Command{
		Use:   "playground",
		Short: "The simulator in a page: change a setting, see what it does",
		Long: `Show the simulator in a browser: the article's story step by step, and every setting
of a scenario as a control, with table, index and timeline of the prediction under
the lock and without it.

Without -o the page is served on this host until an interrupt. -o DIR writes it as
files, which any web server can serve; with --serve it is served, too.

The simulator is compiled for the browser by the go command, from the source in the
working directory's module or that of this program in the module cache. A fibsim that
was built with -tags playground has it in it and needs no Go.`,
		Example: `  fibsim playground
  fibsim playground -o site
  fibsim playground -o site --serve`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return a.playground(cmd.Context(), &o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&o.dir, "output", "o", "", "write the page to the directory `DIR`")
	f.BoolVar(&o.force, "force", false, "let DIR hold files already")
	f.BoolVar(&o.serve, "serve", false, "serve the page on this host; what happens without -o, too")
	f.StringVar(&o.address, "addr", "127.0.0.1:0", "serve on `HOST:PORT` of this host; port 0 is any free one")
	o.changed = f.Changed
	return cmd
}

// check refuses combinations that make no sense.
func (o *playgroundOptions) check() error {
	switch {
	case o.changed("output") && o.dir == "":
		return usage("-o: needs the name of a directory")
	case o.force && o.dir == "":
		return usage("--force needs -o DIR")
	case o.changed("addr") && o.dir != "" && !o.serve:
		return usage("--addr needs --serve where -o DIR is given")
	}
	o.serve = o.serve || o.dir == ""
	return nil
}

// playground writes the page, serves it, or both. Directory and address are tried
// before anything is compiled.
func (a *app) playground(ctx context.Context, o *playgroundOptions) error {
	if o.dir != "" {
		if err := results.MakeDir(o.dir, o.force); err != nil {
			return err
		}
	}
	if !o.serve {
		files, err := a.pageFiles(ctx)
		if err != nil {
			return err
		}
		return a.writePage(o, files)
	}
	l, err := playground.Listen(o.address)
	var wrong *playground.AddressError
	switch {
	case errors.As(err, &wrong):
		return usage("--addr: %v", err)
	case err != nil:
		return &hostError{fmt.Errorf("playground: %w; choose another --addr, or port 0 for any that is free", err)}
	}
	defer l.Close()
	files, err := a.pageFiles(ctx)
	if err != nil {
		return err
	}
	if o.dir != "" {
		if err := a.writePage(o, files); err != nil {
			return err
		}
	}
	// Who reads may have left; the page is served all the same.
	_, _ = fmt.Fprintf(a.stdout, "the playground is at http://%s/; Ctrl-C ends it\n", l.Addr())
	if err := files.Serve(ctx, l); err != nil {
		return &hostError{fmt.Errorf("playground: %w", err)}
	}
	return nil
}

// pageFiles compiles the simulator and returns the files of the page.
func (a *app) pageFiles(ctx context.Context) (playground.Files, error) {
	progress := term.NewProgress(a.stderr, a.style(a.stderr))
	defer progress.Clear()
	p, err := a.compilePage(ctx, progress.Say)
	switch {
	case ctx.Err() != nil:
		return nil, session.ErrInterrupted
	case err != nil:
		return nil, &hostError{fmt.Errorf("playground: %w", err)}
	}
	return playground.NewFiles(version, p), nil
}

func (a *app) writePage(o *playgroundOptions, files playground.Files) error {
	if err := files.Write(o.dir); err != nil {
		return err
	}
	return a.print(fmt.Sprintf("the playground is in %s: %s; serve it from any web server\n", o.dir, files.Size()))
}
