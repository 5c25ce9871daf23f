package workloads

import "slices"

// Walk calls visit for each operation of a body, those of loops and of submitted
// bodies included, an operation before what is inside it.
func Walk(body []Op, visit func(*Op)) {
	for i := range body {
		visit(&body[i])
		Walk(body[i].Body, visit)
	}
}

// Does reports whether a body has an operation of one of these kinds.
func Does(body []Op, kinds ...OpKind) bool {
	found := false
	Walk(body, func(op *Op) { found = found || slices.Contains(kinds, op.Kind) })
	return found
}

// Yields reports whether a pass of the body lets the other tasks of its loop run.
// What a submitted body does, it does elsewhere.
func (k TaskKind) Yields(body []Op) bool {
	return slices.ContainsFunc(body, func(op Op) bool {
		return k.Gives(op.Kind) || op.Kind == OpLoop && k.Yields(op.Body)
	})
}

// Gives reports whether an operation ends the turn of its task.
func (k TaskKind) Gives(op OpKind) bool {
	switch op {
	case OpYield, OpCount:
		return true
	case OpSleep, OpSubmit:
		return k == AsyncioTask
	}
	return false
}

// Cohort is what groups of threads, groups of tasks and clients have in common.
type Cohort struct {
	Name    string
	Count   int
	Samples Sampling
	Client  bool // connections, rather than threads or tasks

	// Social is a group that waits for others in a queue, so that a member of it
	// cannot run by itself.
	Social bool
}

// Cohorts returns all groups of a program in the order of its results: threads,
// tasks, clients.
func (p *Program) Cohorts() []Cohort {
	var all []Cohort
	add := func(g *Group) {
		all = append(all, Cohort{Name: g.Name, Count: g.Count, Samples: g.Samples, Social: Does(g.Body, OpSend, OpRecv)})
	}
	for i := range p.Threads {
		add(&p.Threads[i])
	}
	for i := range p.Tasks {
		add(&p.Tasks[i].Group)
	}
	for _, c := range p.Clients {
		all = append(all, Cohort{Name: c.Name, Count: c.Count, Samples: c.Samples, Client: true})
	}
	return all
}

// Trim takes the pools, queues and locks that no body uses out of the program. It
// copies what it changes: another program may have the same bodies.
func (p *Program) Trim() {
	pools, queues, locks := newKept(len(p.Pools)), newKept(len(p.Queues)), newKept(len(p.Locks))
	by := map[OpKind]*kept{OpSubmit: pools, OpSend: queues, OpRecv: queues, OpLock: locks, OpUnlock: locks}
	p.eachBody(func(body []Op) []Op {
		Walk(body, func(op *Op) {
			if k := by[op.Kind]; k != nil {
				k.used[op.Ref] = true
			}
		})
		return body
	})
	if pools.all() && queues.all() && locks.all() {
		return
	}
	p.Pools, p.Queues, p.Locks = keep(p.Pools, pools), keep(p.Queues, queues), keep(p.Locks, locks)
	p.Threads, p.Tasks = slices.Clone(p.Threads), slices.Clone(p.Tasks)
	p.eachBody(func(body []Op) []Op { return renumbered(body, by) })
}

// eachBody replaces the body of each group by what change makes of it.
func (p *Program) eachBody(change func([]Op) []Op) {
	for i := range p.Threads {
		p.Threads[i].Body = change(p.Threads[i].Body)
	}
	for i := range p.Tasks {
		p.Tasks[i].Body = change(p.Tasks[i].Body)
	}
}

// kept says which things of one kind are used, by their number.
type kept struct{ used []bool }

func newKept(n int) *kept { return &kept{used: make([]bool, n)} }

func (k *kept) all() bool { return !slices.Contains(k.used, false) }

// number returns the number that the i-th thing has among those that are used.
func (k *kept) number(i int) int {
	n := 0
	for _, used := range k.used[:i] {
		if used {
			n++
		}
	}
	return n
}

// keep returns the things that are used; nil where none is.
func keep[T any](all []T, k *kept) []T {
	var out []T
	for i := range all {
		if k.used[i] {
			out = append(out, all[i])
		}
	}
	return out
}

func renumbered(body []Op, by map[OpKind]*kept) []Op {
	body = slices.Clone(body)
	for i := range body {
		if k := by[body[i].Kind]; k != nil {
			body[i].Ref = k.number(body[i].Ref)
		}
		body[i].Body = renumbered(body[i].Body, by)
	}
	return body
}
