package live

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// dialContext connects a blocking stream to a host:port, at the latest within
// connectLimit and until ctx ends.
func dialContext(ctx context.Context, address string) (stream, error) {
	c, err := dialNet(ctx, address)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	fd, err := takeDescriptor(c)
	if err != nil {
		return nil, fmt.Errorf("dial tcp %s: %w", address, err)
	}
	return &rawStream{fd: descriptor{fd: fd}}, nil
}

// takeDescriptor returns a blocking descriptor of a connection of Go's netpoller,
// which no longer uses it.
func takeDescriptor(c *net.TCPConn) (fd int, err error) {
	// As the system has it unless a program asks for something else.
	if err := c.SetNoDelay(false); err != nil {
		return 0, err
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	var failed error
	err = raw.Control(func(own uintptr) {
		syscall.ForkLock.RLock()
		defer syscall.ForkLock.RUnlock()
		if fd, failed = syscall.Dup(int(own)); failed != nil {
			return
		}
		syscall.CloseOnExec(fd)
		if failed = syscall.SetNonblock(fd, false); failed != nil {
			syscall.Close(fd)
		}
	})
	return fd, errors.Join(err, failed)
}
