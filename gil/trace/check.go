package trace

import "fmt"

// mostViolations bounds what Check reports: a log that breaks a rule once often
// breaks it at every switch.
const mostViolations = 100

// Check holds the named invariants against a log and returns each contradiction
// that it finds as a *Violation, in the order of the log, at most the first 100;
// if there are more, a last error says how many. A run that was cut off, with
// threads that still wait and iterations that are open, is legal.
func Check(log *Log, rules Rules) []error {
	c := &checker{
		log: log, rules: rules,
		threads: make([]checked, len(log.Threads)+1), tasks: make([]checkedTask, len(log.Tasks)),
		holder: -1, last: -1, dropper: -1, owing: -1,
	}
	for i := range c.threads {
		c.threads[i].lane.state = Done
	}
	for i := range log.Events {
		c.event(&log.Events[i])
	}
	if c.more > 0 {
		c.found = append(c.found, fmt.Errorf("and %d more", c.more))
	}
	return c.found
}

// checker is what the events so far say about the run.
type checker struct {
	log     *Log
	rules   Rules
	threads []checked // by number + 1: the first is no thread but the lock's clock
	found   []error
	more    int64

	seq     int64 // of the last event of the lock
	time    int64 // of the same
	running int   // threads in run

	holder  int32 // has the lock
	last    int32 // took it last
	changes int64 // takes by another thread than before
	asked   bool  // the holder has been asked to let go
	wiped   bool  // the holder before it had been
	dropper int32 // let go on request, and nobody else has taken the lock yet
	owing   int32 // has let go and must wake a waiter
	queue   wakeQueue

	tasks []checkedTask // by number
}

// checked is what the events so far say about one thread.
type checked struct {
	lane  Lane // folds the thread's events, as the Meter's lane did in the run
	begun bool
	ended bool
	birth int64
	life  [states]int64 // time in each state
	next  int64         // number of the next iteration

	waiting   bool  // in wait number wait, since waitFrom
	wait      int64 // or in the shake of that number
	waitFrom  int64
	changes   int64 // changes of holder when the wait began
	timedOut  bool  // the wait before this event ended by its time-out
	signalled bool  // a wake is on its way
	shaking   bool
	spot      spot
}

func (c *checker) event(e *Event) {
	if e.Thread < -1 || int(e.Thread) >= len(c.log.Threads) || e.Kind >= kinds {
		c.breaks(SeqGapless, e, "an event of kind %d of thread %d, of which the log knows nothing", e.Kind, e.Thread)
		return
	}
	if e.Kind == StateChange && (e.Arg < 0 || e.Arg >= int64(states)) {
		c.breaks(LegalTransition, e, "%s goes to state %d, which there is not", c.name(e.Thread), e.Arg)
		return
	}
	t := c.thread(e.Thread)
	if e.Kind.ofTask() {
		c.taskEvent(e)
		return
	}
	inside := t.lane.open
	if e.Kind.OfLock() {
		c.lockEvent(e, t)
	} else {
		c.threadEvent(e, t)
	}
	t.lane.fold(e)
	if e.Kind == IterEnd && inside {
		c.addsUp(e, &t.lane.cur)
	}
}

func (c *checker) thread(id int32) *checked { return &c.threads[id+1] }

// known reports whether there is a thread of that number.
func (c *checker) known(id int32) bool { return id >= 0 && int(id) < len(c.log.Threads) }

func (c *checker) breaks(i Invariant, e *Event, format string, args ...any) {
	if len(c.found) == mostViolations {
		c.more++
		return
	}
	c.found = append(c.found, &Violation{Invariant: i, Event: *e, Text: fmt.Sprintf(format, args...)})
}

// name returns what people call a thread.
func (c *checker) name(id int32) string {
	switch {
	case id == -1:
		return "nobody"
	case !c.known(id):
		return fmt.Sprintf("thread %d", id)
	}
	t := c.log.Threads[id]
	return fmt.Sprintf("%s-%d", t.Group, t.Worker)
}
