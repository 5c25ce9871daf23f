//go:build !linux

package live

import "io"

// blockThread does nothing: elsewhere pipes go through Go's netpoller.
func blockThread(io.Reader) (end func()) { return func() {} }

func newPipeMailbox() (mailbox, error) { return newChannelMailbox(), nil }
