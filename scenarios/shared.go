package scenarios

import "github.com/fibsim/fibsim/workloads"

// What bodies share is found by the operation that uses it; send stands for recv,
// and lock for unlock.
var (
	tableOf = map[workloads.OpKind]string{workloads.OpSubmit: "pools", workloads.OpSend: "queues", workloads.OpLock: "locks"}
	thingOf = map[workloads.OpKind]string{workloads.OpSubmit: "pool", workloads.OpSend: "queue", workloads.OpLock: "lock"}
	twinOf  = map[workloads.OpKind]workloads.OpKind{workloads.OpRecv: workloads.OpSend, workloads.OpUnlock: workloads.OpLock}
)

// sharers are the operations that stand for what bodies share, in the order of
// messages.
var sharers = []workloads.OpKind{workloads.OpSubmit, workloads.OpSend, workloads.OpLock}

// shared reads what bodies share. Bodies are read after it.
func (b *builder) shared(p *workloads.Program, v *value) {
	for _, by := range sharers {
		table := v.get(tableOf[by])
		if table == nil {
			continue
		}
		for _, item := range table.list {
			name := item.data.(string)
			b.names[by] = append(b.names[by], name)
			switch by {
			case workloads.OpSubmit:
				p.Pools = append(p.Pools, workloads.Pool{Name: name, Workers: pick[int](item, "workers")})
			case workloads.OpSend:
				p.Queues = append(p.Queues, workloads.Queue{Name: name, Size: pick[int](item, "size")})
			case workloads.OpLock:
				p.Locks = append(p.Locks, workloads.Lock{Name: name})
			}
		}
	}
}

// refer returns the number of what an operation names, -1 where there is no such
// thing.
func (b *builder) refer(op workloads.OpKind, arg *value) int {
	if arg == nil {
		return -1
	}
	by := op
	if twin, ok := twinOf[op]; ok {
		by = twin
	}
	name, ok := arg.data.(string)
	for i, known := range b.names[by] {
		if known == name {
			b.uses[use{op, i}] = arg
			return i
		}
	}
	switch {
	case !ok:
	case len(b.names[by]) == 0:
		b.addf(arg.node, arg.path, "the scenario has no %s; add %s: {%s: {}}", tableOf[by], tableOf[by], clip(name))
	default:
		b.addf(arg.node, arg.path, "no %s is named %s; %s", thingOf[by], clip(name), hint(name, b.names[by]))
	}
	return -1
}

// use is an operation and the number of what it uses.
type use struct {
	op  workloads.OpKind
	ref int
}

// pairs checks that each queue that is used has both ends. What no body of this
// program uses is noted, for the caller to report where that is so in every
// variant.
func (b *builder) pairs(v *value) {
	unused := &reader{file: b.file}
	for _, by := range sharers {
		table := v.get(tableOf[by])
		for i, name := range b.names[by] {
			sends, recvs := b.uses[use{by, i}], b.uses[use{workloads.OpRecv, i}]
			switch {
			case by != workloads.OpSend && sends != nil:
			case sends == nil && (by != workloads.OpSend || recvs == nil):
				item := table.list[i]
				unused.addf(item.node, item.path, "no body uses this %s; take it out", thingOf[by])
			case sends == nil:
				b.addf(recvs.node, recvs.path, "nobody sends to %s, so that this waits for ever; add send: %s to another body", name, name)
			case by == workloads.OpSend && recvs == nil:
				b.addf(sends.node, sends.path, "nobody takes from %s, so that it only fills; add recv: %s to another body", name, name)
			}
		}
	}
	b.unused = unused.errs
}

// formatShared is the inverse of shared.
func formatShared(p *workloads.Program) object {
	var pools, queues, locks object
	for _, q := range p.Pools {
		pools = append(pools, field{q.Name, object{{"workers", q.Workers}}})
	}
	for _, q := range p.Queues {
		queues = append(queues, field{q.Name, object{{"size", q.Size}}})
	}
	for _, l := range p.Locks {
		locks = append(locks, field{l.Name, object{}})
	}
	var o object
	for _, f := range []field{{"pools", pools}, {"queues", queues}, {"locks", locks}} {
		if len(f.value.(object)) > 0 {
			o = append(o, f)
		}
	}
	return o
}
