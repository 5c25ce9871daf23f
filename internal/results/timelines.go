package results

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/gil/trace/timeline"
)

// ErrNoStates is in the chain of the error about a directory without states.csv.
var ErrNoStates = errors.New("has no states.csv; make the run again with --states")

// RunTimeline is the timeline of one run of a whole program.
type RunTimeline struct {
	Variant, Backend string
	Rep              int
	*timeline.Timeline
}

// Timelines reads states.csv, events.csv and, where there is one, tasks.csv: a timeline
// for each run of a whole program whose backend sees states, by variant, backend and
// repetition. Its threads and tasks lack those that never began, its tasks all of them
// where the directory is of a version that did not keep them, and so its marks the
// time-outs. It fails with a ReadError, which has ErrNoStates in
// its chain where the run kept no states.
func (d *Dir) Timelines() ([]RunTimeline, error) {
	runs := runLogs{dir: d, byKey: map[runKey]*runLog{}}
	if err := runs.readStates(); err != nil {
		return nil, err
	}
	if err := runs.readEvents(); err != nil {
		return nil, err
	}
	if err := runs.readTasks(); err != nil {
		return nil, err
	}
	var out []RunTimeline
	for _, r := range runs.order {
		r.endLane()
		r.log.Cut = d.eventsCut(r.runKey)
		line := timeline.Of(&r.log)
		line.Tasks, line.TaskLanes = r.tasks, r.taskLanes
		out = append(out, RunTimeline{Variant: r.variant, Backend: r.backend, Rep: r.rep, Timeline: line})
	}
	slices.SortStableFunc(out, func(a, b RunTimeline) int {
		return cmp.Or(d.compare(a.Variant, a.Backend, b.Variant, b.Backend), cmp.Compare(a.Rep, b.Rep))
	})
	return out, nil
}

// eventsCut returns from when on a run has no events.
func (d *Dir) eventsCut(k runKey) int64 {
	for i := range d.Run.Runs {
		if r := &d.Run.Runs[i]; r.Alone == "" && r.Variant == k.variant && r.Backend == k.backend && r.Rep == k.rep {
			return r.EventsCut
		}
	}
	return 0
}

type runKey struct {
	variant, backend string
	rep              int
}

// runLogs puts the rows of both files together to the logs that they were written
// from, as far as a timeline needs them.
type runLogs struct {
	dir   *Dir
	byKey map[runKey]*runLog
	order []*runLog
}

// runLog is the log of one run.
type runLog struct {
	runKey
	log     trace.Log
	threads map[trace.Thread]int32
	lane    int32 // whose states are being read; -1 before the first
	end     int64 // of its last state

	tasks     []trace.Thread
	taskLanes [][]timeline.TaskSpan
	taskOf    map[trace.Thread]int32
}

// of returns the log that a row belongs to, whose columns begin with scenario,
// variant, backend and rep; nil for a group alone, whose runs share a key.
func (l *runLogs) of(t *tableReader) *runLog {
	k := runKey{t.text(1), t.text(2), int(t.int(3))}
	if k.rep == 0 {
		return nil
	}
	r := l.byKey[k]
	if r == nil {
		r = &runLog{runKey: k, threads: map[trace.Thread]int32{}, taskOf: map[trace.Thread]int32{}, lane: -1}
		l.byKey[k] = r
		l.order = append(l.order, r)
	}
	return r
}

// thread returns the number of a thread.
func (r *runLog) thread(name trace.Thread) int32 {
	number, known := r.threads[name]
	if !known {
		number = int32(len(r.log.Threads))
		r.threads[name] = number
		r.log.Threads = append(r.log.Threads, name)
	}
	return number
}

// task returns the number of a task.
func (r *runLog) task(name trace.Thread) int32 {
	number, known := r.taskOf[name]
	if !known {
		number = int32(len(r.tasks))
		r.taskOf[name] = number
		r.tasks, r.taskLanes = append(r.tasks, name), append(r.taskLanes, nil)
	}
	return number
}

