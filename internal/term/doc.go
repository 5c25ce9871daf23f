// Package term shows results to people: the screen after a run, warnings, and
// the line that says what is running.
//
// A [Screen] chooses its columns by what is known and what fits, so that a
// terminal of 80 columns suffices. Colour only repeats what the text says.
package term
