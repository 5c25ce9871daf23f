//go:build !race

package exact

// slow says that the race detector is on, which makes a test ten times as slow.
const slow = false
