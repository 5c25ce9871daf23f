package scenarios

import "github.com/fibsim/fibsim/workloads"

// Scenario is a question, ready to be run: checked, complete, its variants
// expanded and its claims compiled.
type Scenario struct {
	Name     string
	Title    string // one line; may be empty, like the two that follow
	Question string // one line
	About    string // prose
	Path     string // the file, or the name of a built-in scenario
	Seed     uint64 // of the scenario; each Program has its own

	Repeat   int       // repetitions for each variant and backend, 1 or more
	Variants []Variant // at least one; the only one has no name when the file has no variants
	Claims   []Claim

	// Notes say, one sentence each, what the file has and the run has not,
	// because a flag or a variant changed something else.
	Notes []string
}

// Variant is one way in which a scenario runs.
type Variant struct {
	Name    string // "" when the scenario has no variants
	Program *workloads.Program
}
