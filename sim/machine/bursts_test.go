package machine

import (
	"testing"

	"github.com/fibsim/fibsim/workloads"
)

// Where the ends of bursts and the ticks are kept decides nothing but how fast the simulator is: with
// all of them in the queue the same events come in the same order. Without costs many
// of them share their time.
func TestBurstsAndTicksAreOrderedAsInTheQueue(t *testing.T) {
	for _, native := range []bool{false, true} {
		for _, costs := range []*Costs{DefaultCosts(), {}} {
			lock := "cpython-3"
			if native {
				lock = "none"
			}
			p := withClients(underLock(lock, 30*ms, groupOf("crunch", 3, fibOf(15)), groupOf("quick", 2, spinFor(5*us), sleepFor(ms))),
				workloads.Client{Name: "c", Count: 5, Request: 5})
			var hashes [2]uint64
			for i := range hashes {
				m, err := newMachine(p, Config{CPUs: 3, Native: native, Costs: costs})
				if err != nil {
					t.Fatal(err)
				}
				if i == 1 {
					m.bursts.slots, m.ticks.slots = nil, nil
				}
				if err := m.run(nil); err != nil || m.failed != nil {
					t.Fatal(err, m.failed)
				}
				hashes[i] = uint64(m.hash)
			}
			if hashes[0] != hashes[1] || hashes[0] == 0 {
				t.Errorf("native %t, costs %t: %016x, in the queue %016x", native, costs.Switch > 0, hashes[0], hashes[1])
			}
		}
	}
}
