package explore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
)

// Role is what a thread does with the lock.
type Role struct {
	Name string
	// Blocks says that it lets go of its own accord whenever it likes.
	Blocks bool
	// Away says that it then may stay away for any time. Otherwise it wants the lock
	// back within the grain.
	Away bool
	// Turns says that it may end once it has had the lock that many times; 0: never.
	Turns int
}

// The roles of threads that never end.
var (
	// Compute lets go only when it is asked to.
	Compute = Role{Name: "compute"}
	// Releaser lets go for short calls, and takes the lock back at once.
	Releaser = Role{Name: "releaser", Blocks: true}
	// Poller lets go and is away for a while.
	Poller = Role{Name: "poller", Blocks: true, Away: true}
)

// Ending returns the role of a thread that lets go for good once it has had the
// lock that many times, instead of for a while.
func (r Role) Ending(turns int) Role {
	r.Turns = turns
	return r
}

// Mixes returns the sets of threads, of up to that many, that bring out what the
// policies differ in.
func Mixes(threads int) [][]Role {
	all := [][]Role{
		{Compute, Compute},
		{Releaser, Compute},
		{Poller.Ending(2), Compute.Ending(2)},
		{Compute, Compute, Compute},
		{Releaser, Compute, Compute},
		{Poller, Poller, Compute},
		{Poller.Ending(2), Releaser.Ending(1), Compute.Ending(1)},
		{Releaser, Compute, Compute, Compute},
		{Poller, Poller, Compute.Ending(2), Compute.Ending(2)},
	}
	return slices.DeleteFunc(all, func(m []Role) bool { return len(m) > threads })
}

// Title returns a set of threads in a few words.
func Title(roles []Role) string {
	var parts []string
	for i := 0; i < len(roles); {
		n := i + 1
		for n < len(roles) && roles[n] == roles[i] {
			n++
		}
		part := roles[i].Name
		if n-i > 1 {
			part = fmt.Sprintf("%d %s", n-i, part)
		}
		if roles[i].Turns > 0 {
			part += fmt.Sprintf(" (%d)", roles[i].Turns)
		}
		parts = append(parts, part)
		i = n
	}
	return strings.Join(parts, ", ")
}

// threads returns what the threads are called: their roles, numbered.
func threads(roles []Role) []trace.Thread {
	seen := map[string]int{}
	out := make([]trace.Thread, len(roles))
	for i, r := range roles {
		out[i] = trace.Thread{Group: r.Name, Worker: seen[r.Name]}
		seen[r.Name]++
	}
	return out
}

// Lock is a policy that can be copied and compared.
type Lock interface {
	policy.Policy
	// Copy returns an independent lock in the same state.
	Copy() policy.Policy
	// Sketch appends all that the decisions from now on depend on: locks with equal
	// sketches decide alike. waits[t] is the number of the wait that thread t is in,
	// or was in last.
	Sketch(now int64, waits []uint64, out []int64) []int64
}
