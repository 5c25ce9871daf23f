package cpython

import (
	"strings"
	"sync"
)

// tailBytes is enough for the end of a traceback.
const tailBytes = 4096

// tail keeps the last bytes that were written to it.
type tail struct {
	mu   sync.Mutex
	data []byte
}

// Write never fails, so that a chatty process is never held up.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = append(t.data, b[max(0, len(b)-tailBytes):]...)
	if over := len(t.data) - tailBytes; over > 0 {
		t.data = append(t.data[:0], t.data[over:]...)
	}
	return len(b), nil
}

// An error shows that many of its last lines, and that much of each.
const (
	tailLines = 8
	lineBytes = 300
)

// String returns the last lines, indented, each on a line of its own, or "".
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return indented(string(t.data))
}

// indented puts the last lines of a text on lines of their own.
func indented(text string) string {
	text = strings.TrimSpace(strings.ToValidUTF8(text, "?"))
	if text == "" {
		return ""
	}
	lines := strings.Split(text, "\n")
	lines = lines[max(0, len(lines)-tailLines):]
	for i, line := range lines {
		if len(line) > lineBytes {
			line = line[:lineBytes] + "…"
		}
		lines[i] = "\n    " + strings.TrimRight(line, "\r ")
	}
	return strings.Join(lines, "")
}
