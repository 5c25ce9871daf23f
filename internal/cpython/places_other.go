//go:build !linux

package cpython

// places returns one CPU, whichever it is: where to run cannot be chosen.
func places() []int { return []int{0} }

// together leaves it to the system where the two run.
func together(pid, cpu int) (apart func()) { return func() {} }
