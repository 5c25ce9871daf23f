//go:build !linux

package live

import (
	"errors"
	"time"
)

// listenPolled fails: what select and poll are elsewhere is not asked for here.
func listenPolled(string, int) (listener, error) {
	return nil, errors.New("server.model: coroutines are available on Linux only; use threads")
}

// poller is never made.
type poller struct{}

func newPoller(func() bool) (*poller, error) {
	return nil, errors.New("server.model: coroutines are available on Linux only; use threads")
}

func (p *poller) close()              {}
func (p *poller) waker() int          { return -1 }
func (p *poller) wake()               {}
func (p *poller) drain()              {}
func (p *poller) reset(time.Duration) {}
func (p *poller) skip(time.Duration)  {}
func (p *poller) add(int, bool)       {}
func (p *poller) wait()               {}
func (p *poller) ready(int) bool      { return false }
