package live

import "errors"

// polled is a socket that poll can watch, and whose calls do not block.
type polled interface{ descriptor() int }

// polledStream is a stream of that kind: recv returns errWouldBlock where there is
// nothing.
type polledStream interface {
	stream
	polled
	// sendSome sends what the socket takes, and returns errWouldBlock where that is not
	// all.
	sendSome(b []byte) (int, error)
}

// errWouldBlock is what a call returns that would have to wait.
var errWouldBlock = errors.New("the call would block")
