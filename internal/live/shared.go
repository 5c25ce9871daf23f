package live

import (
	"fmt"

	"github.com/fibsim/fibsim/workloads"
	"github.com/fibsim/fibsim/workloads/kernel"
	"github.com/fibsim/fibsim/workloads/script"
)

// material is what bodies work on and that is made before they begin, the same under
// either backend.
type material struct {
	file    *kernel.File // what read reads; nil where nobody does
	size    int64        // of the longest read that it is for
	scripts map[string]*script.Script
}

// newMaterial makes what the bodies of p need.
func newMaterial(p *workloads.Program) (*material, error) {
	m := emptyMaterial()
	var ops []workloads.Op
	for i := range p.Threads {
		ops = append(ops, p.Threads[i].Body...)
	}
	for i := range p.Tasks {
		ops = append(ops, p.Tasks[i].Body...)
	}
	if err := m.prepare(ops); err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

// emptyMaterial returns material for nothing yet.
func emptyMaterial() *material { return &material{scripts: map[string]*script.Script{}} }

// prepare makes what the operations need and is not there yet. Nobody may use the
// material meanwhile.
func (m *material) prepare(body []workloads.Op) error {
	size := int64(0)
	var failed error
	workloads.Walk(body, func(op *workloads.Op) {
		switch op.Kind {
		case workloads.OpRead:
			size = max(size, op.Bytes)
		case workloads.OpScript:
			if m.scripts[op.Source] == nil && failed == nil {
				m.scripts[op.Source], failed = script.Compile(op.Source)
			}
		}
	})
	if failed != nil {
		return fmt.Errorf("script: %w", failed)
	}
	if size <= m.size {
		return nil
	}
	file, err := kernel.NewFile(size)
	if err != nil {
		return err
	}
	m.file.Close()
	m.file, m.size = file, size
	return nil
}

// close gives back what the material holds of the system. No worker may use it any
// more.
func (m *material) close() { m.file.Close() }

// scriptEvery is how many steps of a script lie between two looks at the lock: as
// many as a short call takes, at whose beginning an interpreter looks.
const scriptEvery = 16

// What a worker can wait for, in the words of a deadlock.
func toTake(name string) string    { return "to take lock " + name }
func toSend(name string) string    { return "to send to queue " + name }
func toReceive(name string) string { return "to receive from queue " + name }
