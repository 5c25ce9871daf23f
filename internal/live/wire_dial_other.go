//go:build !linux

package live

import "context"

// dialContext connects a stream to a host:port, at the latest within connectLimit
// and until ctx ends.
func dialContext(ctx context.Context, address string) (stream, error) {
	c, err := dialNet(ctx, address)
	if err != nil {
		return nil, err
	}
	return &netStream{conn: c}, nil
}
