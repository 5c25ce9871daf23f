package policy

// WakeOrder is the rule by which the waiter that a signal reaches is chosen.
type WakeOrder string

const (
	FIFO      WakeOrder = "fifo"       // the one that has waited longest since it last queued
	Glibc236  WakeOrder = "glibc-2.36" // the two groups of the C library's condition variable
	HostOrder WakeOrder = "host"       // whoever the driver's own primitive picks
)
