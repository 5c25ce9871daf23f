package scenarios

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// Whatever the text, reading it never panics; every error has a position; and
// what is accepted survives the way through the effective scenario.
func FuzzParse(f *testing.F) {
	paths, _ := filepath.Glob("testdata/bad/*.yaml")
	good, _ := filepath.Glob("*.yaml")
	for _, path := range append(paths, good...) {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, "threads.crunch.count", "2")
	}
	f.Add([]byte(everything), "threads.a.body", "[{fib: 3}]")
	f.Add([]byte(variedScenario), "interpreter.lock", "none")
	f.Fuzz(func(t *testing.T, data []byte, path, value string) {
		s, err := Parse("fuzz.yaml", data)
		if err == nil {
			roundTrip(t, s)
		}
		checkPositions(t, err)
		if o, bad := ParseSet(path + "=" + value); bad == nil {
			s, err := Parse("fuzz.yaml", data, o)
			if err == nil {
				roundTrip(t, s)
			}
			checkPositions(t, err)
		}
	})
}

func checkPositions(t *testing.T, err error) {
	t.Helper()
	var errs Errors
	if err != nil && (!errors.As(err, &errs) || len(errs) == 0) {
		t.Fatalf("got %T %v, want Errors", err, err)
	}
	for _, e := range errs {
		if e.Flag == "" && (e.Line < 1 || e.Col < 1) || e.Msg == "" {
			t.Errorf("no position or no message: %+v", e)
		}
	}
}
