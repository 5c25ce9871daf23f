package gil

import "github.com/fibsim/fibsim/gil/trace"

// Rules returns what the lock declares about itself, for trace.Check.
func (rt *Runtime) Rules() trace.Rules {
	return trace.Rules{
		Lock:      !rt.free,
		WakeOrder: string(rt.traits.WakeOrder),
		Interval:  rt.traits.Interval,
		Countdown: rt.traits.Ticks > 0,
		Shakes:    rt.traits.Shakes,
	}
}

// Log returns all events in one order, if Options.Keep was set. Threads says
// what each thread is to be called, by number. All threads must have ended.
func (rt *Runtime) Log(threads []trace.Thread) *trace.Log {
	var lanes []*trace.Lane
	for _, t := range rt.Threads() {
		lanes = append(lanes, t.lane)
	}
	// What the policy's timer did has a number, too.
	log := trace.NewLog(threads, append(lanes, rt.clerk.lane))
	log.Rules = rt.Rules()
	return log
}
