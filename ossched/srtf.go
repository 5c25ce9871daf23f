package ossched

// Shortest remaining time first. The tasks with the least left of their bursts
// run: a newcomer preempts the running task with the most left if it needs
// strictly less. On one CPU no policy has a shorter mean turnaround on any trace of
// jobs; long jobs may starve.
//
// Source: Arpaci-Dusseau, Operating Systems: Three Easy Pieces, chapter 7
// (shortest time-to-completion first); Schrage, A Proof of the Optimality of the
// Shortest Remaining Processing Time Discipline, 1968.

var srtfScheduler = Scheduler{
	Name:   "srtf",
	Title:  "shortest remaining time first",
	Source: "Arpaci-Dusseau, Operating Systems: Three Easy Pieces, chapter 7; Schrage 1968",
	build:  func(c Config, _ values) Policy { return &srtf{newShortest(c)} },
}

type srtf struct{ shortest }

func (s *srtf) Enqueue(c CPU, t Task, now int64, why Why) CPU {
	s.join(c, t, why)
	if free := s.kick(c); free != NoCPU {
		return free
	}
	worst, most := NoCPU, s.needs[t].left
	for i, cur := range s.cur {
		if cur == NoTask || s.coming[i] {
			continue
		}
		if left := s.needs[cur].left - (now - s.since[i]); left > most {
			worst, most = CPU(i), left
		}
	}
	if worst != NoCPU {
		s.coming[worst] = true
	}
	return worst
}
