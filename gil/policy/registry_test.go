package policy

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestNames(t *testing.T) {
	if got, want := Names(), []string{"cpython-2", "cpython-3", "none"}; !slices.Equal(got, want) {
		t.Errorf("policies %v, want %v", got, want)
	}
	for _, name := range Names() {
		s := Lookup(name)
		if s == nil || s.Name != name || s.Title == "" || s.Source == "" {
			t.Errorf("%s: %+v lacks what people want to know", name, s)
		}
		for i := range s.Params {
			p := &s.Params[i]
			if s.Param(p.Name) != p || p.Doc == "" {
				t.Errorf("%s: parameter %s cannot be found or has no text", name, p.Name)
			}
			if err := p.Check(p.Default); err != nil {
				t.Errorf("%s: its default is wrong: %v", name, err)
			}
		}
	}
	if Lookup("cpython-4") != nil || Lookup("cpython-3").Param("check_interval") != nil {
		t.Error("found what there is not")
	}
}

func TestParamCheck(t *testing.T) {
	cases := []struct {
		lock, param string
		value       any
		want        string // part of the error; empty: none
	}{
		{"cpython-3", "switch_interval", time.Microsecond, ""},
		{"cpython-3", "switch_interval", 100 * time.Second, ""},
		{"cpython-3", "switch_interval", 999 * time.Nanosecond, "switch_interval: must be from 1µs to 1m40s, got 999ns"},
		{"cpython-3", "switch_interval", 101 * time.Second, "got 1m41s"},
		{"cpython-3", "switch_interval", 5, "switch_interval: wrong type of value 5"},
		{"cpython-3", "switch_interval", "5ms", "wrong type"},
		{"cpython-3", "wake_order", "fifo", ""},
		{"cpython-3", "wake_order", "glibc-2.36", ""},
		{"cpython-3", "wake_order", "host", `wake_order: must be one of [glibc-2.36 fifo], got "host"`},
		{"cpython-3", "wake_order", 1, "wrong type"},
		{"cpython-2", "check_interval", 1, ""},
		{"cpython-2", "check_interval", 0, "check_interval: must be from 1 to 1073741824, got 0"},
		{"cpython-2", "check_interval", time.Second, "wrong type"},
		{"cpython-2", "check_interval", nil, "wrong type"},
	}
	for _, c := range cases {
		err := Lookup(c.lock).Param(c.param).Check(c.value)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s = %v: %v, want %q", c.param, c.value, err, c.want)
		}
		if _, err := New(c.lock, map[string]any{c.param: c.value}); (err == nil) != (c.want == "") {
			t.Errorf("New with %s = %v: %v", c.param, c.value, err)
		}
	}
}

func TestComplete(t *testing.T) {
	given := map[string]any{"switch_interval": time.Millisecond}
	got, err := Lookup("cpython-3").Complete(given)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Values{"switch_interval": time.Millisecond, "wake_order": "glibc-2.36"}); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if len(given) != 1 {
		t.Error("what was given has changed")
	}
	for name, lock := range map[string]string{"check_interval": "cpython-3", "switch_interval": "cpython-2", "wake_order": "none"} {
		if _, err := New(lock, map[string]any{name: 1}); err == nil || !strings.Contains(err.Error(), "lock "+lock+" has no parameter "+name) {
			t.Errorf("%s for %s: %v", name, lock, err)
		}
	}
	if _, err := New("cpython-4", nil); err == nil || !strings.Contains(err.Error(), `"cpython-4"; there are [cpython-2 cpython-3 none]`) {
		t.Errorf("unknown lock: %v", err)
	}
}

// The parameters reach the lock.
func TestParametersAreUsed(t *testing.T) {
	three, err := New("cpython-3", map[string]any{"switch_interval": 3 * time.Millisecond, "wake_order": "fifo"})
	if err != nil {
		t.Fatal(err)
	}
	take(three, 0)
	out := three.Step(Input{Kind: Take, Thread: 1}, nil)
	if len(out) != 1 || out[0].Timeout != 3e6 {
		t.Errorf("a waiter gets %+v, want a wait of 3 ms", out)
	}
	want := Traits{WakeUnderMutex: true, WakeOrder: FIFO, LateSignal: PassedOn, Interval: 3e6, Ahead: true, Shakes: true}
	if three.Traits() != want {
		t.Errorf("traits %+v, want %+v", three.Traits(), want)
	}
	want.WakeOrder = HostOrder
	if got := WithHostOrder(three).Traits(); got != want {
		t.Errorf("with the host's order %+v, want %+v", got, want)
	}
	two, err := New("cpython-2", map[string]any{"check_interval": 7})
	if err != nil {
		t.Fatal(err)
	}
	if two.Traits().Ticks != 7 || WithHostOrder(two) != two {
		t.Errorf("cpython-2: %+v", two.Traits())
	}
	if none, _ := New("none", nil); !none.Traits().None || three.Traits().None || two.Traits().None {
		t.Error("none, and only none, is no lock")
	}
}

func TestTwoPoliciesOfOneName(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	register(&Spec{Name: "none"})
}

// The time in which a thread that has queued takes the signal before it sleeps is the
// driver's, where it knows better: one of two waiters that queued 500 ns before the
// release gets it within 600 ns and not within 400. How long that is for the other one is nothing to it. Where the
// one who came later gets it, the sleeper is woken in vain (futex(2) wakes the first in its queue, whoever takes the signal).
func TestWithSettle(t *testing.T) {
	for settle, want := range map[int64]Thread{400: 1, 600: 2} {
		p, err := New("cpython-3", nil)
		if err != nil {
			t.Fatal(err)
		}
		p = WithSettle(p, func(t Thread) int64 { return map[Thread]int64{1: 20_000, 2: settle}[t] })
		p.Step(Input{Kind: Take, Thread: 0}, nil)
		p.Step(Input{Kind: Take, Thread: 1, Now: 1000}, nil)
		p.Step(Input{Kind: Take, Thread: 2, Now: 9500}, nil)
		out := p.Step(Input{Kind: Release, Thread: 0, Now: 10_000}, nil)
		if out[0].Kind != Wake || out[0].Thread != want {
			t.Errorf("settling in %d ns: %+v, want a wake of %d", settle, out, want)
		}
		if inVain := want == 2; inVain != (len(out) == 2) || inVain && (out[1].Kind != Rouse || out[1].Thread != 1 || out[1].Wait != 1) {
			t.Errorf("settling in %d ns: %+v; wakes the sleeper in vain: %t", settle, out, inVain)
		}
	}
}
