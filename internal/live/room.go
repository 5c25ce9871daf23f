package live

import (
	"sync"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/internal/session"
)

// roomEvents is for how many events of a run there is memory before it: 34 MB, what
// the fastest server makes in some seconds. Later ones, and those of other systems, go
// to the heap, where each page that is touched for the first time costs a thread time.
const roomEvents = 1 << 20

// eventMemory is the room of the runs of this process, one after the other. It is made for
// the first that keeps events, and stays: nothing is as good as memory that has been
// used.
var eventMemory struct {
	sync.Mutex // held by the run that uses it
	room       *gil.Room
}

// eventRoom returns the room for the events of a run and what gives it back; none
// where the run keeps none, or another one uses it.
func eventRoom(o session.Options) (room *gil.Room, leave func()) {
	if !o.Events || !eventMemory.TryLock() {
		return nil, func() {}
	}
	if eventMemory.room == nil {
		eventMemory.room = gil.NewRoom(roomEvents)
	}
	if eventMemory.room != nil {
		eventMemory.room.Reset()
	}
	return eventMemory.room, eventMemory.Unlock
}
