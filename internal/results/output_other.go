//go:build !unix

package results

import "os"

// openPipe opens a pipe for writing.
func openPipe(path string) (*os.File, error) { return os.OpenFile(path, os.O_WRONLY, 0) }
