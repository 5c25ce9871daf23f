package main

import (
	"strings"
	"testing"

	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/workloads"
)

// A backend that cannot do all of a scenario is left out of --all, with a warning;
// where it was asked for by name, or none is left, that is the scenario's mistake.
func TestSift(t *testing.T) {
	s, err := scenarios.Parse("tiny.yaml", []byte(tiny))
	if err != nil {
		t.Fatal(err)
	}
	lacking := func(names string) func(*workloads.Program, string) []string {
		return func(_ *workloads.Program, backend string) []string {
			if strings.Contains(names, backend) {
				return []string{"read", "script"}
			}
			return nil
		}
	}
	left, warnings, err := sift(s, both(), false, lacking(""))
	if len(left) != 2 || warnings != nil || err != nil {
		t.Errorf("both can: got %v %v %v", left, warnings, err)
	}
	left, warnings, err = sift(s, both(), true, lacking("native"))
	if err != nil || len(left) != 1 || left[0].Name() != "gil" || len(warnings) != 1 ||
		warnings[0].Message != "native is left out: it cannot do this yet: read, script" {
		t.Errorf("--all: got %v %v %v", left, warnings, err)
	}
	for all, names := range map[bool]string{false: "native", true: "gil native"} {
		_, _, err = sift(s, both(), all, lacking(names))
		if err == nil || statusOf(err) != 3 || !strings.Contains(err.Error(), "cannot do this yet: read, script; leave") {
			t.Errorf("all %t: got %v", all, err)
		}
	}
}
