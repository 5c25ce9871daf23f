package machine

import (
	"errors"
	"fmt"
	"math"
	"math/bits"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/ossched"
	"github.com/fibsim/fibsim/workloads"
)

// group is what the threads of one group have in common.
type group struct {
	name    string
	code    []op
	times   int64 // iterations of each; 0: until the run ends
	depth   int   // loops inside each other
	counts  bool  // the run goes on as long as one of them does
	yields  bool  // tasks: a pass gives way to others
	serial  bool  // a server's thread serves one connection after the other
	process bool  // worker processes: the kernel schedules their threads, and no runtime of Go
	attr    ossched.Attr
}

// op is one step of a body, with the loops laid flat.
type op struct {
	kind   opKind
	n      int64              // fib: calls; yields; steps; bytes; passes of a loop; a loop's end: where it begins; a job's entry
	slot   int32              // of a loop's counter
	ref    int32              // the lock, queue or pool
	length workloads.Duration // spin, sleep, nogil, hold
}

type opKind uint8

const (
	opBegin opKind = iota // of an iteration
	opEnd
	opFib
	opSpin
	opSleep
	opYield
	opNoGIL
	opHold
	opLoop
	opLoopEnd
	opLock
	opUnlock
	opPut
	opGet
	opRead
	opScript
	opPause // tasks
	opCount
	opDoze
	opTurn
	opSubmit // the parts of a submit
	opSubmitted
	opResult
	opAwait
	opResumed
	opReturn // ends a job's body
	opAccept // the loops of a server's threads
	opStart
	opRecv
	opRequest
	opSend
	opAgain
	talkWait // tasks of the server's loop: until something can be received
	talkAccept
	talkAccepted
	talkRecv
	talkWrite // until something can be sent
	talkDrain
)

// place says who does a body.
type place uint8

const (
	ofThread place = iota
	ofYield        // a task of a loop of generators
	ofAsyncio
	ofWorker // a worker process
)

// compile lays a body flat.
func (m *machine) compile(g *group, body []workloads.Op, in place) error {
	g.code = append(g.code, op{kind: opBegin})
	if err := m.compileOps(g, body, in, 0); err != nil {
		return err
	}
	g.code = append(g.code, op{kind: opEnd})
	return nil
}

func (m *machine) compileOps(g *group, body []workloads.Op, in place, depth int) error {
	for i := range body {
		o := &body[i]
		c := op{length: o.For, ref: int32(o.Ref)}
		switch o.Kind {
		case workloads.OpFib:
			c.kind, c.n = opFib, workloads.FibCalls(o.N)
		case workloads.OpSpin:
			c.kind = opSpin
		case workloads.OpSleep:
			c.kind = opSleep
			if in == ofAsyncio {
				c.kind = opDoze
			}
		case workloads.OpYield:
			c.kind, c.n = opYield, int64(o.N)
			if in == ofYield || in == ofAsyncio {
				c.kind = opPause
			}
		case workloads.OpNoGILSpin:
			c.kind = opNoGIL
		case workloads.OpNoGILHash:
			hi, lo := bits.Mul64(uint64(o.Bytes), uint64(m.costs.HashKiB))
			ns, _ := bits.Div64(hi, lo, 1024)
			c.kind, c.length = opNoGIL, workloads.Duration{Mean: int64(ns)}
		case workloads.OpHold:
			c.kind = opHold
		case workloads.OpLock:
			c.kind = opLock
		case workloads.OpUnlock:
			c.kind = opUnlock
		case workloads.OpSend:
			c.kind = opPut
		case workloads.OpRecv:
			c.kind = opGet
		case workloads.OpLoop:
			start := len(g.code)
			g.code = append(g.code, op{kind: opLoop, n: int64(o.N), slot: int32(depth)})
			if err := m.compileOps(g, o.Body, in, depth+1); err != nil {
				return err
			}
			g.depth = max(g.depth, depth+1)
			c = op{kind: opLoopEnd, n: int64(start), slot: int32(depth)}
			g.code[start].length.Mean = int64(len(g.code) + 1) // behind the loop, for one of no passes
		case workloads.OpCount:
			c.kind, c.n = opCount, int64(o.N)
		case workloads.OpRead:
			c.kind, c.n = opRead, o.Bytes
		case workloads.OpScript:
			steps, err := m.scripts.count(o.Source)
			if err != nil {
				return fmt.Errorf("sim: %s: %w", g.name, err)
			}
			c.kind, c.n = opScript, steps
		case workloads.OpSubmit:
			if in == ofWorker {
				return fmt.Errorf("sim: %s: a worker process cannot submit", g.name)
			}
			entry, err := m.job(&m.pools[o.Ref], o.Body)
			if err != nil {
				return err
			}
			g.code = append(g.code, submitCode(c.ref, entry)...)
			continue
		default:
			return fmt.Errorf("sim: %s: %s cannot be simulated", g.name, o.Kind)
		}
		if err := fits(c.kind, in); err != nil {
			return fmt.Errorf("sim: %s: %w", g.name, err)
		}
		g.code = append(g.code, c)
	}
	return nil
}