func (l *runLogs) readStates() error {
	t, err := l.dir.table(statesFile, StateColumns, stateLeast)
	if errors.Is(err, fs.ErrNotExist) {
		return &ReadError{Path: l.dir.Path, Err: ErrNoStates}
	} else if err != nil {
		return err
	}
	defer t.close()
	for t.next() {
		state, known := stateOf[t.text(6)]
		if !known || state == trace.Behind {
			t.wrong(6, "must be a state such as run")
		}
		r, name := l.of(t), trace.Thread{Group: t.text(4), Worker: int(t.int(5))}
		start, end := t.int(7), t.int(8)
		if r == nil || t.err != nil {
			continue
		}
		thread := r.thread(name)
		if thread != r.lane {
			r.endLane()
			r.lane, r.end = thread, start
		}
		if start < r.end || end < start {
			t.fail(fmt.Errorf("%s-%d: a state from %d to %d overlaps the one before; %s", name.Group, name.Worker, start, end, remedy))
			continue
		}
		if start > r.end {
			r.to(trace.Done, r.end)
		}
		r.to(state, start)
		r.end = end
	}
	return t.err
}

// to adds a change of state.
func (r *runLog) to(s trace.State, at int64) {
	r.log.Events = append(r.log.Events, trace.Event{Time: at, Kind: trace.StateChange, Thread: r.lane, Other: -1, Arg: int64(s)})
}

// endLane ends the thread whose states were read.
func (r *runLog) endLane() {
	if r.lane >= 0 {
		r.to(trace.Done, r.end)
	}
	r.lane = -1
}

func (l *runLogs) readEvents() error {
	t, err := l.dir.table(eventsFile, EventColumns, eventLeast)
	if err != nil {
		return err
	}
	defer t.close()
	for t.next() {
		kind, known := kindOf[t.text(7)]
		if !known {
			t.wrong(7, "must be an event such as take")
		}
		r := l.of(t)
		e := trace.Event{Seq: t.int(5), Time: t.int(6), Kind: kind, Thread: -1, Other: -1}
		for _, who := range []struct {
			number *int32
			column int
		}{{&e.Thread, 8}, {&e.Other, 10}} {
			if group := t.text(who.column); group != "" && r != nil {
				*who.number = r.thread(trace.Thread{Group: group, Worker: int(t.int(who.column + 1))})
			}
		}
		if r != nil && t.err == nil {
			r.log.Events = append(r.log.Events, e)
		}
	}
	return t.err
}

// readTasks reads what the tasks of event loops did. Where the run had none there is no
// file, nor is there one of a version that did not keep them.
func (l *runLogs) readTasks() error {
	t, err := l.dir.table(tasksFile, TaskColumns, taskLeast)
	if _, told := l.dir.rowsOf(tasksFile); errors.Is(err, fs.ErrNotExist) && !told {
		return nil
	} else if err != nil {
		return err
	}
	defer t.close()
	var late []behind
	for t.next() {
		state, known := stateOf[t.text(6)]
		if !known {
			t.wrong(6, "must be a state such as behind")
		}
		r, name := l.of(t), trace.Thread{Group: t.text(4), Worker: int(t.int(5))}
		s := timeline.TaskSpan{Span: timeline.Span{Start: t.int(7), End: t.int(8), State: state}, Behind: -1}
		turns, _ := t.maybe(11)
		s.Turns = int(turns)
		worker, led := t.maybe(10)
		if r == nil || t.err != nil {
			continue
		}
		number := r.task(name)
		lane := &r.taskLanes[number]
		if last := len(*lane) - 1; s.End < s.Start || last >= 0 && s.Start < (*lane)[last].End {
			t.fail(fmt.Errorf("%s-%d: a state from %d to %d overlaps the one before; %s", name.Group, name.Worker, s.Start, s.End, remedy))
			continue
		}
		if led {
			late = append(late, behind{r, number, len(*lane), trace.Thread{Group: t.text(9), Worker: int(worker)}})
		}
		*lane = append(*lane, s)
	}
	// A task has its number from its first row, so that all have one by now.
	for _, b := range late {
		if who, known := b.run.taskOf[b.who]; known {
			b.run.taskLanes[b.task][b.span].Behind = who
		}
	}
	return t.err
}

// behind is a span of a task that another one led to, whose number comes later.
type behind struct {
	run  *runLog
	task int32
	span int
	who  trace.Thread
}

// stateOf and kindOf are the names of the files, read.
var (
	stateOf = map[string]trace.State{}
	kindOf  = map[string]trace.Kind{}
)

func init() {
	for s := trace.Run; s < trace.Done; s++ {
		stateOf[s.String()] = s
	}
	stateOf[trace.Behind.String()] = trace.Behind
	for _, k := range shownEvents {
		kindOf[k.String()] = k
	}
}
