package scenarios

import (
	"slices"
	"testing"

	"github.com/fibsim/fibsim/ossched"
)

// machine.scheduler takes every scheduler of the kernel, and none of goroutines: it
// schedules the threads under the lock, and those below goroutines.
func TestSchedulersOfTheMachine(t *testing.T) {
	for _, scheduler := range ossched.Names() {
		p, err := ossched.New(scheduler, ossched.Config{CPUs: 1, Tick: 4e6})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range [...]string{"scheduler", "native_scheduler"} {
			i := slices.IndexFunc(machineShape.keys, func(k key) bool { return k.name == name })
			wrong := ""
			if s, ok := machineShape.keys[i].shape.(*scalar); ok {
				_, wrong = s.parse(&node{text: scheduler})
			}
			if refused := name == "scheduler" && p.Traits().Goroutines; (wrong != "") != refused {
				t.Errorf("machine.%s: %s: %q", name, scheduler, wrong)
			}
		}
	}
}
