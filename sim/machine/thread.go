package machine

import (
	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/ossched"
	"github.com/fibsim/fibsim/sim"
	"github.com/fibsim/fibsim/workloads"
)

// thread is a thread of the interpreter, a goroutine, or a connection's loop in a
// client process. It is a state machine: on a CPU it acts, which takes no time,
// and computes in between. Phase says what it does next.
type thread struct {
	lane  *trace.Lane // nil: a client, whose states nobody asks for
	sched *sched
	lock  *lock      // of its interpreter; nil: a client
	loop  *eventLoop // that it runs; nil: none
	pool  *pool      // of which it is a thread or a process; nil: none
	strand

	id     int32
	num    int32 // among the threads under its lock
	worker int32
	// process is the one that it belongs to: 0 is the program's with the server,
	// clients have others.
	process int32
	task    ossched.Task
	cpu     int32 // the CPU or P on which it runs, or ran last; -1: none yet
	// parent is the thread that waits until this one has the lock for the first
	// time; -1: none does.
	parent int32

	phase    phase
	after    phase       // once it has let the lock go
	then     phase       // once it has the lock
	into     trace.State // its state once it has let the lock go
	was      trace.State // its state before it was ready
	on       bool        // has a CPU
	ended    bool
	queued   bool // is runnable and has none
	raised   bool // the flag of its breaker is up
	detour   detour
	dreams   bool // sleeps, and has to pay for the way back where a CPU need not be woken for it
	late     bool // was woken when its wait had timed out, and it was up
	up       bool // has got a CPU since its wait timed out, and runs from at on
	roused   bool // was woken in vain, and waits all the same
	notified bool // what it parks for has happened
	coming   bool // a goroutine: its timer or socket has come, and no P has seen it

	at       int64      // when the burst begins
	left     int64      // CPU time of the burst
	carry    int64      // CPU time of costs that come before the next burst
	burst    bool       // is under way
	burstEnd sim.Handle // the event, unless it is in a slot of bursts
	timer    sim.Handle // the zero one: none is set

	inner inner

	forced  bool  // it let the lock go on request last
	let     int64 // when
	due     int64 // what its timer was set for
	lag     int64 // how much later it ends on a CPU that sleeps
	timerAt int64 // when the timer ends, or the last one has
	cold    int64 // CPU time of coming to life, if a CPU has to for the timer
	more    int64 // how much later the timer ends in that case
	hot     int64 // CPU time of the timer's interrupt, if the CPU computes

	work work
	wait uint64 // number of its wait for the lock
	nap  int64  // how long it is to sleep

	chance workloads.Stream // of what things cost it
}

// inner is how a thread stands with the inner mutex of its lock.
type inner struct {
	under  int64 // CPU time of what it has to do under it
	left   int64 // of the burst after that
	carry  int64 // of costs that come before that burst
	passes bool  // it has had it for an act while others sleep for it
}

// detour is what a thread has to do first, whatever its phase.
type detour uint8

const (
	straight   detour = iota
	owning            // it has the inner mutex of its lock, and something to do under it
	contending        // it has come for that mutex: goes to sleep, unless it is free before that
	falling           // it is on its way to sleep, and can be woken
)

// strand is where a thread is in its body.
type strand struct {
	group   *group
	pc      int32            // next operation of its body
	rep     int32            // yields that are left
	loops   int32            // its first counter in machine.loops
	seq     int64            // iteration
	planned int64            // sleep of this iteration so far
	body    workloads.Stream // of its random durations
	conn    int32            // its connection; -1: none
	job     int32            // what it has submitted, or a pool's thread deals with; -1: nothing
}

// phase is what a thread does next. It is enough to stop at any of them and go on
// later.
type phase uint8

const (
	begin     phase = iota // has been made: takes the lock for the first time
	fetch                  // begins the next operation of its body
	worked                 // has done the work of one
	notice                 // sees at a checkpoint that it is to let go
	runOut                 // its countdown of ticks is over
	resume                 // goes on with the rest of the work
	take                   // wants the lock
	queueing               // waits for it: goes to sleep
	woken                  // was woken from that
	timedOut               // the wait is over
	letting                // lets go, for reasons of its own
	shaking                // let go on request, and waits until another thread has the lock: goes to sleep
	shaken                 // that has happened
	doze                   // goes to sleep
	dozing                 // sleeps
	yielded                // comes back from giving way
	unlocked               // computes without the lock
	sharing                // does something with a lock or a queue of the program
	locking                // wants a lock of the program
	parking                // waits until it is notified
	selecting              // waits until something comes, or for nap ns; -1: for ever
	polled                 // has the lock after that
	draining               // reads what woke it from that
	reading                // reads from a file
	readOn                 // has the lock after that
	ofPool                 // and those after it: the threads of a pool
	waking
	woke
	piping
	feeding
	fed
	fetching
	delivering
	delivered
	signalling
	signalled

	accepting // server: a connection is there
	starting  // server: starts the thread of a connection
	joining   // server: waits until that thread has the lock
	idling    // server: waits for a connection that will not come
	receiving // server: waits for a request
	received  // server: has one
	sending   // server: sends the reply
	sent      // server: has sent it

	clientNext // client: begins the next request
	clientFire // client: the time of the next arrival has come
	clientSent // client: has sent, waits for the reply
	clientGot  // client: has the reply
)

// prompt are the phases before which the costs so far have to be spent: what
// others see, or a race that is decided by when they come.
var prompt = [...]bool{
	begin: true, take: true, notice: true, queueing: true, letting: true, shaking: true, doze: true, yielded: true,
	sharing: true, locking: true, parking: true, selecting: true, draining: true, reading: true,
	waking: true, woke: true, piping: true, feeding: true, fed: true, fetching: true, delivering: true, delivered: true, signalling: true, signalled: true,
	accepting: true, starting: true,
	receiving: true, received: true, sending: true, sent: true, clientNext: true, clientFire: true, clientSent: true, clientGot: true,
}