// fits returns what is wrong with an operation where it stands.
func fits(k opKind, in place) error {
	switch {
	case k == opCount && in != ofYield && in != ofAsyncio:
		return errors.New("only tasks count")
	case in == ofWorker && (k == opLock || k == opUnlock || k == opPut || k == opGet):
		return errors.New("a worker process shares no locks and queues with the program")
	}
	return nil
}

// fetch begins the next operations until one takes time or the lock.
func (m *machine) fetch(t *thread) bool {
	for {
		if m.acts++; m.acts > m.most {
			m.standstill(t)
			return false
		}
		o := &t.group.code[t.pc]
		switch o.kind {
		case opBegin:
			if g := t.group; g.times > 0 && t.seq >= g.times || m.now >= m.end {
				if t.loop != nil {
					return m.returns(t)
				}
				return m.exits(t)
			}
			t.planned = 0
			t.pc++
			if t.loop != nil {
				m.taskBegins(t)
			} else {
				t.lane.Begin(t.seq, m.now, m.now)
			}
		case opEnd:
			t.seq++
			t.pc = 0
			if t.loop == nil {
				t.lane.End(m.now, t.planned, "")
			} else if m.taskEnds(t); t.loop.style == yieldLoop && !t.group.yields {
				t.pc++
				return m.gives(t)
			}
			if m.jump(t) {
				return true
			}
		case opLoop:
			m.loops[t.loops+o.slot] = int32(o.n)
			t.pc++
			if o.n <= 0 {
				t.pc = int32(o.length.Mean)
			}
		case opLoopEnd:
			left := &m.loops[t.loops+o.slot]
			t.pc++
			if *left--; *left > 0 {
				t.pc = int32(o.n) + 1
			}
			if m.jump(t) {
				return true
			}
		default:
			t.pc++
			return m.begins(t, o)
		}
	}
}

// begins begins one operation that takes time or the lock.
func (m *machine) begins(t *thread, o *op) bool {
	switch o.kind {
	case opFib:
		if t.conn >= 0 {
			t.carry += m.costs.Request
		}
		m.compute(t, work{kind: fib, total: fibTime(o.n, m.pace), calls: o.n})
	case opSpin:
		m.compute(t, work{kind: spin, total: max(0, o.length.Draw(&t.body))})
	case opHold:
		m.compute(t, work{kind: held, total: max(0, o.length.Draw(&t.body))})
	case opSleep:
		ns := o.length.Draw(&t.body)
		t.planned += ns
		return m.sleeps(t, ns)
	case opYield:
		t.rep = int32(o.n)
		return m.yields(t)
	case opNoGIL:
		t.nap = max(0, o.length.Draw(&t.body))
		return m.releases(t, trace.NoGIL, unlocked)
	case opLock, opUnlock:
		t.carry += m.costs.UserLock
		t.phase = sharing
	case opPut, opGet:
		t.carry += m.costs.QueueItem
		t.phase = sharing
	case opRead:
		t.rep = int32((o.n + readPiece - 1) / readPiece)
		return m.reads(t)
	case opScript:
		m.compute(t, work{kind: scripted, total: int64(float64(o.n) * m.costs.ScriptStep), calls: o.n})
	case opPause, opCount:
		return m.pauses(t, o)
	case opDoze:
		return m.sleepsInLoop(t, o.length.Draw(&t.body))
	case opTurn:
		return m.turn(t)
	case opSubmit, opSubmitted, opResult, opAwait, opResumed, opReturn:
		return m.submits(t, o)
	default:
		if o.kind >= poolAssign {
			return m.actsInPool(t, o)
		}
		return m.serves(t, o)
	}
	return true
}

// worked ends an operation that computed with the lock. C code that kept it looks
// when it has returned.
func (m *machine) worked(t *thread) bool {
	m.tally(t)
	kept := t.work.kind == held
	t.phase = fetch
	if kept {
		m.jump(t)
	}
	return true
}

// sleeps lets the lock go and sleeps; for no time at all it only gives way.
func (m *machine) sleeps(t *thread, ns int64) bool {
	t.nap = ns
	switch {
	case ns > 0:
		return m.releases(t, trace.Sleep, doze)
	case t.sched.goes:
		// time.Sleep returns at once. What takes time is that the clock is read
		// before and after it, as the native backend does.
		t.left = 2 * m.costs.Clock
		return true // t.phase is still fetch
	}
	t.rep = 1
	return m.yields(t)
}

