package machine

import (
	"slices"
	"testing"

	"github.com/fibsim/fibsim/ossched"
)

// What a host's kernel does about wake-ups is a parameter of the schedulers that can do so,
// unless it is given.
func TestPackIsAParameterOfTheScheduler(t *testing.T) {
	none := &Costs{}
	packs := &Costs{Pack: 697_000}
	for _, c := range []struct {
		config Config
		want   any
	}{
		{Config{Scheduler: "eevdf", Costs: packs}, 70},
		{Config{Scheduler: "cfs", Costs: packs}, 70},
		{Config{Scheduler: "eevdf", Costs: none}, nil},
		{Config{Scheduler: "rr", Costs: packs}, nil},
		{Config{Scheduler: "eevdf", Costs: packs, Params: map[string]any{"pack": 0}}, 0},
		{Config{Scheduler: "eevdf", Costs: packs, Params: map[string]any{"grouped": true}}, 70},
	} {
		got := c.config.paramsOf(c.config.Scheduler, c.config.Params)
		if got["pack"] != c.want {
			t.Errorf("%s: pack is %v, want %v", c.config.Scheduler, got["pack"], c.want)
		}
		if _, err := ossched.New(c.config.Scheduler, ossched.Config{CPUs: 2, Tick: 4e6, Params: got}); err != nil {
			t.Error(err)
		}
		if _, ok := c.config.Params["grouped"]; ok && (len(c.config.Params) != 1 || got["grouped"] != true) {
			t.Errorf("parameters %v became %v", c.config.Params, got)
		}
	}
}

// Who takes items from one that computes for 40 percent of the time wakes on that one's CPU, where the
// two wait for each other, instead of on the idle one.
func TestAMachinePacks(t *testing.T) {
	waits := func(c Config) (n int) {
		p := withQueues(underLock("none", 500*ms,
			groupOf("gives", 1, spinFor(1*ms), sendTo(0), spinFor(1*ms), sleepFor(3*ms)),
			groupOf("takes", 1, recvFrom(0), spinFor(ms/10))), 10)
		r := runs(t, p, c)
		for _, group := range []string{"gives", "takes"} {
			for _, s := range rows(r, group, 0) {
				if s.Ready > 0 {
					n++
				}
			}
		}
		return n
	}
	for _, native := range []bool{false, true} { // under Go's scheduler the threads of the Ps do so
		plain, packed := waits(Config{Native: native, Costs: &Costs{}}), waits(Config{Native: native, Costs: &Costs{Pack: 700_000}})
		if plain > 0 || packed < 50 {
			t.Errorf("native: %t; %d iterations waited for a CPU, and %d where the kernel packs", native, plain, packed)
		}
	}
	var names []string
	for _, f := range (&Costs{}).Fields() {
		names = append(names, f.Name)
	}
	if !slices.Contains(names, "pack") || (&Costs{Pack: 1_000_001}).Check() == nil {
		t.Error("more than all of a millisecond is no cost")
	}
}
