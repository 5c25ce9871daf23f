package ossched

// Shortest job first. When a CPU is free, the task with the shortest burst gets
// it, and keeps it until it blocks. The demand of each burst is told by who knows
// it, or guessed from the bursts before.
//
// Source: Arpaci-Dusseau, Operating Systems: Three Easy Pieces, chapter 7; the
// guess by exponential averaging: Silberschatz, Operating System Concepts, CPU
// scheduling.

var sjfScheduler = Scheduler{
	Name:   "sjf",
	Title:  "shortest job first",
	Source: "Arpaci-Dusseau, Operating Systems: Three Easy Pieces, chapter 7",
	build:  func(c Config, _ values) Policy { return &sjf{newShortest(c)} },
}

type sjf struct{ shortest }

func (s *sjf) Enqueue(c CPU, t Task, _ int64, why Why) CPU {
	s.join(c, t, why)
	return s.kick(c)
}

// shortest is what sjf and srtf share: a queue sorted by what is left of each
// burst.
type shortest struct {
	shared
	demand
	nodes
	ties  ties
	queue queue
	since []int64 // by CPU: since when its task runs
}

func newShortest(c Config) shortest {
	return shortest{shared: newShared(c.CPUs), ties: newTies(c.Ties), queue: newQueue(), since: make([]int64, c.CPUs)}
}

func (s *shortest) Add(t Task, _ Attr) {
	s.add(t)
	s.needs = append(s.needs, need{})
	s.nodes = append(s.nodes, node{})
}

// join queues a task that begins a burst.
func (s *shortest) join(c CPU, t Task, why Why) {
	s.enqueue(c, t, why)
	s.arm(t)
	s.sort(t)
}

func (s *shortest) sort(t Task) {
	s.nodes[t].key, s.nodes[t].tie = s.needs[t].left, s.ties.next()
	s.insert(&s.queue, t)
}

func (s *shortest) Pick(c CPU, now int64) Task {
	t := s.first(s.queue)
	if t != NoTask {
		s.remove(&s.queue, t)
		s.since[c] = now
	}
	return s.picks(c, t)
}

func (s *shortest) Put(c CPU, now int64, why Why) {
	t := s.puts(c, why)
	s.charge(t, now-s.since[c])
	if s.phases[t] == queued {
		s.sort(t)
		return
	}
	s.done(t)
}
