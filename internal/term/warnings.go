package term

import (
	"fmt"
	"io"

	"github.com/fibsim/fibsim/internal/results"
)

// Warnings writes each warning with its hint below it. Of those with one code,
// which differ in their figures, the first stands for the others: run.json has
// all. The error is that of w.
func Warnings(w io.Writer, s Style, list []results.Warning) error {
	of := map[string]int{}
	for _, warning := range list {
		of[warning.Code]++
	}
	for _, warning := range list {
		n := of[warning.Code]
		if n == 0 {
			continue // told with the first
		}
		of[warning.Code] = 0
		code := warning.Code
		if n > 1 {
			code += fmt.Sprintf(", and %d more", n-1)
		}
		if err := writeWarning(w, s, warning, code); err != nil {
			return err
		}
	}
	return nil
}

func writeWarning(w io.Writer, s Style, warning results.Warning, code string) error {
	for i, l := range wrap("warning: "+warning.Message+" ("+code+")", s.Width) {
		indent := ""
		if i > 0 {
			indent = "  "
		}
		if _, err := fmt.Fprintln(w, indent+l); err != nil {
			return err
		}
	}
	if warning.Hint == "" {
		return nil
	}
	for _, l := range wrap(warning.Hint, s.Width-2) {
		if _, err := fmt.Fprintln(w, "  "+s.paint(dim, l)); err != nil {
			return err
		}
	}
	return nil
}