// advance lets a thread that has a CPU act until it computes, or is off its CPU.
func (m *machine) advance(t *thread) {
	for {
		if m.acts++; m.acts > m.most {
			m.standstill(t)
			return
		}
		if m.resched(t) {
			return
		}
		if t.left == 0 && t.carry > 0 && prompt[t.phase] {
			t.left, t.carry = t.carry, 0
		}
		if t.left > 0 {
			t.at = m.now + t.carry
			t.carry = 0
			if !m.nothingBefore(t.at + t.left) {
				m.setBurst(t)
				return
			}
			m.happens(sim.Event{Time: t.at + t.left, Kind: eventKind(evBurst), ID: t.id})
			t.left = 0
		}
		if t.detour != straight {
			if !m.detours(t) {
				return
			}
			continue
		}
		if !m.act(t) {
			return
		}
		if t.inner.under > 0 {
			m.owns(t)
		} else if t.inner.passes {
			m.callsNext(t)
		}
	}
}

// detours ends a detour. It returns false when the thread has no CPU any more.
func (m *machine) detours(t *thread) bool {
	if t.detour == owning {
		m.unlocks(t)
		return true
	}
	t.detour = straight
	return m.block(t)
}

// nothingBefore reports whether nothing else happens up to a time, so that an event
// of that time is the next and need not go through the queue.
func (m *machine) nothingBefore(time int64) bool {
	if time > m.limit || m.events >= m.asks {
		return false
	}
	return m.bursts.time > time && m.ticks.time > time && m.q.Quiet(time)
}

// act does what a thread does next. It returns false when the thread has no CPU
// any more.
func (m *machine) act(t *thread) bool {
	switch t.phase {
	case begin:
		return m.takes(t, fetch)
	case fetch:
		return m.fetch(t)
	case worked:
		return m.worked(t)
	case notice:
		return m.giveWay(t)
	case runOut:
		return m.runOut(t)
	case resume:
		return m.resume(t)
	case take:
		return m.takes(t, t.then)
	case queueing:
		return m.sleepsOn(t)
	case woken, timedOut:
		return m.waitEnds(t)
	case letting:
		return m.letsGo(t, policy.Blocking)
	case shaking:
		// It comes from computing, so this way is cold, as that to the mutex was: up to twice as long.
		m.falls(t)
		t.left += min(t.left, m.costs.Noticed.Draw(&t.chance))
		return true
	case shaken:
		return m.shaken(t)
	case doze:
		return m.doze(t)
	case yielded:
		return m.yields(t)
	case unlocked:
		t.phase, t.then, t.left, t.nap = take, fetch, t.nap, 0
		return true
	case dozing:
		t.phase = take
		return true
	case sharing:
		return m.shares(t)
	case locking:
		return m.takesUserLock(t)
	case parking:
		return m.parks(t)
	case selecting:
		return m.selects(t)
	case polled:
		return m.polled(t)
	case draining:
		t.left, t.phase, t.then = 2*m.costs.Recv, take, fetch // the second finds nothing
		return true
	case reading:
		return m.reading(t)
	case readOn:
		return m.reads(t)
	}
	if t.phase > ofPool && t.phase < accepting {
		return m.goesOnInPool(t)
	}
	return m.actOnSocket(t)
}

// startBurst lets a thread that has just got its CPU go on, after a cost that this
// had. Even if there is nothing to compute it acts in an event of its own, so that
// no thread acts inside another's act.
func (m *machine) startBurst(t *thread, cost int64) {
	t.on, t.queued, t.up = true, false, true
	t.at = m.now + t.carry + cost
	t.carry = 0
	if t.lane != nil && t.lane.State() == trace.Ready && t.was != trace.Done {
		t.lane.To(t.was, t.at)
	}
	m.setBurst(t)
}

// pause takes a thread off its CPU in the middle of whatever it does.
func (m *machine) pause(t *thread) {
	t.on = false
	if !t.burst {
		return
	}
	m.clearBurst(t)
	if m.now < t.at {
		t.carry += t.at - m.now
	} else {
		t.left -= m.now - t.at
	}
}

// block takes a thread off its CPU until somebody makes it runnable.
func (m *machine) block(t *thread) bool { return m.blockAfter(t, 0) }

// falls has a thread go to sleep, from which it can be woken from now on. That takes half of LockWait. Coming back takes the
// other half, where no CPU has to be woken for it, unless what it slept for were microseconds: a hand-shake.
func (m *machine) falls(t *thread) bool {
	t.detour, t.left = falling, m.costs.LockWait/2
	return true
}

// blockAfter is block for a thread that has so much to do on its way to sleep and
// back. Whoever comes to the CPU after it finds it taken for so long; a CPU that
// is idle then has the time. How long the thread itself takes to come back is in what
// wake-ups take.
func (m *machine) blockAfter(t *thread, cost int64) bool {
	t.on = false
	m.putAndPick(t.sched, t.cpu, ossched.Blocked, cost)
	return false
}

// ready notes that a thread is runnable and has no CPU.
func (m *machine) ready(t *thread) {
	if t.lane == nil || t.lane.State() == trace.Ready || t.roused {
		return
	}
	t.was = t.lane.State()
	t.lane.To(trace.Ready, max(m.now, t.at))
}

// exits ends a thread.
func (m *machine) exits(t *thread) bool {
	m.lastRelease(t)
	if t.lane != nil {
		t.lane.To(trace.Done, m.now)
	}
	t.on, t.ended = false, true
	if t.group.counts {
		m.alive--
	}
	m.leave(t, ossched.Exited)
	return false
}
