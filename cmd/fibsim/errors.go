package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fibsim/fibsim/internal/predict"
	"github.com/fibsim/fibsim/internal/session"
	"github.com/fibsim/fibsim/scenarios"
)

// statusScenario is the exit status for mistakes in a scenario's content. Those
// of a session stand in package session.
const statusScenario = 3

// usageError is a mistake on the command line.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usage(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// hostError is something that a run needs and this host has not: an interpreter.
type hostError struct{ err error }

func (e *hostError) Error() string { return e.err.Error() }
func (e *hostError) Unwrap() error { return e.err }

// lockError is a lock that breaks an invariant in a history that was tried.
type lockError struct{ lock, threads, rule string }

func (e *lockError) Error() string { return fmt.Sprintf("%s: %s: %s", e.lock, e.threads, e.rule) }

// sessionError holds all that went wrong between the first run and the last
// file, and how many claims failed.
type sessionError struct {
	err    error // nil when only claims failed
	failed int
}

func (e *sessionError) Error() string { return errors.Join(flatten(e)...).Error() }
func (e *sessionError) Unwrap() error { return e.err }

// statusOf returns the exit status that an error stands for.
func statusOf(err error) int {
	var usage *usageError
	var content scenarios.Errors
	var unread *scenarios.ReadError
	var host *hostError
	var ended *sessionError
	var lock *lockError
	var different *predict.DifferenceError
	switch {
	case err == nil:
		return session.StatusOK
	case errors.As(err, &ended):
		return session.Status(ended.err, ended.failed > 0)
	case errors.As(err, &content) && !content.Flags():
		return statusScenario
	case errors.As(err, &usage), errors.As(err, &unread), errors.As(err, &content):
		return session.StatusUsage
	case errors.As(err, &host):
		return session.StatusRun
	case errors.As(err, &lock), errors.As(err, &different):
		return session.StatusInvariant
	}
	return session.Status(err, false)
}

// flatten returns the errors that were joined into err, each once.
func flatten(err error) []error {
	switch e := err.(type) {
	case nil:
		return nil
	case *sessionError:
		out := flatten(e.err)
		for i := range out {
			switch out[i] {
			case session.ErrInterrupted:
				out[i] = errors.New("interrupted; the results of the runs before it are complete")
			case session.ErrReaderLeft:
				out[i] = errors.New("nobody reads standard output any more, so the runs that were left are not made")
			}
		}
		switch {
		case e.failed == 1:
			out = append(out, errors.New("1 claim failed"))
		case e.failed > 1:
			out = append(out, fmt.Errorf("%d claims failed", e.failed))
		}
		return out
	case scenarios.Errors:
		var out []error
		for _, one := range e {
			out = append(out, one)
		}
		return out
	case interface{ Unwrap() []error }:
		var out []error
		for _, one := range e.Unwrap() {
			for _, child := range flatten(one) {
				if !slices.ContainsFunc(out, func(known error) bool { return known.Error() == child.Error() }) {
					out = append(out, child)
				}
			}
		}
		return out
	}
	return []error{err}
}

// unknownCommand is the error for a word that should have been a command of cmd.
func unknownCommand(cmd *cobra.Command, word string) error {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return usage("%sunknown command %q; %s", place(cmd), word, didYouMean(word, names))
}

// place opens a message about a command: its path, without the program's name
// that every message begins with.
func place(cmd *cobra.Command) string {
	if !cmd.HasParent() {
		return ""
	}
	return strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ") + ": "
}

// didYouMean names what was most likely meant, or everything there is.
func didYouMean(word string, names []string) string {
	if best := scenarios.Nearest(word, names); best != "" {
		return "did you mean " + best + "?"
	}
	return "there are " + strings.Join(names, ", ")
}

// flagError puts the errors of the flag parser in the words of the others.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var bare *pflag.ValueRequiredError
	var wrong *pflag.InvalidValueError
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return err
	// An unknown command has no flags: the word before them is what is wrong.
	case !cmd.HasParent() && len(cmd.Flags().Args()) > 0:
		return unknownCommand(cmd, cmd.Flags().Args()[0])
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		name := unknown.GetSpecifiedName()
		if best := scenarios.Nearest(name, flagNames(cmd)); best != "" {
			return usage("unknown flag --%s; did you mean --%s?", name, best)
		}
		return usage("unknown flag --%s; `%s --help` lists those there are", name, cmd.CommandPath())
	case errors.As(err, &unknown):
		return usage("unknown flag -%s; `%s --help` lists those there are", unknown.GetSpecifiedName(), cmd.CommandPath())
	case errors.As(err, &bare):
		kind, _ := pflag.UnquoteUsage(bare.GetFlag())
		return usage("--%s: needs a value, as in --%s %s", bare.GetFlag().Name, bare.GetFlag().Name, kind)
	case errors.As(err, &wrong):
		if wrong.GetFlag().Value.Type() == "bool" {
			return usage("--%s: must be true, false or without a value, got %q", wrong.GetFlag().Name, wrong.GetValue())
		}
		if kind := wrong.GetFlag().Value.Type(); strings.HasPrefix(kind, "int") || strings.HasPrefix(kind, "uint") {
			return usage("--%s: must be a whole number, got %q", wrong.GetFlag().Name, wrong.GetValue())
		}
		return usage("--%s: %v", wrong.GetFlag().Name, errors.Unwrap(wrong))
	}
	return usage("%v", err)
}

func flagNames(cmd *cobra.Command) []string {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	return names
}

// noArgs refuses arguments of a command that takes none.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if cmd.HasSubCommands() {
		return unknownCommand(cmd, args[0])
	}
	return usage("%stakes no arguments, got %q", place(cmd), args[0])
}
