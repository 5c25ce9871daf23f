package trace

// Fold replays the log into a fresh Meter for each thread, which meter makes,
// and returns them by thread number. The figures are those of the meters that
// ran along, exactly, if they were made alike.
func (log *Log) Fold(meter func(thread int) *Meter) []*Meter {
	lanes := make([]*Lane, len(log.Threads))
	meters := make([]*Meter, len(log.Threads))
	for i := range lanes {
		meters[i] = meter(i)
		lanes[i] = NewLane(int32(i), meters[i], false)
	}
	for i := range log.Events {
		// The lock's own clock is no thread and has no meter.
		if t := log.Events[i].Thread; t >= 0 {
			lanes[t].Record(log.Events[i])
		}
	}
	return meters
}
