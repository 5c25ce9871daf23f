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

// TaskCount returns how many tasks these loops have.
func (p *Program) TaskCount() int {
	n := 0
	for i := range p.Tasks {
		n += p.Tasks[i].Count
	}
	return n
}
