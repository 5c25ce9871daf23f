package report

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"sort"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/gil/trace/timeline"
	"github.com/fibsim/fibsim/internal/palette"
)

// The most that a page shows: threads and tasks of one backend, and intervals in all, which
// bounds its size at a few megabytes.
const (
	mostLanes     = 40
	mostIntervals = 1_500_000
)

// madeTo is added to the owner of a hold that ended because it was asked to let go.
const madeTo = 128

// timelineData is the data of the script's Timeline: one repetition of a variant on
// each backend, under one time axis.
type timelineData struct {
	Variant string         `json:"variant"`
	Rep     int            `json:"rep"`
	Start   int64          `json:"start"`
	End     int64          `json:"end"`
	Roots   []timelineRoot `json:"roots"`
	Marks   []timelineMark `json:"marks"`
	Window  [2]int64       `json:"window"` // what is seen at first

	Note string `json:"note"` // what is left out
}

type timelineRoot struct {
	Name  string         `json:"name"`
	Note  string         `json:"note"`
	Cut   int64          `json:"cut"`
	Lanes []timelineLane `json:"lanes"`
}

type timelineLane struct {
	Name   string   `json:"name"`
	Kind   string   `json:"kind"` // state, task or hold
	Owners []string `json:"owners,omitempty"`
	Count  int      `json:"count"`
}

type timelineMark struct {
	Time int64  `json:"time"`
	Name string `json:"name"`
}

// packer writes intervals in the form that packed.js reads.
type packer struct {
	raw   bytes.Buffer
	total int
	tasks bool // there are some
}

// interval is what the packed form holds of a span or of a hold.
type interval struct {
	start, end int64
	what       byte
}

// lane appends a lane and returns how many intervals it has. Empty ones are left out,
// and those of clocks that disagree are cut so that none overlaps the one before.
func (p *packer) lane(list []interval) int {
	var kept []interval
	last := int64(0)
	for _, i := range list {
		i.start = max(i.start, last)
		if i.end > i.start {
			kept, last = append(kept, i), i.end
		}
	}
	for _, i := range kept {
		p.raw.WriteByte(i.what)
	}
	last = 0
	var b []byte
	for _, i := range kept {
		b = binary.AppendUvarint(b, uint64(i.start-last))
		last = i.end
	}
	for _, i := range kept {
		b = binary.AppendUvarint(b, uint64(i.end-i.start))
	}
	p.raw.Write(b)
	p.total += len(kept)
	return len(kept)
}

// base64 returns all lanes, compressed.
func (p *packer) base64() string {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // fails for a wrong level only
	// A buffer in memory takes all that it is given.
	_, _ = w.Write(p.raw.Bytes())
	_ = w.Close()
	return base64.StdEncoding.EncodeToString(out.Bytes())
}

// stateNumbers are the places of the states in palette.States, which the script uses;
// that of behind comes after them.
var stateNumbers = func() map[trace.State]byte {
	numbers := map[trace.State]byte{trace.Behind: byte(len(palette.States()))}
	for s := trace.Run; s < trace.Done; s++ {
		for i, known := range palette.States() {
			if known.Name == s.String() {
				numbers[s] = byte(i)
			}
		}
	}
	return numbers
}()

// root packs the lanes of one run.
func (p *packer) root(name, evidence string, t *timeline.Timeline) timelineRoot {
	root := timelineRoot{Name: name, Note: evidence, Cut: t.Cut, Lanes: []timelineLane{}}
	shown, tasks := chosen(t)
	if len(t.Holds) > 0 {
		// A holder that has no lane of its own is one of the others.
		owners := make([]string, 0, len(shown)+1)
		number := map[int32]byte{}
		for i, thread := range shown {
			number[thread] = byte(i)
			owners = append(owners, threadName(t.Threads[thread]))
		}
		if len(shown) < len(t.Threads) {
			owners = append(owners, "others")
		}
		var list []interval
		for _, h := range t.Holds {
			what, known := number[h.Thread]
			if !known {
				what = byte(len(shown))
			}
			if h.Forced {
				what |= madeTo
			}
			list = append(list, interval{h.Start, h.End, what})
		}
		root.Lanes = append(root.Lanes, timelineLane{Name: "lock", Kind: "hold", Owners: owners, Count: p.lane(list)})
	}
	for _, thread := range shown {
		list := make([]interval, 0, len(t.Lanes[thread]))
		for _, s := range t.Lanes[thread] {
			list = append(list, interval{s.Start, s.End, stateNumbers[s.State]})
		}
		root.Lanes = append(root.Lanes, timelineLane{Name: threadName(t.Threads[thread]), Kind: "state", Count: p.lane(list)})
	}
	p.tasks = p.tasks || len(tasks) > 0
	for _, task := range tasks {
		list := make([]interval, 0, len(t.TaskLanes[task]))
		for _, s := range t.TaskLanes[task] {
			list = append(list, interval{s.Start, s.End, stateNumbers[s.State]})
		}
		root.Lanes = append(root.Lanes, timelineLane{Name: threadName(t.Tasks[task]), Kind: "task", Count: p.lane(list)})
	}
	if left := len(t.Threads) - len(shown); left > 0 {
		root.Note += fmt.Sprintf("; %d of %d threads", len(shown), len(t.Threads))
	}
	if left := len(t.Tasks) - len(tasks); left > 0 {
		root.Note += fmt.Sprintf("; %d of %d tasks", len(tasks), len(t.Tasks))
	}
	return root
}

func threadName(t trace.Thread) string { return fmt.Sprintf("%s-%d", t.Group, t.Worker) }

// chosen returns the threads and the tasks to show, by number.
func chosen(t *timeline.Timeline) (threads, tasks []int32) {
	for _, i := range timeline.Choose(slices.Concat(t.Threads, t.Tasks), mostLanes) {
		if task := i - len(t.Threads); task < 0 {
			threads = append(threads, int32(i))
		} else {
			tasks = append(tasks, int32(task))
		}
	}
	return threads, tasks
}

// begun returns how many intervals of all timelines together begin before a time.
func begun(list []*timeline.Timeline, to int64) int {
	n := 0
	for _, t := range list {
		for _, lane := range t.Lanes {
			n += sort.Search(len(lane), func(i int) bool { return lane[i].Start >= to })
		}
		_, tasks := chosen(t)
		for _, task := range tasks {
			lane := t.TaskLanes[task]
			n += sort.Search(len(lane), func(i int) bool { return lane[i].Start >= to })
		}
		n += sort.Search(len(t.Holds), func(i int) bool { return t.Holds[i].Start >= to })
	}
	return n
}

// fitting returns the latest time up to which all timelines together have no more
// intervals than a page holds.
func fitting(list []*timeline.Timeline, most int) int64 {
	last := latest(list)
	if begun(list, last+1) <= most {
		return last
	}
	low, high := int64(0), last
	for low < high {
		mid := low + (high-low+1)/2
		if begun(list, mid) <= most {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return low
}

// latest returns when the last of all timelines ends.
func latest(list []*timeline.Timeline) int64 {
	last := int64(0)
	for _, t := range list {
		last = max(last, t.End)
	}
	return last
}
