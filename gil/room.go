package gil

import (
	"sync/atomic"

	"github.com/fibsim/fibsim/gil/trace"
)

// Room is memory for the events of a run, which is there before the run: the first
// touch of a page costs a thread microseconds, and on a virtual machine far more. One
// run uses it at a time; Reset makes it free for the next.
type Room struct {
	memory []trace.Kept
	next   atomic.Int64
}

// roomChunk is how many events a lane gets at once, 32 KB of them.
const roomChunk = 1024

// NewRoom returns room for so many events, for good; nil where the system cannot
// promise the memory.
func NewRoom(events int) *Room {
	memory := populated((events + roomChunk - 1) / roomChunk * roomChunk)
	if memory == nil {
		return nil
	}
	return &Room{memory: memory}
}

// Chunk implements trace.Room; nil when everything is given away.
func (r *Room) Chunk() []trace.Kept {
	end := r.next.Add(roomChunk)
	if end > int64(len(r.memory)) {
		return nil
	}
	return r.memory[end-roomChunk : end-roomChunk : end]
}

// Reset takes everything back. What was kept in it is lost.
func (r *Room) Reset() { r.next.Store(0) }
