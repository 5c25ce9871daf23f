//go:build !linux

package live

// newEpollSelector is not called: where there is no epoll, threads do not park in a
// way of the system's own.
func newEpollSelector() (selector, error) { return newChannelSelector(), nil }