// doze enters the sleep for which the lock was let go.
func (m *machine) doze(t *thread) bool {
	t.phase, t.then = dozing, fetch
	if t.nap > 0 {
		return m.sleepFor(t, t.nap)
	}
	// sleep(0), of which there may be more.
	if t.rep > 0 {
		t.then = yielded
	}
	took := m.costs.Yield.Draw(&t.chance)
	if took == 0 {
		return true
	}
	m.startTimer(t, m.now+took)
	return m.block(t)
}

// yields gives way as often as is left: a system call without the lock, or for a
// goroutine runtime.Gosched.
func (m *machine) yields(t *thread) bool {
	if t.rep == 0 {
		t.phase = fetch
		return true
	}
	t.rep--
	if !m.config.Native {
		t.nap = 0
		return m.releases(t, trace.Sleep, doze)
	}
	t.phase = yielded
	t.carry += m.switchCost(t.sched)
	m.stops(t.sched, t.cpu, ossched.Yielded)
	return false
}

// readPiece is how much of a file is read at once: io.FileIO.read of a mebibyte.
const readPiece = 1 << 20

// reads reads the next piece of a file, which the kernel has in memory.
func (m *machine) reads(t *thread) bool {
	if t.rep == 0 {
		t.phase = fetch
		return true
	}
	t.rep--
	return m.releases(t, trace.IO, reading)
}

// reading is that call, without the lock.
func (m *machine) reading(t *thread) bool {
	bytes := int64(readPiece)
	if n := t.group.code[t.pc-1].n; t.rep == 0 {
		bytes = n - (n-1)/readPiece*readPiece
	}
	hi, lo := bits.Mul64(uint64(bytes), uint64(m.costs.ReadMiB))
	ns, _ := bits.Div64(hi, lo, readPiece)
	t.left, t.phase, t.then = m.costs.SystemCall+int64(ns), take, readOn
	return true
}

// demand returns how much CPU time a thread needs until it blocks next, for a policy that decides by it: in
// the iterations that are to come, too; of a thread that never blocks, all of them, or up to the end of the run. The passes of
// a loop in which nothing blocks all count like the first, and so do such iterations.
func (m *machine) demand(t *thread) int64 {
	sum := t.left + t.work.rest + t.carry
	if t.lane == nil {
		return sum
	}
	g, body := t.group, t.body
	if g.times > 0 && t.seq >= g.times {
		return sum // it is about to end
	}
	for pc := t.pc; ; {
		part, at, how := m.demandOf(g, pc, &body)
		sum += part
		switch how {
		case blocks:
			return sum
		case loopEnds: // one that the thread is in: the passes that are left
			o := &g.code[at]
			left := int64(max(0, m.loops[t.loops+o.slot]-1))
			pass, _, how := m.demandOf(g, int32(o.n)+1, &body)
			if how == blocks && left > 0 {
				return sum + pass
			}
			sum += pass * left
			pc = at + 1
		case iterationEnds:
			pass, _, how := m.demandOf(g, 0, &body)
			switch left := g.times - t.seq - 1; {
			case g.times == 0 && how == blocks:
				return sum + pass
			case g.times == 0:
				return max(sum, m.end-m.now)
			case how == blocks:
				return sum + pass*min(1, left)
			default:
				return sum + pass*min(left, math.MaxInt64/4/max(1, pass))
			}
		}
	}
}

// ending says why demandOf comes to an end.
type ending uint8

const (
	blocks ending = iota
	loopEnds
	iterationEnds
)

// demandOf adds up from pc to where a thread blocks, its iteration ends, or the loop that pc is in.
func (m *machine) demandOf(g *group, pc int32, body *workloads.Stream) (sum int64, at int32, how ending) {
	for ; ; pc++ {
		switch o := &g.code[pc]; o.kind {
		case opFib:
			sum += fibTime(o.n, m.pace)
		case opScript:
			sum += int64(float64(o.n) * m.costs.ScriptStep)
		case opSpin, opHold, opNoGIL:
			sum += max(0, o.length.Draw(body))
		case opLoop:
			pass, end, how := m.demandOf(g, pc+1, body)
			if how == blocks && o.n > 0 {
				return sum + pass, end, blocks
			}
			sum += pass * o.n
			pc = int32(o.length.Mean) - 1
		case opLoopEnd:
			return sum, pc, loopEnds
		case opEnd:
			return sum, pc, iterationEnds
		case opBegin, opSend, opUnlock:
		default:
			return sum, pc, blocks
		}
	}
}
