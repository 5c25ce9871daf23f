package predict

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/sim/machine"
)

// The names of costs that are no paths.
const (
	Default = "default" // those that machine.DefaultCosts gives
	Host    = "host"    // those that `fibsim calibrate` measured on this host
)

// Costs are the costs that the programs of a session name, each read once.
type Costs struct{ sources map[string]*source }

type source struct {
	costs  *machine.Costs
	file   *scenarios.CostFile // nil for the defaults
	origin string              // where the costs were measured; empty: not said
}

// Place says where costs are looked for.
type Place struct {
	HostFile string             // the file of this host
	Here     scenarios.CostHost // this host
	Now      time.Time
	Beside   string // folder that paths may be relative to, beside the working directory; may be empty
}

// LoadCosts reads the costs with the given names: default, host, or the path of a
// cost file. A path that leads nowhere may be that of a file that comes with the
// program.
//
// The file of this host is refused when it is missing, more than 30 days old, from the
// future, or was measured on another host: the error is a [*HostError] and says what to do. A
// file that is named by its path is used as it is; its errors are those of
// [scenarios.LoadCosts].
func LoadCosts(names []string, p Place) (*Costs, error) {
	c := &Costs{sources: map[string]*source{}}
	for _, name := range names {
		if c.sources[name] != nil {
			continue
		}
		s, err := load(name, p)
		if err != nil {
			return nil, err
		}
		c.sources[name] = s
	}
	return c, nil
}

func load(name string, p Place) (*source, error) {
	if name == "" || name == Default {
		return &source{costs: machine.DefaultCosts()}, nil
	}
	if name == Host {
		file, err := hostFile(p)
		if err != nil {
			return nil, err
		}
		return sourceOf(name, file)
	}
	file, path, err := namedFile(name, p.Beside)
	if err != nil {
		return nil, err
	}
	return sourceOf(path, file)
}

// namedFile reads the cost file with a name: from the working directory, else from
// the folder beside, else from those that come with the program. The path is where
// it was found.
func namedFile(name, beside string) (file *scenarios.CostFile, path string, err error) {
	if !fileExists(name) && !filepath.IsAbs(name) {
		path = filepath.Join(beside, name)
		if beside != "" && fileExists(path) {
			file, err = scenarios.LoadCosts(path, Keys())
			return file, path, err
		}
		if data, ok := scenarios.CostSource(name); ok {
			file, err = scenarios.ParseCosts(name, data, Keys())
			return file, name, err
		}
	}
	file, err = scenarios.LoadCosts(name, Keys())
	return file, name, err
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func sourceOf(name string, file *scenarios.CostFile) (*source, error) {
	s := &source{costs: machine.DefaultCosts(), file: file, origin: Fingerprint(file.Host)}
	apply(s.costs.Fields(), file.Costs)
	if err := s.costs.Check(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// Of returns the costs with a name, which have to be among those that were loaded.
// The defaults always are.
func (c *Costs) Of(name string) (*machine.Costs, error) {
	if c != nil && c.sources[name] != nil {
		return c.sources[name].costs, nil
	}
	if name == "" || name == Default {
		return machine.DefaultCosts(), nil
	}
	return nil, fmt.Errorf("costs: %s were not loaded", name)
}

// Disturbed says during what others used the CPUs while the costs with a name were measured, so that they
// came out too high; empty where nobody did, or that is not known.
func (c *Costs) Disturbed(name string) string {
	if s := c.sources[name]; s != nil && s.file != nil {
		return s.file.Disturbed
	}
	return ""
}

// origin says where the costs with a name were measured; empty when that is not
// known.
func (c *Costs) origin(name string) string {
	if c == nil || c.sources[name] == nil {
		return ""
	}
	return c.sources[name].origin
}

// Interpreters returns the names of the interpreters whose costs the file with a
// name holds.
func (c *Costs) Interpreters(name string) []string {
	s := c.sources[name]
	if s == nil || s.file == nil {
		return nil
	}
	var names []string
	for _, i := range s.file.Interpreters {
		names = append(names, i.Name)
	}
	return names
}

// Version returns of which version of an interpreter the costs called name are; empty
// when that is not known, or the file holds none.
func (c *Costs) Version(name, interpreter string) string {
	if !slices.Contains(c.Interpreters(name), interpreter) {
		return ""
	}
	return c.sources[name].file.Interpreter(interpreter).Version
}

// Imitate makes predictions with the costs called name use those of an interpreter
// from now on, and returns what a call of fib costs in it, in ns. It returns false
// where the file holds no costs of that interpreter; then nothing changes.
func (c *Costs) Imitate(name, interpreter string) (fibCall float64, ok bool) {
	if !slices.Contains(c.Interpreters(name), interpreter) {
		return 0, false
	}
	s := c.sources[name]
	i := machine.DefaultInterpreter()
	apply(i.Fields(), s.file.Interpreter(interpreter).Costs)
	s.costs.Interpreter = i
	return i.FibCall, true
}
