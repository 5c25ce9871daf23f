package gil_test

import (
	"context"
	"fmt"
	"log"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/policy"
)

// Four threads add to one plain variable: the interpreter lock protects it, and
// lets them in turn by CPython's rules.
func Example() {
	lock, err := policy.New("cpython-3", nil)
	if err != nil {
		log.Fatal(err)
	}
	rt, err := gil.New(lock, gil.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()

	sum := 0
	for i := range 4 {
		rt.Go(fmt.Sprint("adder-", i), func(t *gil.Thread) {
			for range 1000 {
				sum++
				t.Checkpoint() // here the lock may change hands
			}
			t.Blocking(func() {
				// A call that blocks: others have the lock meanwhile.
			})
		})
	}
	if err := rt.Wait(context.Background()); err != nil {
		log.Fatal(err)
	}
	fmt.Println("sum:", sum)
	fmt.Println("takes at least:", rt.Stats().Takes >= 8)
	// Output:
	// sum: 4000
	// takes at least: true
}
