package scenarios

import (
	"fmt"
	"strings"
)

// Nearest returns the name that a person most likely meant by word, or "".
func Nearest(word string, names []string) string {
	best, bestDistance := "", len(word)/3+2
	for _, name := range names {
		if d := distance(strings.ToLower(word), name); d < bestDistance {
			best, bestDistance = name, d
		}
	}
	return best
}

// hint ends a message about an unknown word: the nearest name, or all of them.
func hint(word string, names []string) string {
	if best := Nearest(word, names); best != "" {
		return fmt.Sprintf("did you mean %s?", best)
	}
	switch len(names) {
	case 0:
		return "there are none"
	case 1:
		return "there is only " + names[0]
	}
	return "there are " + list(names)
}

// list joins names as a sentence does.
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// either joins names as alternatives.
func either(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that turn a into b. Words are short; long ones are cut, so that a
// hostile file cannot buy much time with one key.
func distance(a, b string) int {
	a, b = a[:min(len(a), 40)], b[:min(len(b), 40)]
	before, row := []int(nil), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			same := 1
			if a[i-1] == b[j-1] {
				same = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+same)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
