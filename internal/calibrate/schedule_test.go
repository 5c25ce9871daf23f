package calibrate

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/internal/others"
	"github.com/fibsim/fibsim/sim/machine"
)

// host is one where each measurement takes a second, and others use CPUs meanwhile as a script
// says.
type host struct {
	now    others.Used
	script []float64 // how many CPUs, for the measurements to come
	begun  bool      // a measurement
}

func (h *host) cpuTime() (others.Used, bool) {
	if h.begun {
		h.now.At = h.now.At.Add(time.Second)
		h.now.Own += 700 * time.Millisecond // which is nobody else's
		h.now.All += 700*time.Millisecond + time.Duration(h.script[0]*float64(time.Second))
		h.script = h.script[1:]
	}
	h.begun = !h.begun
	return h.now, true
}

// scheduled returns a schedule on such a host with steps that find 1, 2, 3 and so on, whoever's turn
// it is: each as the cost of its name. There is time to retake for so long.
func scheduled(t *testing.T, patience time.Duration, names []string, script ...float64) (*schedule, *[]string) {
	h := &host{script: script}
	s := newSchedule(Options{CPUTime: h.cpuTime})
	s.end = time.Now().Add(reserved + patience)
	s.race, s.steps, s.fixed = nil, nil, len(names)
	var order []string
	for _, name := range names {
		s.steps = append(s.steps, step{name, func(_ context.Context, f *figures) error {
			order = append(order, name)
			f.set(name, float64(len(order)))
			f.nets[name+" net"] = net{gross: machine.Exactly(int64(len(order)))}
			return nil
		}})
	}
	s.progress = func(step, steps int, what string) {
		if steps != len(names) || step < 1 || step > steps || what != names[step-1] && what != names[step-1]+", once more" {
			t.Errorf("step %d of %d: %s", step, steps, what)
		}
	}
	return s, &order
}

