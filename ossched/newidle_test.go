package ossched

import "testing"

// A look that finds a task counts for the calls in which the dice let the CPU not look, so
// that the ratio is that of the successes there would have been; it holds for the next 512
// calls (update_newidle_stats). It begins at a half.
func TestNewidleLooksInProportionToItsSuccess(t *testing.T) {
	for _, found := range []int{0, 10, 50, 100} { // in 100 looks
		n, dice, looked := newNewidle(1)[0], chance(1), 0
		const calls = 200_000
		looks := 0
		for i := range calls {
			weight, look := n.throws(&dice)
			if !look {
				n.note(0)
				continue
			}
			looked++
			if looked%100 >= found {
				weight = 0
			}
			n.note(weight)
			if i >= calls/2 {
				looks++
			}
		}
		part := float64(looks) / (calls / 2)
		want := float64(found) / 100
		if part < want*0.7 || part > want*1.3+0.01 {
			t.Errorf("looks in %.3f of the calls where %.2f of the looks find a task", part, want)
		}
	}
	n := newNewidle(1)[0]
	for range newidleSides/2 - 1 {
		n.note(0)
	}
	if n.ratio != 512 {
		t.Errorf("ratio %d before the 512th call", n.ratio)
	}
	for want := 256; want > 0; want /= 2 {
		n.note(0)
		if n.ratio != want {
			t.Errorf("ratio %d after 512 calls in vain, want %d", n.ratio, want)
		}
		for range newidleSides/2 - 1 {
			n.note(0)
		}
	}
}

// Where success is rare a CPU that runs dry leaves a task where it waits, unless it always
// looks; a tick finds it. Nobody throws dice unless two tasks were on one CPU since somebody
// last looked in vain.
func TestNewidleLeavesATask(t *testing.T) {
	for name, random := range map[string]bool{"eevdf": true, "eevdf-6.6": false} {
		policy, err := New(name, Config{CPUs: 2, Tick: hz250})
		if err != nil {
			t.Fatal(err)
		}
		e := policy.(*eevdf)
		if random {
			e.newidle[1] = newidle{} // no success so far
		}
		calls := func() int {
			if !random {
				return 0
			}
			return e.newidle[1].calls
		}
		if e.Pick(1, 0) != NoTask || calls() != 0 {
			t.Errorf("%s: found a task where there is none, or threw dice for it: %d calls", name, calls())
		}
		for i := range Task(2) {
			e.Add(i, Attr{})
			e.Enqueue(0, i, 0, Created)
		}
		first := e.Pick(0, 0)
		if got := e.Pick(1, 0); (got != NoTask) == random {
			t.Errorf("%s: the CPU that runs dry takes %d", name, got)
		}
		if !random {
			continue
		}
		if calls() != 1 {
			t.Errorf("%d calls, want 1", calls())
		}
		if !e.Balance(1, hz250) {
			t.Error("the tick finds nothing")
		}
		second := e.Pick(1, hz250)
		if second == NoTask || second == first || calls() != 1 {
			t.Errorf("picks %d after the tick, with %d calls", second, calls())
		}
		e.Put(1, hz250, Blocked)
		e.newidle[1].ratio = newidleSides
		for range 3 { // the first look is in vain
			e.Pick(1, hz250)
		}
		if calls() != 2 {
			t.Errorf("%d calls after a look in vain, want 2", calls())
		}
	}
}

// A CPU that looks and finds a task notes it, with the weight of the calls in which it did not
// look; one that finds none notes none.
func TestNewidleNotesItsSuccess(t *testing.T) {
	policy, err := New("eevdf", Config{CPUs: 2, Tick: hz250})
	if err != nil {
		t.Fatal(err)
	}
	e := policy.(*eevdf)
	n := &e.newidle[1]
	for n.ratio = 511; ; {
		weight, looks := n.throws(new(e.noise))
		if looks && weight == 2 {
			break // the next dice do
		}
		e.noise.next()
	}
	*n = newidle{ratio: 511}
	for i := range Task(2) {
		e.Add(i, Attr{})
		e.Enqueue(0, i, 0, Created)
	}
	e.Pick(0, 0)
	if e.Pick(1, 0) == NoTask || *n != (newidle{calls: 1, successes: 2, ratio: 511}) {
		t.Errorf("after a success: %+v", *n)
	}
	e.Put(1, 0, Blocked)
	n.ratio = newidleSides
	if e.Pick(1, 0) != NoTask || *n != (newidle{calls: 2, successes: 2, ratio: newidleSides}) {
		t.Errorf("after a look in vain: %+v", *n)
	}
}
