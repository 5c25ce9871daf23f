// Package others tells how much CPU time others have used: other programs on this host and,
// where it is a virtual machine, those whom its host gave the CPUs to meanwhile.
package others

import "time"

// Used is how much CPU time has been used on this host since it started.
type Used struct {
	At       time.Time
	All, Own time.Duration // Own: by this process, and its children that have ended
}

// Since returns how much CPU time others used since an earlier reading, and how many CPUs that is.
// The kernel counts in ticks, so that it is right within some 20 ms, and can be less than 0.
func (u Used) Since(from Used) (spent time.Duration, cpus float64) {
	spent = (u.All - from.All) - (u.Own - from.Own)
	return spent, float64(spent) / float64(u.At.Sub(from.At))
}
