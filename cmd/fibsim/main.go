// Command fibsim shows what an interpreter lock does to a program with threads:
// it runs one scenario under an emulated lock, on Go's own scheduler and in a
// real Python, and prints the results side by side.
//
//	fibsim run mixed
//	fibsim help
//
// The exit status is 0 when all is well, 1 after an internal error, 2 for a
// mistake on the command line, 3 for one in a scenario, 4 when a run failed, 5
// when an invariant was broken, 99 when a claim failed, 130 after an interrupt
// and 141 when who read the samples left before they all were made.
package main

import (
	"context"
	"os"
)

func main() {
	os.Exit(run(interruptible(context.Background()), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
