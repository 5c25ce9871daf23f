package script

import (
	"errors"
	"fmt"
	"strings"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Script is a compiled function. Several goroutines may run it at the same time.
type Script struct {
	run *starlark.Function
}

// Error is one mistake in a script.
type Error struct {
	Line, Col int // in the text of the script, from 1; Col in bytes
	Msg       string
}

// Error returns place and message.
func (e Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Msg) }

// Errors are all the mistakes that were found in a script.
type Errors []Error

// Error returns one line for each mistake.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// dialect is Starlark with what Python allows, too.
var dialect = &syntax.FileOptions{Set: true, While: true, Recursion: true}

// Compile returns the function that the text defines: the one called run, or the
// only one there is. It takes no arguments. Beside functions the text has at most
// a string that describes it, so that compiling computes nothing. The error, if
// any, is [Errors].
func Compile(source string) (*Script, error) {
	file, err := dialect.Parse("script", source, 0)
	if err != nil {
		return nil, mistakes(err)
	}
	entry, errs := entryOf(file)
	if len(errs) > 0 {
		return nil, errs
	}
	program, err := starlark.FileProgram(file, func(string) bool { return false })
	if err != nil {
		return nil, mistakes(err)
	}
	if errs := foreign(file); len(errs) > 0 {
		return nil, errs
	}
	globals, err := program.Init(&starlark.Thread{Name: "script"}, nil)
	if err != nil {
		return nil, mistakes(err)
	}
	// Only what is frozen may be used by several goroutines.
	globals.Freeze()
	return &Script{run: globals[entry].(*starlark.Function)}, nil
}

// Name returns the name of the function.
func (s *Script) Name() string { return s.run.Name() }

// entryOf returns the name of the function to run, and what the text must not
// have at its top.
func entryOf(file *syntax.File) (name string, errs Errors) {
	var functions []*syntax.DefStmt
	for i, statement := range file.Stmts {
		switch statement := statement.(type) {
		case *syntax.DefStmt:
			functions = append(functions, statement)
			errs = append(errs, computed(statement)...)
			continue
		case *syntax.ExprStmt:
			if literal, ok := statement.X.(*syntax.Literal); ok && literal.Token == syntax.STRING && i == 0 {
				continue
			}
		}
		start, _ := statement.Span()
		errs = append(errs, at(start, "only functions stand here; put it into one"))
	}
	var entry *syntax.DefStmt
	for _, f := range functions {
		if f.Name.Name == "run" || len(functions) == 1 {
			entry = f
		}
	}
	switch {
	case len(errs) > 0:
		return "", errs
	case len(functions) == 0:
		return "", Errors{{1, 1, "there is no function; write one as def run():"}}
	case entry == nil:
		return "", Errors{at(functions[1].Def, fmt.Sprintf("there are %d functions; call the one to run run", len(functions)))}
	case len(entry.Params) > 0:
		start, _ := entry.Params[0].Span()
		return "", Errors{at(start, fmt.Sprintf("%s is run without arguments; take its parameters away", entry.Name.Name))}
	}
	return entry.Name.Name, nil
}

// computed returns the default values of a function that would be computed while
// the scenario is read.
func computed(f *syntax.DefStmt) (errs Errors) {
	for _, p := range f.Params {
		given, ok := p.(*syntax.BinaryExpr)
		if !ok {
			continue
		}
		switch value := given.Y.(type) {
		case *syntax.Literal, *syntax.Ident:
			continue
		case *syntax.UnaryExpr:
			if _, literal := value.X.(*syntax.Literal); literal {
				continue
			}
		}
		start, _ := given.Y.Span()
		errs = append(errs, at(start, "a default value must be a single number, string or name"))
	}
	return errs
}

// foreign returns the uses of functions that mean something else in Python, or
// nothing.
func foreign(file *syntax.File) (errs Errors) {
	because := map[string]string{
		"fail":  "fail is not part of Python; a script must run there, too",
		"print": "a script has nowhere to print to; take it out",
		"hash":  "hash gives other numbers in Python; a script must do the same everywhere",
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		id, ok := n.(*syntax.Ident)
		if !ok {
			return true
		}
		if b, ok := id.Binding.(*resolve.Binding); ok && b.Scope == resolve.Universal && because[id.Name] != "" {
			errs = append(errs, at(id.NamePos, because[id.Name]))
		}
		return true
	})
	return errs
}

// mistakes turns the library's errors into ours.
func mistakes(err error) Errors {
	var one syntax.Error
	var several resolve.ErrorList
	switch {
	case errors.As(err, &one):
		return Errors{at(one.Pos, one.Msg)}
	case errors.As(err, &several):
		var errs Errors
		for _, e := range several {
			errs = append(errs, at(e.Pos, e.Msg))
		}
		return errs
	}
	return Errors{{1, 1, err.Error()}}
}

func at(p syntax.Position, message string) Error {
	return Error{Line: int(p.Line), Col: int(p.Col), Msg: message}
}
