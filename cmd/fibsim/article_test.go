package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/scenarios"
)

// Every claim of the article that the simulator can decide holds in it.
func TestArticle(t *testing.T) {
	got := fibsim("article", "--json")
	var found []struct {
		Name   string
		Claims []struct{ Text, Verdict, Reason string }
	}
	if err := json.Unmarshal([]byte(got.stdout), &found); err != nil || got.status != 0 {
		t.Errorf("status %d, %v, %s", got.status, err, got.stderr)
	}
	if len(found) != len(scenarios.Chapters()) {
		t.Errorf("%d chapters, want %d", len(found), len(scenarios.Chapters()))
	}
	for _, c := range found {
		for _, claim := range c.Claims {
			// What only a measured run knows is skipped, and for that reason.
			if claim.Verdict != "passed" && claim.Reason != "needs gil, which did not run" {
				t.Errorf("%s: %s: %s: %s", c.Name, claim.Text, claim.Verdict, claim.Reason)
			}
		}
		if len(c.Claims) == 0 {
			t.Errorf("%s claims nothing", c.Name)
		}
	}
}

// A chapter is shown with its figures, and a claim that does not hold is told and
// gives the status of failed claims.
func TestArticleOnScreen(t *testing.T) {
	got := fibsim("article", "--only", "5")
	if got.status != 0 || !strings.HasPrefix(got.stdout, "05-sleep-in-threads: Threads that sleep do not wait for each other\n✓ ") ||
		!strings.Contains(got.stdout, "three.sim_gil.nap.elapsed_ns = ") || !strings.Contains(got.stdout, "2 of 2 claims hold; predicted in ") {
		t.Errorf("%+v", got)
	}
	got = with(background, both(), "article", "--only", "05")
	if got.status != 0 || !strings.Contains(got.stdout, "0 of 0 claims hold, 2 skipped") {
		t.Errorf("without predictions: %+v", got)
	}
	got = with(background, both(), "article", "--only", "6", "--measured")
	if got.status != 99 || !strings.Contains(got.stdout, "✗ ") || !strings.Contains(got.stderr, " failed\n") {
		t.Errorf("against the claims: %+v", got)
	}
	if got := fibsim("article", "--only", "99"); got.status != 2 || !strings.Contains(got.stderr, "there are 1, ") {
		t.Errorf("%+v", got)
	}
}
