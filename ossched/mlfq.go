package ossched

import (
	"cmp"
	"slices"
	"time"
)

// Multi-level feedback queue: it learns from what a task did how it will behave.
//
//  1. The task at the highest level runs.
//  2. Tasks at the same level take turns of one quantum.
//  3. A task begins at the highest level.
//  4. Once it has used up its allotment at a level, a number of quanta, however
//     often it gave up the CPU meanwhile, it sinks by one level.
//  5. At every multiple of the boost period all tasks go to the highest level, with
//     fresh quanta and allotments.
//
// So who runs long sinks, and who mostly waits stays on top. With stay, the rule 4
// of old: a task that blocks gets a fresh allotment, which can be abused by
// blocking just before the quantum ends. With iobump, who wakes comes to the head of
// its level and runs before its equals.
//
// A task that is preempted keeps its place and what is left of its quantum. In the
// instant in which a quantum ends and a boost is due and somebody wakes, this is
// also the order. Ties are not drawn at random: places are unique.
//
// Source: Arpaci-Dusseau, Operating Systems: Three Easy Pieces, chapter 8, and its
// simulator mlfq.py.

var mlfqScheduler = Scheduler{
	Name:   "mlfq",
	Title:  "multi-level feedback queue: who runs long sinks",
	Source: "Arpaci-Dusseau, Operating Systems: Three Easy Pieces, chapter 8",
	Params: []Param{
		{Name: "levels", Default: 3, Min: 1, Max: 1000, Doc: "number of levels"},
		{Name: "quantum", Default: 10 * time.Millisecond, Min: time.Duration(1), Max: 1000 * time.Second, Doc: "how long a turn lasts, at every level"},
		{Name: "allotment", Default: 1, Min: 1, Max: 1_000_000, Doc: "quanta after which a task sinks"},
		{Name: "boost", Default: time.Second, Min: time.Duration(0), Max: 1000 * time.Second, Doc: "time between two boosts; 0: none"},
		{Name: "stay", Default: false, Doc: "a task that blocks gets a fresh allotment"},
		{Name: "iobump", Default: false, Doc: "a task that wakes comes to the head of its level"},
	},
	build: func(c Config, v values) Policy {
		return &mlfq{
			shared: newShared(c.CPUs), queue: newQueue(), since: make([]int64, c.CPUs),
			levels: v.int("levels"), quantum: v.duration("quantum"), allotment: v.int("allotment"),
			every: v.duration("boost"), stay: v.bool("stay"), bump: v.bool("iobump"),
		}
	},
}

type mlfq struct {
	shared
	nodes
	queue      queue // by level, then by place
	levels     int
	allotment  int   // quanta
	quantum    int64 // ns
	every      int64 // ns between two boosts; 0: none
	stay, bump bool
	tasks      []feedback
	since      []int64 // by CPU: until when its task has been charged
	boosts     int64   // boosts so far
	head, tail int64   // places handed out at the two ends
}

// feedback is what the policy has learnt of a task.
type feedback struct {
	level  int   // 0 is the highest
	place  int64 // in the level; it is kept while the task runs
	left   int64 // ns of the quantum
	quanta int   // left of the allotment
	boosts int64 // the latest boost that the task has had
}

func (m *mlfq) Add(t Task, _ Attr) {
	m.add(t)
	m.tasks = append(m.tasks, feedback{})
	m.nodes = append(m.nodes, node{})
	m.fresh(t, 0)
}

// fresh begins a stay at a level.
func (m *mlfq) fresh(t Task, level int) {
	x := &m.tasks[t]
	x.level, x.left, x.quanta = level, m.quantum, m.allotment
}

func (m *mlfq) last(t Task) {
	m.tail++
	m.tasks[t].place = m.tail
}

func (m *mlfq) sort(t Task) {
	const middle = 1 << 63
	x, n := &m.tasks[t], &m.nodes[t]
	n.key, n.tie = int64(x.level), uint64(x.place)+middle
	m.insert(&m.queue, t)
}

// before reports whether a is to run rather than b.
func (m *mlfq) before(a, b Task) bool {
	x, y := &m.tasks[a], &m.tasks[b]
	return x.level < y.level || x.level == y.level && x.place < y.place
}

