package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Threads take turns by time, those whose sleep ends at one time in the order of their numbers;
// whoever is woken goes on after them.
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
		say(p, fmt.Sprint("wakes in time: ", waiter.Wake()))
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
		"15 in time: false", "15 wakes in time: true", "15 in time: true", "15 wakes itself: false", "26 wakes too late: false",
	}
	if !slices.Equal(log, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(log, "\n"), strings.Join(want, "\n"))
	}
}

// Threads that sleep for no time take turns, too, and time stands still; a wait of no time
// can be ended by a wake-up before its turn comes, and the thread goes on once.
func TestProcessesAtOneMoment(t *testing.T) {
	s := NewProcesses()
	var log []string
	for i := range 3 {
		s.Go(func(p *Process) {
			for round := range 3 {
				log = append(log, fmt.Sprint(i, round, p.Now()))
				p.Sleep(0)
			}
		})
	}
	s.Run()
	if want := "0 0 0,1 0 0,2 0 0,0 1 0,1 1 0,2 1 0,0 2 0,1 2 0,2 2 0"; strings.Join(log, ",") != want {
		t.Errorf("got %v, want %s", log, want)
	}

	s = NewProcesses()
	turns, woken := 0, false
	waiter := s.Go(func(p *Process) {
		woken = p.WaitFor(0)
		for {
			turns++
			p.Wait()
		}
	})
	s.Go(func(p *Process) { waiter.Wake() })
	if n := s.Run(); !woken || turns != 1 || n != 1 {
		t.Errorf("woken %t, %d turns, %d threads wait", woken, turns, n)
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
		if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), "a sleep of -1 ns at 0 ns") {
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
