package trace

// Meter folds the iterations of one worker. It belongs to the goroutine that
// adds to it; nobody else may look before that goroutine has ended.
type Meter struct {
	window Window
	keep   keeper
	totals [2]Total // of Warmup and Measure
	ended  int64    // good iterations of any phase that ended inside the window
	last   int64    // the latest end
}

// Total is the fold of all iterations of one worker in one phase.
type Total struct {
	Iterations               int64 // good ones
	Failed                   int64
	Latency, Response, Delay Sketch // of the good ones

	// Sums over the good ones, in nanoseconds.
	LatencySum, DelaySum, PlannedSum    int64
	Run, WaitGIL, NoGIL, Blocked, Ready int64

	Counts
}

// RowsPerSecond is how many rows a group may keep within a second of its run, divided
// evenly among its workers, before they are thinned.
const RowsPerSecond = 20_000

// NewMeter returns a Meter for a worker of a group whose rows are wanted every
// n-th (n > 1), all (0 or 1) or not at all (-1). A worker that keeps more than
// perSecond rows within a second of its run halves what it keeps from then on.
func NewMeter(w Window, n int, perSecond int) *Meter {
	m := &Meter{window: w}
	m.keep.init(n, perSecond)
	return m
}

// Add folds one finished iteration.
func (m *Meter) Add(s *Sample) {
	p := m.window.Phase(s.Intended)
	if p == After {
		return
	}
	m.totals[p].add(s)
	m.last = max(m.last, s.End)
	if s.Err == "" && m.window.Contains(s.End) {
		m.ended++
	}
	m.keep.add(s)
}

// Total returns the fold of phase Warmup or Measure.
func (m *Meter) Total(p Phase) *Total { return &m.totals[p] }

// EndedInWindow returns how many good iterations, of any phase, ended inside
// the window. Divided by the window's length it is the throughput.
func (m *Meter) EndedInWindow() int64 { return m.ended }

// LastEnd returns the end of the last iteration, 0 without one.
func (m *Meter) LastEnd() int64 { return m.last }

// Rows calls f with each kept iteration in the order in which they ended.
func (m *Meter) Rows(f func(*Sample)) { m.keep.each(f) }

// Stride returns n where only iterations with a number divisible by n were kept
// from some time on; 1 when all were kept, 0 when none were asked for.
func (m *Meter) Stride() int64 { return m.keep.stride }

func (t *Total) add(s *Sample) {
	if s.Err != "" {
		t.Failed++
		return
	}
	t.Iterations++
	t.Latency.Add(s.Latency())
	t.Response.Add(s.Response())
	t.Delay.Add(s.Delay())
	t.LatencySum += s.Latency()
	t.DelaySum += s.Delay()
	t.PlannedSum += s.Planned
	t.Run += s.Run
	t.WaitGIL += s.WaitGIL
	t.NoGIL += s.NoGIL
	t.Blocked += s.Blocked
	t.Ready += s.Ready
	t.Counts.Add(s.Counts)
}

// Merge adds the fold of another worker of the same group.
func (t *Total) Merge(o *Total) {
	t.Iterations += o.Iterations
	t.Failed += o.Failed
	t.Latency.Merge(&o.Latency)
	t.Response.Merge(&o.Response)
	t.Delay.Merge(&o.Delay)
	t.LatencySum += o.LatencySum
	t.DelaySum += o.DelaySum
	t.PlannedSum += o.PlannedSum
	t.Run += o.Run
	t.WaitGIL += o.WaitGIL
	t.NoGIL += o.NoGIL
	t.Blocked += o.Blocked
	t.Ready += o.Ready
	t.Counts.Add(o.Counts)
}

// keeper holds the rows of a worker, in chunks, so that no row is ever moved.
type keeper struct {
	stride    int64 // keep seq divisible by it; 0: none
	perSecond int64
	second    int64 // the second of the run that kept counts
	kept      int64
	chunks    [][]Sample
}

// chunkRows is small enough that a new chunk costs microseconds. The first ones of a
// worker are smaller: a million workers of a simulation have few rows each.
const (
	chunkRows      = 128
	firstChunkRows = 2
)

func (k *keeper) init(n, perSecond int) {
	k.perSecond = int64(perSecond)
	switch {
	case n < 0:
		k.stride = 0
		return
	case n == 0:
		k.stride = 1
	default:
		k.stride = int64(n)
	}
}

func (k *keeper) add(s *Sample) {
	if k.stride == 0 || k.stride > 1 && s.Seq%k.stride != 0 {
		return
	}
	if sec := s.End / 1e9; sec != k.second {
		k.second, k.kept = sec, 0
	}
	if k.kept++; k.perSecond > 0 && k.kept > k.perSecond {
		k.stride, k.kept = k.stride*2, 0
	}
	n := len(k.chunks)
	if n == 0 || len(k.chunks[n-1]) == cap(k.chunks[n-1]) {
		rows := firstChunkRows
		if n > 0 {
			rows = min(2*cap(k.chunks[n-1]), chunkRows)
		}
		k.chunks = append(k.chunks, make([]Sample, 0, rows))
		n++
	}
	k.chunks[n-1] = append(k.chunks[n-1], *s)
}

func (k *keeper) each(f func(*Sample)) {
	for _, c := range k.chunks {
		for i := range c {
			f(&c[i])
		}
	}
}
