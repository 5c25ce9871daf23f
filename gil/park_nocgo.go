//go:build !linux || !cgo

package gil

// urgent does nothing: only the pthread parker has something that cannot wait.
type urgent struct{}

func (urgent) do() (locked bool) { return false }
