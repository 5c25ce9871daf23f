package ossched

// First come, first served. Whoever runs keeps the CPU until it blocks; then the
// one that has waited longest has its turn. It is fair in the order of arrivals
// and hard on short tasks that come behind a long one: the convoy.
//
// Source: Arpaci-Dusseau, Operating Systems: Three Easy Pieces, chapter 7.

var fifoScheduler = Scheduler{
	Name:   "fifo",
	Title:  "first in, first out: whoever runs keeps the CPU until it blocks",
	Source: "Arpaci-Dusseau, Operating Systems: Three Easy Pieces, chapter 7",
	build:  func(c Config, _ values) Policy { return &fifo{shared: newShared(c.CPUs)} },
}

type fifo struct {
	shared
	queue ring
}

func (f *fifo) Add(t Task, _ Attr) { f.add(t) }

func (f *fifo) Enqueue(c CPU, t Task, _ int64, why Why) CPU {
	f.enqueue(c, t, why)
	f.queue.push(t)
	return f.kick(c)
}

func (f *fifo) Pick(c CPU, _ int64) Task { return f.picks(c, f.queue.pop()) }

// Put sends whoever could go on to the tail: only one that yields comes to this.
func (f *fifo) Put(c CPU, _ int64, why Why) {
	if t := f.puts(c, why); f.phases[t] == queued {
		f.queue.push(t)
	}
}
