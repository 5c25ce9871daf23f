package live

import (
	"io"
	"os"
	"sync/atomic"
)

// board is what the worker processes of a pool share with their parent, so that no
// thread of the parent stands between a worker that is done and who wants its result, as
// none does in multiprocessing: the pipe of all results, and memory that says who is idle.
//
// One idle worker at a time waits for a task, the others for its turn, as multiprocessing
// has a lock for reading from the pipe of all tasks. Who gets it says that it is idle, and
// then looks whether tasks wait; a parent that finds nobody idle writes that a task waits,
// and then looks again. So one of the two sees the other (the operations of sync/atomic
// are sequentially consistent): no task waits beside an idle worker. Both write by Swap, as
// under the race detector a Store may come after a later Load of the same thread.
type board struct {
	*boardMemory
	results io.Writer // a worker's end

	inherited []*os.File // what a worker process is started with
	unmap     func()
}

// boardMemory is what all processes see. Workers have places, from 0.
type boardMemory struct {
	waiting atomic.Int32 // tasks
	idle    atomic.Int32 // one more than the place of who waits for a task; 0: nobody does
	turn    uint32       // see takeTurn
}

// hire returns the place of the worker that waits for a task, which does so no more; -1:
// there is none, and whoever is next will see that so many tasks wait.
func (b *board) hire(waiting int) (place int) {
	place = int(b.idle.Swap(0)) - 1
	if place < 0 {
		b.waiting.Swap(int32(waiting))
		place = int(b.idle.Swap(0)) - 1
	}
	if place >= 0 {
		b.waiting.Store(int32(waiting - 1))
	}
	return place
}

// free says that a worker waits for a task, and reports whether tasks wait. It must be its
// turn.
func (b *board) free(place int) (wanted bool) {
	b.idle.Swap(int32(place + 1))
	return b.waiting.Load() > 0
}

// leave says that there is no such worker any more. What it had of the turn goes on.
func (b *board) leave(place int) {
	b.idle.CompareAndSwap(int32(place+1), 0)
	b.inherit(place)
}

func (b *board) close() {
	for _, f := range b.inherited {
		f.Close()
	}
	b.unmap()
}
