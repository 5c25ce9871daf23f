package machine

import (
	"errors"
	"fmt"
	"maps"
	"strconv"

	"github.com/fibsim/fibsim/ossched"
	"github.com/fibsim/fibsim/sim"
	"github.com/fibsim/fibsim/workloads"
)

// Config says on what machine a program runs, and what is kept of the run. The
// zero value of a field is its default.
type Config struct {
	CPUs      int    // 2 where it is 0
	Scheduler string // an ossched policy: eevdf, or go where Native is set
	// Kernel is the policy under the Ps of a Scheduler that schedules goroutines,
	// and that of the client processes; eevdf where it is empty.
	Kernel string
	HZ     int  // ticks in a second of each CPU; 250 where it is 0
	Native bool // goroutines without a lock, as the native backend; else threads under the program's lock
	Ties   bool // break ties of the scheduler, and set the phase of the ticks, by the seed
	// Params are the parameters of Scheduler, by name, and KernelParams those of Kernel.
	Params, KernelParams map[string]any
	// Rep is the repetition, from 1; 0 is the first, too. Repetitions differ in what
	// things cost each time and in random ties, not in the program's own durations.
	Rep int

	Costs     *Costs // nil: DefaultCosts
	CostsFrom string // what the report calls them

	// Most is the number of events after which a run is given up; 0: none. It is
	// looked at every few thousand events.
	Most int64

	Keep    bool            // keep a Log of all events
	Values  bool            // keep what counts yield
	Observe func(sim.Event) // called with every event of the queue, in order; may be nil
}

// ErrStopped is what Run returns when it was told to stop.
var ErrStopped = errors.New("sim: stopped")

// ErrTooLong is what Run returns when it made Config.Most events.
var ErrTooLong = errors.New("sim: more events than were allowed")

// The machine that is modelled where nothing else is asked for.
const (
	defaultCPUs   = 2
	defaultHZ     = 250
	defaultKernel = "eevdf"
	defaultNative = "go"
	mostCPUs      = 4096
	mostHZ        = 10_000
)

// complete fills in the defaults and says what makes no sense.
func (c Config) complete() (Config, error) {
	if c.CPUs == 0 {
		c.CPUs = defaultCPUs
	}
	if c.HZ == 0 {
		c.HZ = defaultHZ
	}
	if c.Kernel == "" {
		c.Kernel = defaultKernel
	}
	if c.Scheduler == "" {
		c.Scheduler = defaultKernel
		if c.Native {
			c.Scheduler = defaultNative
		}
	}
	if c.Costs == nil {
		c.Costs, c.CostsFrom = DefaultCosts(), "default"
	}
	switch {
	case c.CPUs < 1 || c.CPUs > mostCPUs:
		return c, fmt.Errorf("sim: the machine must have from 1 to %d CPUs, got %d", mostCPUs, c.CPUs)
	case c.HZ < 1 || c.HZ > mostHZ:
		return c, fmt.Errorf("sim: a CPU must have from 1 to %d ticks a second, got %d", mostHZ, c.HZ)
	}
	return c, c.Costs.Check()
}

// purpose returns what the streams of one use of chance are called in this
// repetition.
func (c *Config) purpose(use string) string {
	if c.Rep <= 1 {
		return use
	}
	return use + " " + strconv.Itoa(c.Rep)
}

// schedulers makes the policies of the CPUs and, where goroutines run, of the Ps.
func (m *machine) schedulers() error {
	c := &m.config
	config := ossched.Config{CPUs: c.CPUs, Tick: int64(1e9) / int64(c.HZ), Params: c.paramsOf(c.Scheduler, c.Params)}
	if c.Ties {
		ties := workloads.NewStream(m.program.Seed, "", 0, c.purpose("ties"))
		config.Ties = ties.Uint64() | 1
	}
	main, err := ossched.New(c.Scheduler, config)
	if err != nil {
		return fmt.Errorf("sim: %w", err)
	}
	if !main.Traits().Goroutines {
		m.os = newSched(main, config, false)
		return nil
	}
	if !c.Native {
		return fmt.Errorf("sim: scheduler %s schedules goroutines, and under a lock run threads of the kernel; choose another, such as %s", c.Scheduler, defaultKernel)
	}
	config.Params = c.paramsOf(c.Kernel, c.KernelParams)
	kernel, err := ossched.New(c.Kernel, config)
	if err != nil {
		return fmt.Errorf("sim: %w", err)
	}
	if kernel.Traits().Goroutines {
		return fmt.Errorf("sim: %s schedules goroutines; a kernel needs another scheduler, such as %s", c.Kernel, defaultKernel)
	}
	m.os, m.gos = newSched(kernel, config, false), newSched(main, config, true)
	return nil
}

// paramsOf returns the parameters of a scheduler: those that were given, and what the costs say of
// the host's kernel if this scheduler can do so, too.
func (c *Config) paramsOf(scheduler string, given map[string]any) map[string]any {
	const pack = "pack"
	percent := int((c.Costs.Pack + 5000) / 10_000)
	if _, ok := given[pack]; ok || percent == 0 || !ossched.HasParam(scheduler, pack) {
		return given
	}
	params := maps.Clone(given)
	if params == nil {
		params = map[string]any{}
	}
	params[pack] = percent
	return params
}
