package machine

import (
	"fmt"

	"github.com/fibsim/fibsim/sim"
)

// What happens at a point of time. ID and Arg of an event are named with each.
const (
	evBurst   uint8 = iota + 1 // ID: a thread has computed for as long as it was to
	evTimer                    // ID: the time that a thread sleeps or waits is over
	evArrive                   // ID: a connection; Arg: 0 a request, 1 a reply has come
	evPick                     // ID: a CPU that was idle has come to life
	evResched                  // ID: a busy CPU learns that it is to choose anew; Arg: its generation
	evPoll                     // the Go runtime's network poller comes back for a timer
	evSysmon                   // the Go runtime's monitor looks at the network
	evBalance                  // the kernel balances the load of its CPUs
	evTick                     // ID: a tick of a CPU
	evGoTick                   // ID: the time has come at which the Go runtime looks at a P
	evLock                     // the time of the lock policy's own timer has come
	evRouse                    // ID: a thread is woken for a signal that another has taken; Arg: who wakes it
)

var eventNames = [...]string{"", "burst", "timer", "arrive", "pick", "resched", "poll", "sysmon", "balance", "tick", "go-tick", "lock", "rouse"}

// At equal times threads stop by themselves first, then others become runnable,
// then CPUs choose, and last come the ticks: the order that ossched.Policy wants.
var eventPrio = [...]sim.Kind{evBurst: 0, evArrive: 1, evTimer: 1, evLock: 1, evRouse: 1, evPoll: 2, evSysmon: 2, evPick: 3, evResched: 3, evBalance: 4, evTick: 5, evGoTick: 5}

func eventKind(number uint8) sim.Kind { return sim.Kind(number) + eventPrio[number]*sim.Prio }

// Describe returns an event of the machine as one line of text: time, kind and
// what it concerns. For comparing two runs.
func Describe(e sim.Event) string {
	kind := e.Kind.Number()
	name := fmt.Sprintf("event-%d", kind)
	if int(kind) < len(eventNames) && kind > 0 {
		name = eventNames[kind]
	}
	return fmt.Sprintf("%12d %-8s %d %d", e.Time, name, e.ID, e.Arg)
}

// at schedules an event that is never before now.
func (m *machine) at(time int64, kind uint8, id, arg int32) sim.Handle {
	return m.q.Schedule(sim.Event{Time: max(time, m.now), Kind: eventKind(kind), ID: id, Arg: arg})
}
