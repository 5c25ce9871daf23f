//go:build unix

package live

import (
	"syscall"
	"testing"
)

// smallBuffers gives the connections of a server send buffers that are soon full. They
// have them from the socket that listens.
func smallBuffers(t *testing.T, s server) {
	t.Helper()
	var l listener
	switch s := s.(type) {
	case *gilServer:
		l = s.listener
	case *nativeServer:
		l = s.listener
	}
	socket, err := inheritable(l)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	raw, err := socket.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	// Not by Fd, which would have the socket block.
	if err := raw.Control(func(fd uintptr) {
		if err := syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUF, 1<<16); err != nil {
			t.Error(err)
		}
	}); err != nil {
		t.Fatal(err)
	}
}
