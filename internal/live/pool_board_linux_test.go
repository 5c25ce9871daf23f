package live

import (
	"sync"
	"testing"
	"time"
)

// TestBoard: who waits for a task is hired, once; where nobody does, whoever is next learns
// that tasks wait, until all have been taken.
func TestBoard(t *testing.T) {
	leavesNothing(t)
	b, box, err := newBoard()
	if err != nil {
		t.Fatal(err)
	}
	defer box.close()
	defer b.close()
	if got := b.hire(1); got != -1 {
		t.Errorf("hired %d, and nobody is idle", got)
	}
	if !b.free(2) {
		t.Error("a worker does not see the task that waits")
	}
	for _, want := range []int{2, -1} {
		if got := b.hire(2); got != want {
			t.Errorf("hired %d, want %d", got, want)
		}
	}
	if !b.free(0) {
		t.Error("one of three tasks has been taken, and nobody sees the others")
	}
	b.leave(0)
	if got := b.hire(1); got != -1 {
		t.Errorf("hired %d, who has left", got)
	}
	b.free(1)
	if got := b.hire(1); got != 1 {
		t.Errorf("hired %d, want 1", got)
	}
	if b.free(0) {
		t.Error("a worker sees a task, and none waits")
	}
}

// TestBoardRace: however a parent and its workers meet, no task waits beside an idle
// worker: when all have stopped, there is none.
func TestBoardRace(t *testing.T) {
	b, box, err := newBoard()
	if err != nil {
		t.Fatal(err)
	}
	defer box.close()
	defer b.close()
	const tasks, workers = 20_000, 2
	hungry := make(chan struct{}, tasks)
	var jobs [workers]chan struct{}
	var all sync.WaitGroup
	for i := range jobs {
		jobs[i] = make(chan struct{}, 1)
		all.Go(func() {
			for {
				b.takeTurn(i)
				if b.free(i) {
					hungry <- struct{}{}
				}
				_, more := <-jobs[i]
				b.passTurn()
				if !more {
					return
				}
			}
		})
	}
	waiting, done := 0, 0
	match := func() {
		for waiting > 0 {
			place := b.hire(waiting)
			if place < 0 {
				return
			}
			waiting--
			done++
			jobs[place] <- struct{}{}
		}
	}
	for range tasks {
		waiting++
		match()
		select {
		case <-hungry:
			match()
		default:
		}
	}
	for waiting > 0 {
		<-hungry // hangs where a worker went idle unseen
		match()
	}
	for _, c := range jobs {
		close(c)
	}
	all.Wait()
	if done != tasks {
		t.Errorf("%d tasks were done of %d", done, tasks)
	}
}

// TestTurn: one worker after the other has the turn, and that of one that dies goes on,
// whether it had it or was woken for it.
func TestTurn(t *testing.T) {
	b, box, err := newBoard()
	if err != nil {
		t.Fatal(err)
	}
	defer box.close()
	defer b.close()
	taken := make(chan int, 3)
	take := func(place int) { b.takeTurn(place); taken <- place }
	b.takeTurn(0)
	go take(1)
	go take(2)
	select {
	case place := <-taken:
		t.Fatalf("%d has taken the turn of 0", place)
	case <-time.After(20 * time.Millisecond):
	}
	b.passTurn()
	first := <-taken
	b.leave(3 - first) // has nothing of it
	if got := b.turn; got != uint32(first+1) {
		t.Errorf("the turn of %d has gone to %d", first, got)
	}
	b.leave(first)
	if place := <-taken; place != 3-first {
		t.Errorf("%d has inherited, want %d", place, 3-first)
	}
	// Where the one that was woken dies before it takes it, another is woken.
	go take(1)
	time.Sleep(20 * time.Millisecond)
	b.turn = 0
	b.leave(0)
	if place := <-taken; place != 1 {
		t.Errorf("%d was woken, want 1", place)
	}
}
