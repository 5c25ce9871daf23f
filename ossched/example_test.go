package ossched_test

import (
	"fmt"

	"github.com/fibsim/fibsim/ossched"
)

// Two tasks that never block take turns on one CPU, under a policy of which the
// driver knows nothing but its name.
func Example() {
	const ms = 1_000_000
	policy, err := ossched.New("rr", ossched.Config{CPUs: 1, Tick: 4 * ms})
	if err != nil {
		fmt.Println(err)
		return
	}
	for task := range ossched.Task(2) {
		policy.Add(task, ossched.Attr{})
		cpu := policy.Place(task, ossched.NoCPU, 0)
		policy.Enqueue(cpu, task, 0, ossched.Created)
	}
	for now := int64(0); now < 40*ms; {
		task, from := policy.Pick(0, now), now
		for now = policy.Next(0, now); !policy.Tick(0, now); now = policy.Next(0, now) {
		}
		policy.Put(0, now, ossched.Preempted)
		fmt.Printf("task %d from %2d to %d ms\n", task, from/ms, now/ms)
	}
	// Output:
	// task 0 from  0 to 10 ms
	// task 1 from 10 to 20 ms
	// task 0 from 20 to 30 ms
	// task 1 from 30 to 40 ms
}
