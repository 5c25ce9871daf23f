// Command hashes predicts the shipped scenarios and prints the hash of what
// happened in each, so that architectures can be compared.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/sim/machine"
)

func main() {
	for _, s := range scenarios.List() {
		for _, v := range s.Variants {
			for _, native := range []bool{false, true} {
				p := *v.Program
				p.Warmup, p.Duration = min(p.Warmup, 50*time.Millisecond), min(p.Duration, 150*time.Millisecond)
				r, err := machine.Run(&p, machine.Config{Native: native}, nil)
				if err != nil {
					fmt.Fprintln(os.Stderr, s.Name, v.Name, err)
					os.Exit(1)
				}
				for _, f := range r.Facts {
					if f.Name == "event_hash" {
						fmt.Println(s.Name, v.Name, native, f.Value)
					}
				}
			}
		}
	}
}
