package trace

// Sample is one iteration of one worker: one pass of a body, or one request.
// Start to End is its latency, Intended to End its response.
type Sample struct {
	Seq      int64
	Intended int64 // planned start in an open loop, otherwise Start
	Start    int64
	End      int64
	Planned  int64 // sleep that the body asked for

	// How long the thread was in each state; they add up to End - Start for a
	// thread. Blocked is sleep and I/O together.
	Run, WaitGIL, NoGIL, Blocked, Ready int64

	Counts

	Err string // empty: the iteration is good
}

// Counts says what the lock did to a thread during an iteration.
type Counts struct {
	Switches int64 // takes of the lock after another thread had it
	Requests int64 // times the thread asked the holder to let go
	Forced   int64 // times the thread let go because it was asked to
	Barges   int64 // takes before the thread that had been woken got there
}

// Add adds d.
func (c *Counts) Add(d Counts) {
	c.Switches += d.Switches
	c.Requests += d.Requests
	c.Forced += d.Forced
	c.Barges += d.Barges
}

// Latency returns End - Start.
func (s *Sample) Latency() int64 { return s.End - s.Start }

// Response returns End - Intended.
func (s *Sample) Response() int64 { return s.End - s.Intended }

// Delay returns the latency beyond the sleep that was asked for.
func (s *Sample) Delay() int64 { return s.End - s.Start - s.Planned }

// Phase is the part of a run that an iteration belongs to, by its intended
// start.
type Phase uint8

const (
	Warmup  Phase = iota // before the window
	Measure              // inside the window
	After                // begun when the window was over; in no figure
)

// Window is the measured part of a run. End is math.MaxInt64 while a run that
// goes on until everything is done has not ended.
type Window struct{ Start, End int64 }

// Phase returns the phase of an iteration with that intended start.
func (w Window) Phase(intended int64) Phase {
	switch {
	case intended < w.Start:
		return Warmup
	case intended < w.End:
		return Measure
	}
	return After
}

// Contains reports whether t lies inside the window. Its end belongs to it, so
// that the last completion of a run that ends with it is counted.
func (w Window) Contains(t int64) bool { return w.Start <= t && t <= w.End }
