package term

import (
	"fmt"
	"io"

	"github.com/fibsim/fibsim/internal/results"
)

// Warnings writes each warning with its hint below it. The error is that of w.
func Warnings(w io.Writer, s Style, list []results.Warning) error {
	for _, warning := range list {
		for i, l := range wrap("warning: "+warning.Message+" ("+warning.Code+")", s.Width) {
			indent := ""
			if i > 0 {
				indent = "  "
			}
			if _, err := fmt.Fprintln(w, indent+l); err != nil {
				return err
			}
		}
		if warning.Hint == "" {
			continue
		}
		for _, l := range wrap(warning.Hint, s.Width-2) {
			if _, err := fmt.Fprintln(w, "  "+s.paint(dim, l)); err != nil {
				return err
			}
		}
	}
	return nil
}