func (m *mlfq) Enqueue(c CPU, t Task, now int64, why Why) CPU {
	for i := range m.cur {
		m.charge(CPU(i), now)
	}
	m.boost(now)
	m.enqueue(c, t, why)
	if x := &m.tasks[t]; x.boosts < m.boosts {
		m.fresh(t, 0)
	}
	m.tasks[t].boosts = m.boosts
	if m.bump && why == Wakeup {
		m.head--
		m.tasks[t].place = m.head
	} else {
		m.last(t)
	}
	m.sort(t)
	if free := m.kick(c); free != NoCPU {
		return free
	}
	return m.displace(t)
}

// displace returns the CPU whose task is the last of those that run, if t is to
// run rather than that one.
func (m *mlfq) displace(t Task) CPU {
	worst, worstTask := NoCPU, t
	for i, cur := range m.cur {
		if cur != NoTask && !m.coming[i] && m.before(worstTask, cur) {
			worst, worstTask = CPU(i), cur
		}
	}
	if worst != NoCPU {
		m.coming[worst] = true
	}
	return worst
}

// charge accounts for the time that the task of c has run.
func (m *mlfq) charge(c CPU, now int64) {
	t := m.cur[c]
	if t == NoTask || now <= m.since[c] {
		return
	}
	x := &m.tasks[t]
	x.left -= now - m.since[c]
	m.since[c] = now
	if x.left <= 0 {
		m.expire(t)
	}
}

// expire ends a quantum: the task goes to the tail, and sinks at the end of its
// allotment.
func (m *mlfq) expire(t Task) {
	x := &m.tasks[t]
	x.quanta--
	if x.quanta <= 0 {
		m.fresh(t, min(x.level+1, m.levels-1))
	}
	x.left = m.quantum
	m.last(t)
}

// boost lets all that run and wait go to the highest level if the time has come.
// Lower levels go first, each in its order, and those on top are ahead anyway.
// Those who sleep follow when they wake.
func (m *mlfq) boost(now int64) {
	if m.every == 0 || now/m.every == m.boosts {
		return
	}
	m.boosts = now / m.every
	var all []Task
	for _, t := range m.cur {
		if t != NoTask {
			all = append(all, t)
		}
	}
	for t := m.first(m.queue); t != NoTask; t = m.first(m.queue) {
		m.remove(&m.queue, t)
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b Task) int {
		x, y := &m.tasks[a], &m.tasks[b]
		return cmp.Or(cmp.Compare(y.level, x.level), cmp.Compare(x.place, y.place))
	})
	for _, t := range all {
		if m.tasks[t].level > 0 {
			m.last(t)
		}
		m.fresh(t, 0)
		m.tasks[t].boosts = m.boosts
		if m.phases[t] == queued {
			m.sort(t)
		}
	}
}

func (m *mlfq) Pick(c CPU, now int64) Task {
	m.boost(now)
	t := m.first(m.queue)
	if t != NoTask {
		m.remove(&m.queue, t)
		m.since[c] = now
	}
	return m.picks(c, t)
}

func (m *mlfq) Put(c CPU, now int64, why Why) {
	if t := m.cur[c]; t != NoTask && why == Blocked && m.stay {
		m.refresh(c, t, now)
	} else {
		m.charge(c, now)
	}
	t := m.puts(c, why)
	if m.phases[t] == queued {
		if why == Yielded {
			m.last(t)
		}
		m.sort(t)
	}
	m.boost(now)
}

// refresh gives a task that blocks a fresh allotment at its level. A quantum that
// ends in this instant still counts.
func (m *mlfq) refresh(c CPU, t Task, now int64) {
	x := &m.tasks[t]
	over := x.left <= now-m.since[c]
	m.since[c] = now
	m.fresh(t, x.level)
	if over {
		m.expire(t)
	}
}

func (m *mlfq) Tick(c CPU, now int64) bool {
	t := m.current(c)
	m.charge(c, now)
	m.boost(now)
	first := m.first(m.queue)
	return first != NoTask && m.before(first, t)
}

// Next is the end of the quantum or the next boost.
func (m *mlfq) Next(c CPU, now int64) int64 {
	t := m.current(c)
	if first := m.first(m.queue); first != NoTask && m.before(first, t) {
		return now
	}
	at := m.since[c] + m.tasks[t].left
	if m.every > 0 {
		at = min(at, (m.boosts+1)*m.every)
	}
	return max(at, now)
}
