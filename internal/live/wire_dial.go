package live

import (
	"context"
	"net"
)

// dialNet connects to a host:port, by any of the addresses that the host has. The
// kernel's own probes find out when the other host is gone.
func dialNet(ctx context.Context, address string) (*net.TCPConn, error) {
	dialer := net.Dialer{Timeout: connectLimit}
	c, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return c.(*net.TCPConn), nil
}