func takeAll(t *testing.T, s *schedule) {
	t.Helper()
	for i := range s.steps {
		if err := s.take(t.Context(), i); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.retake(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// What others disturbed is measured again until they leave it alone, and what was found in the
// calmest moment counts, all of it. Less than a tenth of a CPU is what a quiet host uses.
func TestDisturbedStepsAreRetaken(t *testing.T) {
	names := []string{"clock", "switch", "send"}
	s, order := scheduled(t, time.Hour, names,
		0.09, 0.3, 0.5, // clock is left alone
		0.4, 0.2, // switch is worse then, and send better
		0.1, 0, // a tenth disturbs
		0.01)
	takeAll(t, s)
	if want := []string{"clock", "switch", "send", "switch", "send", "switch", "send", "switch"}; !slices.Equal(*order, want) {
		t.Errorf("%v, want %v", *order, want)
	}
	if s.costs.Clock != 1 || s.costs.Switch != 8 || s.costs.Send != 7 || len(s.disturbed()) != 0 {
		t.Errorf("clock %d, switch %d, send %d, disturbed %v", s.costs.Clock, s.costs.Switch, s.costs.Send, s.disturbed())
	}
}

// roundsOf is drawn out over so many rounds, and writes down when they come.
type roundsOf struct {
	all   int
	order *[]string
}

func (r roundsOf) rounds() int                            { return r.all }
func (r roundsOf) finish(context.Context, *figures) error { return nil }
func (r roundsOf) round(ctx context.Context, _ *figures) error {
	*r.order = append(*r.order, "-")
	return ctx.Err()
}

// What is drawn out has its rounds between the steps, as evenly as their number allows, and all of them. It is over when one fails.
func TestRoundsLieBetweenTheSteps(t *testing.T) {
	for all, want := range map[int]string{0: "abcd", 2: "ab-cd-", 4: "a-b-c-d-", 6: "a-b--c-d--"} {
		s, order := scheduled(t, 0, []string{"a", "b", "c", "d"}, 0, 0, 0, 0)
		s.race = roundsOf{all, order}
		takeAll(t, s)
		if got := strings.Join(*order, ""); got != want {
			t.Errorf("%d rounds: %s, want %s", all, got, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	s, order := scheduled(t, 0, []string{"a", "b"}, 0, 0)
	s.race = roundsOf{8, order}
	s.steps[0].run = func(context.Context, *figures) error { cancel(); return nil }
	if err := s.take(ctx, 0); !errors.Is(err, context.Canceled) || len(*order) != 1 {
		t.Errorf("%v after %v", err, *order)
	}
}

// A run that others disturb more than the one before leaves no trace.
func TestWorseRunsDoNotCount(t *testing.T) {
	s, _ := scheduled(t, time.Hour, []string{"switch"}, 0.3, 0.5, 0.3)
	if err := s.take(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	before, nets := *s.costs, maps.Clone(s.nets)
	ctx, cancel := context.WithCancel(t.Context())
	runs := 0
	s.progress = func(int, int, string) {
		if runs++; runs == 3 {
			cancel()
		}
	}
	if err := s.retake(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v after it was interrupted", err)
	}
	if *s.costs != before || !reflect.DeepEqual(s.nets["switch net"].gross, nets["switch net"].gross) || s.others[0] < 0.29 || s.others[0] > 0.31 {
		t.Errorf("%+v, %+v beside %v", *s.costs, s.nets, s.others)
	}
}

// What a disturbed run alone found does not count any more once a calmer one has not found it.
func TestCalmerRunMayFindLess(t *testing.T) {
	s, _ := scheduled(t, time.Hour, []string{"pack"}, 0.5, 0)
	runs := 0
	s.steps[0].run = func(_ context.Context, f *figures) error {
		if runs++; runs == 1 {
			f.set("pack", 700_000)
			f.spread("wake_deep", []Sample{{1, 2, 3}})
		}
		return nil
	}
	takeAll(t, s)
	want := machine.DefaultCosts()
	if runs != 2 || len(s.figures.found) > 0 || *s.costs != *want {
		t.Errorf("%d runs, found %v: %+v", runs, s.figures.found, *s.costs)
	}
}

// Nothing is measured again that would not be over in time.
func TestNothingIsRetakenWithoutTime(t *testing.T) {
	s, order := scheduled(t, 30*time.Second, []string{"clock", "switch"}, 0.5, 0.5)
	for i := range s.steps {
		if err := s.take(t.Context(), i); err != nil {
			t.Fatal(err)
		}
		s.took[i] = time.Minute
	}
	if err := s.retake(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(*order) != 2 || !slices.Equal(s.disturbed(), []string{"clock", "switch"}) {
		t.Errorf("%v, disturbed %v", *order, s.disturbed())
	}
}

// A step that says what it keeps of what others disturbed is as disturbed as that.
func TestWhatIsLeftOutDisturbsNobody(t *testing.T) {
	s, _ := scheduled(t, time.Hour, []string{"clock", "switch"}, 0.5, 0)
	for i, kept := range []float64{0, 0.2} {
		s.steps[i].run = func(_ context.Context, f *figures) error {
			f.kept = &kept
			return nil
		}
	}
	for i := range s.steps {
		if err := s.take(t.Context(), i); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(s.disturbed(), []string{"switch"}) {
		t.Errorf("disturbed: %v", s.disturbed())
	}
}

// Rounds that others disturbed are left out, but half of them stay.
func TestCalmest(t *testing.T) {
	for _, c := range []struct{ script, want []float64 }{
		{[]float64{0, 0, 0}, []float64{0, 1, 2}},
		{[]float64{0.5, 0, 0.09, 1, 0}, []float64{1, 2, 4}},
		{[]float64{0.5, 0, 0.2, 1, 0.3}, []float64{1, 2, 4}},
		{[]float64{2, 1}, []float64{1}},
		{nil, []float64{}},
	} {
		h := &host{script: slices.Clone(c.script)}
		f := &figures{cpuTime: h.cpuTime}
		var all []beheld[float64]
		for i := range c.script {
			b, err := behold(f, func() (float64, error) { return float64(i), nil })
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, b)
		}
		if got := whats(calmest(all, half(len(all)))); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.script, got, c.want)
		}
	}
}

// The kernel counts in ticks: what is less than three of them is nothing.
func TestTicksAreNoOthers(t *testing.T) {
	for _, c := range []struct{ others, want time.Duration }{{29 * time.Millisecond, 0}, {30 * time.Millisecond, 30 * time.Millisecond}} {
		var now others.Used
		f := &figures{cpuTime: func() (others.Used, bool) {
			was := now
			now.At, now.All = now.At.Add(50*time.Millisecond), c.others
			return was, true
		}}
		if b, _ := behold(f, func() (int, error) { return 0, nil }); b.others != float64(c.want)/float64(50*time.Millisecond) {
			t.Errorf("%v: %v", c.others, b.others)
		}
	}
	unknown := &figures{cpuTime: func() (others.Used, bool) { return others.Used{}, false }}
	if b, err := behold(unknown, func() (int, error) { return 7, nil }); b.what != 7 || b.others != 0 || err != nil {
		t.Errorf("unknown: %+v, %v", b, err)
	}
}

// What a cost is less of is known when all has been measured, whichever was first; no cost is less
// than nothing.
func TestNets(t *testing.T) {
	f := &figures{costs: machine.DefaultCosts(), found: map[string]bool{}, nets: map[string]net{}}
	parts := func(c *machine.Costs) int64 { return c.Switch }
	f.nets["lock_wait"], f.nets["wake_busy"] = net{machine.Exactly(7000), parts}, net{machine.Spread{Min: 2000, P10: 3000, P50: 4000, P90: 5000, P99: 9000, Max: 10_000}, parts}
	f.set("switch", 4000)
	f.setNets()
	if f.costs.LockWait != 3000 || f.costs.WakeBusy != (machine.Spread{P90: 1000, P99: 5000, Max: 6000}) || !f.found["lock_wait"] || !f.found["wake_busy"] {
		t.Errorf("%+v, found %v", f.costs, f.found)
	}
}
