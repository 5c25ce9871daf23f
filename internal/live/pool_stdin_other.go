//go:build !linux

package live

import "io"

// watchStdin returns what a worker process reads its tasks from. It calls gone when
// stdin ends, also in the middle of a task.
func watchStdin(stdin io.Reader, gone func()) io.Reader {
	r, w := io.Pipe()
	go func() {
		_, err := io.Copy(w, stdin)
		w.CloseWithError(err)
		gone()
	}()
	return r
}
