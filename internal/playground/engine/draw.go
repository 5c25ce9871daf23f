package engine

import (
	"fmt"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/gil/trace/timeline"
	"github.com/fibsim/fibsim/internal/palette"
)

// madeTo is added to the owner of a hold that ended because it was asked to let go.
const madeTo = 128

// mostLanes is how many threads of a backend are drawn: more than anybody looks at.
const mostLanes = 100

// Drawing is the timelines of all backends as the page draws them. Times are those of
// all lanes, one after the other: of each the starts of its intervals and then the
// ends; What is what each interval is.
type Drawing struct {
	Start int64   `json:"start"` // ns, as all times
	End   int64   `json:"end"`
	From  int64   `json:"from"` // the measured window
	To    int64   `json:"to"`
	Roots []Root  `json:"roots"`
	Times []int64 `json:"-"`
	What  []byte  `json:"-"`
}

// Root is the lanes of one backend.
type Root struct {
	Name  string `json:"name"`
	Note  string `json:"note"`
	Cut   int64  `json:"cut"` // from when on nothing was kept; 0: all was
	Lanes []Lane `json:"lanes"`
}

// Lane is a thread, or the lock with its holders.
type Lane struct {
	Name   string   `json:"name"`
	Kind   string   `json:"kind"`             // state or hold
	Owners []string `json:"owners,omitempty"` // what counts them, for hold; for state it counts States
	Count  int      `json:"count"`            // intervals
}

// States are what intervals of threads can be, in the order in which they are counted.
func States() []palette.State { return palette.States() }

// number is that of each state among States.
var number = func() (n [trace.Done + 1]byte) {
	for i, s := range palette.States() {
		for t := trace.Run; t < trace.Done; t++ {
			if t.String() == s.Name {
				n[t] = byte(i)
			}
		}
	}
	return n
}()

// draw adds the timeline of a backend.
func (d *Drawing) draw(backend string, window trace.Window, t *timeline.Timeline) {
	root := Root{Name: backend, Note: "predicted", Cut: t.Cut, Lanes: []Lane{}}
	var names []string
	for _, th := range t.Threads {
		names = append(names, fmt.Sprintf("%s-%d", th.Group, th.Worker))
	}
	if len(t.Holds) > 0 {
		owners := names
		if len(names) > mostLanes {
			owners = append(names[:mostLanes:mostLanes], "another")
		}
		root.Lanes = append(root.Lanes, Lane{Name: "lock", Kind: "hold", Owners: owners, Count: len(t.Holds)})
		for _, h := range t.Holds {
			owner := byte(min(h.Thread, mostLanes))
			if h.Forced {
				owner |= madeTo
			}
			d.Times, d.What = append(d.Times, h.Start), append(d.What, owner)
		}
		for _, h := range t.Holds {
			d.Times = append(d.Times, h.End)
		}
	}
	for i, lane := range t.Lanes {
		if i == mostLanes {
			root.Note += fmt.Sprintf("; the first %d of %d threads", mostLanes, len(t.Lanes))
			break
		}
		root.Lanes = append(root.Lanes, Lane{Name: names[i], Kind: "state", Count: len(lane)})
		for _, s := range lane {
			d.Times, d.What = append(d.Times, s.Start), append(d.What, number[s.State])
		}
		for _, s := range lane {
			d.Times = append(d.Times, s.End)
		}
	}
	if len(t.Threads) == 0 {
		root.Note += "; its threads are those of other processes, and not recorded"
	}
	d.Roots = append(d.Roots, root)
	d.End = max(d.End, t.End, window.End)
	d.From, d.To = window.Start, window.End
}
