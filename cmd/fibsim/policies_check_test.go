package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/policy/explore"
)

// deaf is a lock that wakes nobody.
type deaf struct{ explore.Lock }

func (d deaf) Copy() policy.Policy { return deaf{d.Lock.Copy().(explore.Lock)} }

func (d deaf) Step(in policy.Input, out []policy.Decision) []policy.Decision {
	return slices.DeleteFunc(d.Lock.Step(in, out), func(o policy.Decision) bool { return o.Kind == policy.Wake })
}

// A lock that breaks a rule ends the command with status 5, after the table, with
// the schedule that shows it.
func TestCheckOfABrokenLock(t *testing.T) {
	open := opener("cpython-2", nil)
	bad := explored{"bad", func() policy.Policy { return deaf{open().(explore.Lock)} }}
	text, err := checkLocks(t.Context(), []explored{bad}, explore.Mixes(2)[:1], 1000, func(string) {})
	const rule = "wake-order: compute-0 let go and woke nobody, and 1 wait"
	if err == nil || statusOf(err) != 5 || err.Error() != "bad: 2 compute: "+rule {
		t.Errorf("status %d, %v", statusOf(err), err)
	}
	for _, want := range []string{" breaks a rule\n", "\nbad: 2 compute: " + rule + ":\n   1. compute-0 wants the lock, takes the lock\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q:\n%s", want, text)
		}
	}
}

// An interrupt ends it in the middle of a line of the table, with the lines before.
func TestInterruptOfACheck(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	said := []string{}
	text, err := checkLocks(ctx, explorable([]string{"cpython-3", "cpython-2"}), explore.Mixes(4), 1e9, func(line string) {
		if said = append(said, line); len(said) == 3 {
			interrupt()
		}
	})
	if statusOf(err) != 130 || len(said) != 3 || !strings.Contains(text, "  releaser, compute ") || strings.Contains(text, "poller") {
		t.Errorf("status %d after %q\n%s", statusOf(err), said, text)
	}
}

// A bound that was met is told.
func TestBoundOfACheck(t *testing.T) {
	got := fibsim("policies", "check", "cpython-3", "--threads", "4", "--states", "300")
	if got.status != 0 || !strings.Contains(got.stdout, "releaser, 3 compute") || !strings.Contains(got.stdout, " so far\n") {
		t.Errorf("status %d\n%s%s", got.status, got.stdout, got.stderr)
	}
	if strings.Contains(got.stdout, "cpython-2") {
		t.Error("it tells of a lock that was not asked for")
	}
}

// The output in the page about the locks is what the command prints.
func TestOutputInTheLocksPage(t *testing.T) {
	blocks := fenced(string(read(t, filepath.Join(root, "docs", "locks.md"))), "text")
	got := fibsim("policies", "check", "--threads", "2").stdout
	if len(blocks) != 1 || blocks[0]+"\n" != got {
		t.Errorf("the page shows\n%s\nand the command prints\n%s", blocks, got)
	}
}
