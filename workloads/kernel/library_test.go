package kernel

import "testing"

// Each part of a library goes through all of its lines before it meets one again, in an
// order that has no stride.
func TestLibraryCycles(t *testing.T) {
	l := NewLibrary(1, 50, 350)
	for i, want := range []int{1, 75, 525} {
		lines := l.parts[i].lines
		if len(lines) != want {
			t.Errorf("part %d has %d lines, want %d", i, len(lines), want)
		}
		seen := map[uint32]bool{}
		strides := map[int]bool{}
		at := uint32(0)
		for range lines {
			seen[at] = true
			strides[int(lines[at].next)-int(at)] = true
			at = lines[at].next
		}
		if len(seen) != len(lines) || at != 0 {
			t.Errorf("part %d: a cycle of %d lines, want %d", i, len(seen), len(lines))
		}
		if len(lines) > 10 && len(strides) < len(lines)/4 {
			t.Errorf("part %d: %d strides in %d lines", i, len(strides), len(lines))
		}
	}
}
