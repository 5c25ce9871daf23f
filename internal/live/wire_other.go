//go:build !linux

package live

import "net"

// Elsewhere all sockets go through Go's netpoller.

func listenRaw(address string, _ int) (listener, error) { return listenNet(address) }

func dialRaw(address string) (stream, error) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &netStream{conn: c}, nil
}

func rawInherited(int) (listener, error) { return inherited(false) }
