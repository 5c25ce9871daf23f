package trace

// Report is what one run of one backend found out.
type Report struct {
	Window   Window // with the true end of a run that goes on until all is done
	Groups   []GroupReport
	States   bool // the backend sees thread states
	Lock     bool // the backend sees what the lock does
	Ready    bool // the backend sees threads that are runnable without a CPU
	Facts    []Fact
	Warnings []Warning
	Log      *Log    // nil unless events were kept
	Others   []*Log  // of the locks of other interpreters, as far as the backend sees them
	Values   []Value // what counts yielded, in order; nil unless asked for

	// PeakMemory is the largest resident size of the process tree in bytes; 0
	// where the host does not tell.
	PeakMemory int64
}

// EndWithLast sets the end of the window to that of the last iteration: for a run that
// went on until all was done.
func (r *Report) EndWithLast() {
	r.Window.End = r.Window.Start
	for _, g := range r.Groups {
		for _, m := range g.Workers {
			r.Window.End = max(r.Window.End, m.LastEnd())
		}
	}
}

// GroupReport holds the workers of one group, in their order.
type GroupReport struct {
	Name    string
	Client  bool // connections of a client, rather than threads
	Workers []*Meter
}

// Value is what a task yielded.
type Value struct {
	Group  string
	Worker int
	Value  int64
}

// Fact is a name and a value that belong to a run: how threads were parked, the
// pace reached, the version of an interpreter.
type Fact struct {
	Name  string
	Value any // string, int64, float64 or bool
}

// Warning is something that does not stop a run but that its reader must know.
type Warning struct {
	Code    string // stable, kebab-case
	Message string // what is the case, with its figures
	Hint    string // what to do about it
}
