package sim

import "iter"

// Processes runs threads that are written as one thinks of them: functions that sleep
// and wait for each other, in virtual time and one at a time, each until it sleeps, waits
// or returns.
//
// To hand control over and back costs some 60 ns, which a loop over a [Queue] does not
// have; it is for models of which a thousand threads are enough, and for trying things out.
type Processes struct {
	queue   Queue
	all     []*Process
	live    int
	stopped bool
}

// Process is one of the threads. Its methods are for the thread itself, but for Wake.
type Process struct {
	set    *Processes
	number int32
	yield  func(struct{}) bool
	resume func() (struct{}, bool)
	stop   func()
	wake   Handle // of the event that is to wake it, if there is one
	asleep bool   // in Wait or WaitFor: a Wake ends it
	woken  bool   // by Wake, the last time
}

// NewProcesses returns an empty set at time 0.
func NewProcesses() *Processes { return &Processes{queue: Queue{until: Never}} }

// unwound is what unwinds a thread when the set is stopped.
type unwound struct{}

// Go adds a thread, which begins at the current time.
func (s *Processes) Go(body func(*Process)) *Process {
	p := &Process{set: s, number: int32(len(s.all))}
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
	p.after(0)
	return p
}

// Now returns the current time in ns.
func (s *Processes) Now() int64 { return s.queue.Now() }

// Run lets the threads run until none has anything to do, or Stop is called, and
// returns how many have not returned by then: those wait for what will never happen.
// A panic of a thread ends Run with it.
func (s *Processes) Run() (waiting int) {
	defer s.end()
	for !s.stopped {
		e, ok := s.queue.Next()
		if !ok {
			break
		}
		p := s.all[e.ID]
		p.wake, p.asleep = 0, false
		if _, running := p.resume(); !running {
			s.live--
		}
	}
	return s.live
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
func (p *Process) Now() int64 { return p.set.queue.Now() }

// Sleep lets virtual time pass. It panics if ns is negative.
func (p *Process) Sleep(ns int64) {
	p.after(ns)
	p.pause()
}

// Wait waits until another thread calls Wake.
func (p *Process) Wait() {
	p.asleep = true
	p.pause()
}

// WaitFor waits until another thread calls Wake, or for ns at most, and reports
// whether it was woken. A wake-up at the same time as the end of the wait counts
// if it was called first.
func (p *Process) WaitFor(ns int64) bool {
	p.after(ns)
	p.asleep, p.woken = true, false
	p.pause()
	return p.woken
}

// Wake ends the Wait or WaitFor of a thread, which goes on at the current time, after
// the caller has paused. It reports false if the thread was not waiting: then nothing
// happens, and nothing is kept for later.
func (p *Process) Wake() bool {
	if !p.asleep {
		return false
	}
	p.set.queue.Cancel(p.wake)
	p.asleep, p.woken = false, true
	p.after(0)
	return true
}

func (p *Process) after(ns int64) {
	q := &p.set.queue
	p.wake = q.Schedule(Event{Time: q.Now() + ns, ID: p.number})
}

func (p *Process) pause() {
	if !p.yield(struct{}{}) {
		panic(unwound{})
	}
}
