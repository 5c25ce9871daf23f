package live

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// waits ends a run when every worker that is left waits for another: nothing would
// ever happen again. A nil waits looks at nothing.
//
// That is no guess by time. A worker is among those who wait only while it has not
// got what it waits for, and only a worker can give it that. So when all of them are
// there at one moment, and what each waits for is still to be had by nobody, none
// will go on.
//
// In a run that goes on until all is done that is an error. One with a window ends by
// the clock: at its end, workers may well wait for others that have ended, and need
// not be waited for.
type waits struct {
	now      func() int64
	aborting func() bool
	abort    func()
	end      int64 // of the window

	mu      sync.Mutex
	armed   bool // the run may end
	alive   int  // workers that have not ended
	waiting []*waiter
	last    int64 // when a worker last began to wait, or ended, before found
	found   *deadlock
}

// waiter is one worker as waits knows it.
type waiter struct {
	order  int // among all workers
	group  string
	what   string // to take lock x
	source freeable
	place  int // in waiting
}

// freeable is what a worker waits for.
type freeable interface {
	// Free reports whether a worker that waits for it will go on, by what others have
	// done already.
	Free() bool
}

// newWaits returns the waits of a program; nil for one in which nobody can wait for
// another.
func newWaits(p *workloads.Program, now func() int64, aborting func() bool, abort func()) *waits {
	if len(p.Locks)+len(p.Queues) == 0 {
		return nil
	}
	ws := &waits{now: now, aborting: aborting, abort: abort, end: p.End(), armed: p.UntilDone}
	for i := range p.Threads {
		ws.alive += p.Threads[i].Count
	}
	ws.alive += p.Loops()
	return ws
}

// arm lets the run end from now on, when its window is over.
func (ws *waits) arm() {
	if ws == nil {
		return
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.armed = true
	ws.check()
}

// enter says that w waits until what comes of source, and leave that it does not
// any more; it must be called before the worker takes what it has waited for.
func (ws *waits) enter(w *waiter, what string, source freeable) {
	if ws == nil {
		return
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	w.what, w.source, w.place = what, source, len(ws.waiting)
	ws.waiting = append(ws.waiting, w)
	ws.happened()
}

func (ws *waits) leave(w *waiter) {
	if ws == nil {
		return
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	last := ws.waiting[len(ws.waiting)-1]
	ws.waiting[w.place], last.place = last, w.place
	ws.waiting = ws.waiting[:len(ws.waiting)-1]
}

// exit says that a worker has ended, which gives nobody anything.
func (ws *waits) exit() {
	if ws == nil {
		return
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.alive--
	ws.happened()
}

// happened notes the time of what may be the last event of the run. The mutex is held.
func (ws *waits) happened() {
	if ws.found == nil {
		ws.last = ws.now()
		ws.check()
	}
}

// check ends the run if nobody can go on. The mutex is held.
func (ws *waits) check() {
	if !ws.armed || len(ws.waiting) < ws.alive || len(ws.waiting) == 0 || ws.found != nil || ws.aborting() {
		return
	}
	for _, w := range ws.waiting {
		if w.source.Free() {
			return
		}
	}
	ws.found = ws.describe()
	go ws.abort() // it wakes the waiters, who come here
}

// settle says how a run ended for which waiting has come to err: with the deadlock, if
// it goes on until all is done; else with a warning, if that came before its end.
func (ws *waits) settle(err error, report *trace.Report) error {
	if ws == nil {
		return err
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	switch {
	case ws.found == nil || err != nil && !errors.Is(err, gil.ErrAborted):
		return err
	case ws.end == math.MaxInt64:
		return ws.found
	case ws.last < ws.end:
		report.Warnings = append(report.Warnings, trace.Warning{
			Code:    "deadlock",
			Message: fmt.Sprintf("nothing happened any more from %.3g s on, as every thread waited for another: %s", float64(ws.last)/1e9, ws.found.who),
			Hint:    deadlockHint,
		})
	}
	return nil
}

// describe says who waits for what, group by group.
func (ws *waits) describe() *deadlock {
	all := slices.Clone(ws.waiting)
	slices.SortFunc(all, func(a, b *waiter) int { return a.order - b.order })
	var lines []string
	for len(all) > 0 {
		first, same := all[0], 0
		all = slices.DeleteFunc(all, func(w *waiter) bool {
			alike := w.group == first.group && w.what == first.what
			if alike {
				same++
			}
			return alike
		})
		lines = append(lines, fmt.Sprintf("%s (%d) %s", first.group, same, first.what))
	}
	return &deadlock{strings.Join(lines, ", ")}
}

// deadlock is the error of a run in which nobody can go on.
type deadlock struct{ who string }

func (d *deadlock) Error() string {
	return "deadlock: every thread that is left waits for another: " + d.who + "; " + deadlockHint
}

const deadlockHint = "let each send have its recv, and all bodies take their locks in one order"
