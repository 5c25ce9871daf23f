//go:build unix

package live

import (
	"fmt"
	"net"
	"os"
)

// inheritedFD is the descriptor of the listening socket in a server process: the first
// beyond the standard ones.
const inheritedFD = 3

// inheritable returns a socket as a file that a process can be started with.
func inheritable(l listener) (*os.File, error) {
	switch l := l.(type) {
	case netListener:
		return l.Listener.(*net.TCPListener).File()
	case interface{ file() (*os.File, error) }:
		return l.file()
	}
	return nil, fmt.Errorf("a socket of type %T cannot be handed on", l)
}

// inherited returns the listening socket that the process was started with.
func inherited(raw bool) (listener, error) {
	if raw {
		return rawInherited(inheritedFD)
	}
	f := os.NewFile(inheritedFD, "listener")
	defer f.Close()
	l, err := net.FileListener(f)
	if err != nil {
		return nil, err
	}
	return netListener{l}, nil
}
