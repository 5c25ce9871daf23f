package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Threads take turns by time, those of one time in the order in which they asked; whoever
// is woken goes on after the waker has paused.
func TestProcessesTakeTurns(t *testing.T) {
	s := NewProcesses()
	var log []string
	say := func(p *Process, what string) { log = append(log, fmt.Sprintf("%d %s", p.Now(), what)) }
	waiter := s.Go(func(p *Process) {
		say(p, "waits")
		p.Wait()
		say(p, "goes on")
		say(p, fmt.Sprint("in time: ", p.WaitFor(10)))
		say(p, fmt.Sprint("in time: ", p.WaitFor(10)))
		say(p, fmt.Sprint("wakes itself: ", p.Wake()))
	})
	s.Go(func(p *Process) {
		p.Sleep(5)
		say(p, fmt.Sprint("wakes: ", waiter.Wake()))
		say(p, fmt.Sprint("again: ", waiter.Wake()))
		p.Sleep(10)
		say(p, fmt.Sprint("wakes at the last moment: ", waiter.Wake()))
		p.Sleep(11)
		say(p, fmt.Sprint("wakes too late: ", waiter.Wake()))
	})
	s.Go(func(p *Process) {
		p.Sleep(5)
		say(p, "is third")
	})
	if n := s.Run(); n != 0 {
		t.Errorf("%d threads still wait", n)
	}
	want := []string{
		"0 waits", "5 wakes: true", "5 again: false", "5 is third", "5 goes on",
		"15 wakes at the last moment: true", "15 in time: true", "25 in time: false", "25 wakes itself: false", "26 wakes too late: false",
	}
	if !slices.Equal(log, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(log, "\n"), strings.Join(want, "\n"))
	}
}

// Threads that wait for ever are counted, and unwound: their deferred calls run. So are those
// that Stop stopped, or that never began.
func TestProcessesEnd(t *testing.T) {
	deferred := 0
	s := NewProcesses()
	forever := func(p *Process) {
		defer func() { deferred++ }()
		p.Wait()
		t.Error("a thread goes on that nobody woke")
	}
	s.Go(forever)
	s.Go(forever)
	s.Go(func(p *Process) { p.Sleep(3) })
	if n := s.Run(); n != 2 || deferred != 2 || s.Now() != 3 {
		t.Errorf("%d wait, %d were unwound, at %d ns", n, deferred, s.Now())
	}

	deferred = 0
	s = NewProcesses()
	s.Go(forever)
	s.Go(func(p *Process) {
		defer func() { deferred++ }()
		s.Go(forever) // begins after this one has paused: never
		s.Stop()
		p.Sleep(1)
	})
	if n := s.Run(); n != 3 || deferred != 2 {
		t.Errorf("%d have not returned, %d were unwound", n, deferred)
	}
}

// What a thread panics with arrives where Run was called.
func TestProcessPanics(t *testing.T) {
	s := NewProcesses()
	s.Go(func(p *Process) { p.Sleep(-1) })
	defer func() {
		if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), "event at -1 ns scheduled at 0 ns") {
			t.Errorf("got %v", r)
		}
	}()
	s.Run()
}

func TestProcessesDoNotAllocate(t *testing.T) {
	s, allocations := NewProcesses(), -1.0
	s.Go(func(p *Process) {
		allocations = testing.AllocsPerRun(1000, func() { p.Sleep(10) })
		s.Stop()
	})
	s.Go(func(p *Process) {
		for {
			p.Sleep(7)
		}
	})
	if s.Run(); allocations != 0 {
		t.Errorf("%v allocations in a sleep", allocations)
	}
}
