package live

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// mustBoard returns a board, which is closed when the test ends.
func mustBoard(t *testing.T) *board {
	t.Helper()
	b, box, err := newBoard()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.close(); box.close() })
	return b
}

// TestBoard: who waits for a task is hired, once; where nobody does, whoever is next learns
// that tasks wait, until all have been taken.
func TestBoard(t *testing.T) {
	leavesNothing(t)
	b := mustBoard(t)
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

// TestBoardRace: however a parent and a worker meet, no task waits beside an idle worker:
// where none is hired, the worker says that a task waits. Both spin, so that they meet
// in the few nanoseconds that matter.
func TestBoardRace(t *testing.T) {
	b := mustBoard(t)
	var job, hungry, over atomic.Bool
	var worker sync.WaitGroup
	worker.Go(func() {
		for !over.Load() {
			if b.free(0) {
				hungry.Store(true)
			}
			for !job.Swap(false) && !over.Load() {
				runtime.Gosched()
			}
		}
	})
	defer worker.Wait()
	defer over.Store(true)
	var delay atomic.Int32
	for i := range 200_000 {
		for range i % 100 {
			delay.Add(1)
		}
		for begin := time.Now(); b.hire(1) < 0; {
			for !hungry.Swap(false) {
				if time.Since(begin) > 5*time.Second {
					t.Fatalf("task %d waits, and the worker does not say so", i)
				}
				runtime.Gosched()
			}
		}
		job.Store(true)
	}
}

// TestTurn: one worker after the other has the turn, and that of one that dies goes on,
// whether it had it or was woken for it.
func TestTurn(t *testing.T) {
	b := mustBoard(t)
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
