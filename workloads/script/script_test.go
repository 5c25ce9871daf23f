package script

import (
	"errors"
	"strings"
	"sync"
	"testing"
)

const fib = `
def fib(n):
    return 1 if n <= 2 else fib(n - 1) + fib(n - 2)

def run():
    total = 0
    while total < 10:
        total += fib(10)
    return total
`

// What is wrong is told with its line, and in words that say what would be right.
func TestCompileErrors(t *testing.T) {
	for source, want := range map[string]string{
		"":                                               "line 1: there is no function",
		"x = 1\n":                                        "line 1: only functions stand here",
		"def run():\n  pass\nrun()\n":                    "line 3: only functions stand here",
		"def run(n):\n  pass\n":                          "line 1: run is run without arguments",
		"def a(*args):\n  pass\n":                        "line 1: a is run without arguments",
		"def a():\n  pass\ndef b():\n  pass\n":           "line 3: there are 2 functions; call the one to run run",
		"def run():\n  return undefined\n":               "line 2: undefined: undefined",
		"def run():\n  return (1\n":                      "line 3: ",
		"def run():\n  a = b\n  c = d\n":                 "line 3: undefined: d",
		"def run():\n  x = [1]\n  print(x)\n":            "line 3: a script has nowhere to print to",
		"def run():\n  fail('no')\n":                     "line 2: fail is not part of Python",
		"def f(x=[0] * 100):\n  pass\ndef run():\n  f()": "line 1: a default value must be",
		"load('a', 'b')\ndef run():\n  b()\n":            "line 1: only functions stand here",
	} {
		_, err := Compile(source)
		var errs Errors
		if !errors.As(err, &errs) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", source, err, want)
		}
	}
}

func compile(t *testing.T, source string) *Script {
	t.Helper()
	s, err := Compile(source)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A script takes the same steps each time, however often it is looked at and by
// however many at once.
func TestStepsAreTheSameEachTime(t *testing.T) {
	s := compile(t, fib)
	want, err := s.Steps(1 << 20)
	if err != nil || want < 1000 {
		t.Fatalf("got %d steps, %v", want, err)
	}
	var wg sync.WaitGroup
	for _, every := range []uint64{1, 7, 100, 256, 1000, 1 << 40} {
		wg.Go(func() {
			var sum, calls uint64
			if err := s.Run(every, func(n uint64) error { sum += n; calls++; return nil }); err != nil {
				t.Error(err)
			}
			if sum != want || calls != (want+every-1)/every {
				t.Errorf("every %d: %d steps in %d calls, want %d", every, sum, calls, want)
			}
		})
	}
	wg.Wait()
}

func TestRunEnds(t *testing.T) {
	stop := errors.New("stop")
	endless := compile(t, "def run():\n  while True:\n    pass\n")
	if err := endless.Run(100, func(uint64) error { return stop }); err != stop {
		t.Errorf("got %v, want the error of the step", err)
	}
	if n, err := endless.Steps(1000); err != ErrSteps || n <= 1000 {
		t.Errorf("got %d steps, %v", n, err)
	}
	deep := compile(t, "def run():\n  return run()\n")
	if _, err := deep.Steps(1 << 30); err == nil || !strings.Contains(err.Error(), "maximum recursion depth") {
		t.Errorf("got %v", err)
	}
	wrong := compile(t, "def run():\n  x = [1]\n  return x[3]\n")
	var e Error
	if _, err := wrong.Steps(1000); !errors.As(err, &e) || e.Line != 3 || !strings.Contains(e.Msg, "out of range") {
		t.Errorf("got %v, want line 3", err)
	}
}

// A step costs so much: the unit of what scripts take.
func BenchmarkStep(b *testing.B) {
	s, err := Compile("def fib(n):\n  return 1 if n <= 2 else fib(n - 1) + fib(n - 2)\ndef run():\n  return fib(20)\n")
	if err != nil {
		b.Fatal(err)
	}
	var steps uint64
	for b.Loop() {
		n, err := s.Steps(1 << 30)
		if err != nil {
			b.Fatal(err)
		}
		steps += n
	}
	b.ReportMetric(float64(b.Elapsed())/float64(steps), "ns/step")
}
