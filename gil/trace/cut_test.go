package trace

import "testing"

// A full lane cuts the log of the whole run at the time at which it was full, so
// that what is left is complete.
func TestFullLaneCutsTheLog(t *testing.T) {
	busy, calm := NewLane(0, nil, true), NewLane(1, nil, true)
	for i := range int64(maxEvents + 10) {
		busy.Record(Event{Time: i, Kind: IterBegin, Other: -1, Arg: i})
	}
	for _, at := range []int64{5, maxEvents - 1, maxEvents, maxEvents + 5} {
		calm.Record(Event{Time: at, Kind: IterBegin, Thread: 1, Other: -1})
	}
	log := NewLog([]Thread{{"busy", 0}, {"calm", 0}}, []*Lane{busy, calm})
	if log.Cut != maxEvents {
		t.Errorf("cut at %d, want %d", log.Cut, maxEvents)
	}
	if got, want := len(log.Events), maxEvents+2; got != want {
		t.Errorf("%d events are left, want %d: all of busy and two of calm", got, want)
	}
	if log := NewLog(nil, []*Lane{NewLane(0, nil, true)}); log.Cut != 0 {
		t.Errorf("a log with room is cut at %d", log.Cut)
	}
}
