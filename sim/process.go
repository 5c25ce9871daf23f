package sim

import (
	"fmt"
	"iter"
)

// Processes runs threads that are written as one thinks of them: functions that sleep
// and wait for each other, in virtual time and one at a time, each until it sleeps, waits
// or returns.
//
// When time comes to a point, first those whose sleep or time-out ends there go on, in
// the order in which they were made; then those that were made, were woken or slept for
// 0 ns at that point, in the order of these calls.
//
// To hand control over and back costs several times as much as the rest of an event; it is
// for models of which some thousand threads are enough, and for trying things out.
type Processes struct {
	now     int64
	timers  *Timers // a slot for each thread
	ready   []int32 // the threads that go on at this moment; the first next of them have
	next    int
	all     []*Process
	live    int
	stopped bool
}

// Process is one of the threads. Its methods are for the thread itself, but for Wake.
type Process struct {
	set     *Processes
	number  int
	yield   func(struct{}) bool
	resume  func() (struct{}, bool)
	stop    func()
	waiting bool // in Wait or WaitFor: a Wake ends it
	woken   bool // by Wake, the last time
	queued  bool // in ready
}

// NewProcesses returns an empty set at time 0.
func NewProcesses() *Processes { return &Processes{timers: NewTimers(1)} }

// unwound is what unwinds a thread when the set is stopped.
type unwound struct{}

// Go adds a thread, which begins at the current time.
func (s *Processes) Go(body func(*Process)) *Process {
	p := &Process{set: s, number: len(s.all)}
	p.resume, p.stop = iter.Pull(func(yield func(struct{}) bool) {
		defer func() {
			if r := recover(); r != nil && r != any(unwound{}) {
				panic(r)
			}
		}()
		p.yield = yield
		body(p)
	})
	s.all = append(s.all, p)
	s.live++
	if s.timers.Len() < len(s.all) {
		s.timers.Grow(2 * len(s.all))
	}
	p.goOn()
	return p
}

// Now returns the current time in ns.
func (s *Processes) Now() int64 { return s.now }

// Run lets the threads run until none has anything to do, or Stop is called, and
// returns how many have not returned by then: those wait for what will never happen.
// A panic of a thread ends Run with it.
func (s *Processes) Run() (waiting int) {
	defer s.end()
	for !s.stopped {
		p := s.pick()
		if p == nil {
			break
		}
		p.waiting, p.queued = false, false
		if _, running := p.resume(); !running {
			s.live--
		}
		// Most threads have armed their timer anew by now, which is all that it takes. One
		// that is still armed for this moment is the first of all, as it was before.
		if slot, time := s.timers.First(); slot == p.number && time == s.now {
			s.timers.Clear(slot)
		}
	}
	return s.live
}

// pick returns the thread that goes on next, or nil if there is none.
func (s *Processes) pick() *Process {
	slot, time := s.timers.First()
	if time != s.now && s.next < len(s.ready) {
		slot = int(s.ready[s.next])
		if s.next++; s.next == len(s.ready) {
			s.ready, s.next = s.ready[:0], 0
		}
		return s.all[slot]
	}
	if time == Never {
		return nil
	}
	s.now = time
	return s.all[slot]
}

// end unwinds the threads that have not returned: their deferred calls run.
func (s *Processes) end() {
	s.stopped = true
	for _, p := range s.all {
		p.stop()
	}
}

// Stop ends Run once the thread that calls it sleeps, waits or returns.
func (s *Processes) Stop() { s.stopped = true }

// Now returns the current time in ns.
func (p *Process) Now() int64 { return p.set.now }

// Sleep lets virtual time pass. It panics if ns is negative, or would end after the end
// of time.
func (p *Process) Sleep(ns int64) {
	p.after(ns)
	p.pause()
}

// Wait waits until another thread calls Wake.
func (p *Process) Wait() {
	p.waiting = true
	p.pause()
}

// WaitFor waits until another thread calls Wake, or for ns at most, and reports
// whether it was woken.
func (p *Process) WaitFor(ns int64) bool {
	p.after(ns)
	p.waiting, p.woken = true, false
	p.pause()
	return p.woken
}

// Wake ends the Wait or WaitFor of a thread, which goes on at the current time, after
// the caller has paused. It reports false if the thread was not waiting: then nothing
// happens, and nothing is kept for later.
func (p *Process) Wake() bool {
	if !p.waiting {
		return false
	}
	p.set.timers.Clear(p.number)
	p.waiting, p.woken = false, true
	p.goOn()
	return true
}

// after arms the thread's timer.
func (p *Process) after(ns int64) {
	if ns == 0 {
		p.goOn()
		return
	}
	end := p.set.now + ns
	if end < p.set.now || end == Never {
		panic(fmt.Sprintf("sim: a sleep of %d ns at %d ns", ns, p.set.now))
	}
	p.set.timers.Set(p.number, end)
}

// goOn lets the thread go on at this moment, after those that are to do so already.
func (p *Process) goOn() {
	s := p.set
	if p.queued { // a wait of 0 ns that somebody ends
		return
	}
	p.queued = true
	if s.next > len(s.ready)/2 && len(s.ready) == cap(s.ready) {
		s.ready = s.ready[:copy(s.ready, s.ready[s.next:])]
		s.next = 0
	}
	s.ready = append(s.ready, int32(p.number))
}

func (p *Process) pause() {
	if !p.yield(struct{}{}) {
		panic(unwound{})
	}
}
