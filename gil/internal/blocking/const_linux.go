package blocking

// Of linux/futex.h and linux/time.h.
const (
	futexWaitPrivate = 0 | 128
	clockMonotonic   = 1
	timerAbstime     = 1
)
