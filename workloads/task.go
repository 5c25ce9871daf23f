package workloads

// Loops returns how many event loops the tasks of the program need: one for each
// kind.
func (p *Program) Loops() int {
	seen := map[TaskKind]bool{}
	for i := range p.Tasks {
		seen[p.Tasks[i].Kind] = true
	}
	return len(seen)
}

// HasTasks reports whether the program has event loops, of its own or of its server.
func (p *Program) HasTasks() bool {
	return len(p.Tasks) > 0 || p.Server != nil && p.Server.Model.Looped()
}

// TaskCount returns how many tasks these loops have.
func (p *Program) TaskCount() int {
	n := 0
	for i := range p.Tasks {
		n += p.Tasks[i].Count
	}
	return n
}
