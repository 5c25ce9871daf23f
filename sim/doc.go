// Package sim is a discrete-event engine: virtual time, a queue of events, and
// what a deterministic simulation needs beside them. It knows nothing of locks
// or schedulers and can be used alone.
//
// Time is an int64 of nanoseconds, which sums exactly and lasts 292 years. A
// model schedules [Event] values and takes them back one at a time:
//
//	q := sim.NewQueue()
//	q.Schedule(sim.Event{Time: 0, Kind: arrival})
//	for {
//		e, ok := q.Next()
//		if !ok {
//			break
//		}
//		switch e.Kind {
//		case arrival:
//			…
//		}
//	}
//
// The loop and its switch belong to the caller. So an event costs no call through
// an interface, no closure and, once the queue has reached its size, no
// allocation. A simulated thread is a value with a state, not a goroutine: to
// hand control to a goroutine and back takes twenty times as long as everything
// that the engine does.
//
// Events are ordered by (Time, priority of the Kind, order of scheduling). That order is total,
// so a model that draws its random numbers from streams of its own
// (workloads.Stream) and uses whole numbers is a function of its input: the same
// events on every machine. [Hash] folds the events of a run into one number, by
// which two runs can be compared.
package sim
