package machine

import (
	"errors"
	"fmt"

	"github.com/fibsim/fibsim/workloads/script"
)

// mostSteps bounds how long a script may be, whose steps are counted before the run:
// about a second.
const mostSteps = 50_000_000

// scripts counts the steps of scripts, those of each once: it takes the same ones each
// time.
type scripts struct {
	most  uint64
	steps map[string]int64 // by source
}

// count returns how many steps a script takes.
func (c *scripts) count(source string) (int64, error) {
	if n, known := c.steps[source]; known {
		return n, nil
	}
	s, err := script.Compile(source)
	if err != nil {
		return 0, fmt.Errorf("script: %w", err)
	}
	n, err := s.Steps(c.most)
	switch {
	case errors.Is(err, script.ErrSteps):
		return 0, fmt.Errorf("script: it takes more than %d steps, which are counted before a simulation; make it shorter, or run it measured", c.most)
	case err != nil:
		return 0, fmt.Errorf("script: %w", err)
	}
	if c.steps == nil {
		c.steps = map[string]int64{}
	}
	c.steps[source] = int64(n)
	return int64(n), nil
}
