package ossched

import (
	"testing"
	"time"
)

// row is what the simulators that come with Operating Systems: Three Easy Pieces
// print for a set of jobs: response and turnaround of each, in their ticks, which
// are milliseconds here.
type row struct {
	name       string
	scheduler  string
	params     map[string]any
	jobs       []script
	response   []int64
	turnaround []int64
}

// ostep makes a job of its start, its run time and the run time between two I/Os
// of 5 ms each, 0: none.
func ostep(start, run, every int64) script {
	s := script{start: start * ms}
	if every == 0 {
		every = run
	}
	for done := int64(0); done < run; done += every {
		s.bursts = append(s.bursts, min(every, run-done)*ms)
	}
	s.sleeps = []int64{5 * ms}
	return s
}

func checkRow(t *testing.T, r row) {
	t.Helper()
	d := newDriver(t, r.scheduler, Config{Params: r.params}, r.jobs...).run(1e12)
	for i := range d.tasks {
		x := &d.tasks[i]
		if x.response() != r.response[i]*ms || x.turnaround() != r.turnaround[i]*ms {
			t.Errorf("%s: job %d has response %d and turnaround %d µs, want %d and %d ms",
				r.name, i, x.response()/1000, x.turnaround()/1000, r.response[i], r.turnaround[i])
		}
	}
	if d.wasted != 0 {
		t.Errorf("%s: idle for %d ns while a job waited", r.name, d.wasted)
	}
}

// scheduler.py of chapter 7.
func TestTextbookRows(t *testing.T) {
	short := []script{job(0, 5*ms), job(0, 10*ms), job(0, 15*ms)}
	long := []script{job(0, 200*ms), job(0, 200*ms), job(0, 200*ms)}
	quantum := func(q time.Duration) map[string]any { return map[string]any{"quantum": q} }
	for _, r := range []row{
		{"FIFO 5,10,15", "fifo", nil, short, []int64{0, 5, 15}, []int64{5, 15, 30}},
		{"RR 1 5,10,15", "rr", quantum(time.Millisecond), short, []int64{0, 1, 2}, []int64{13, 24, 30}},
		{"RR 5 200,200,200", "rr", quantum(5 * time.Millisecond), long, []int64{0, 5, 10}, []int64{590, 595, 600}},
	} {
		checkRow(t, r)
	}
}

// A quantum that nobody waited for is followed by another one, and a newcomer is
// ahead of a task whose quantum ends in the instant in which it arrives.
func TestRRQuantaOfOneAlone(t *testing.T) {
	d := newDriver(t, "rr", Config{}, job(0, 100*ms), job(25*ms, 1*ms), job(41*ms, 1*ms)).run(1e12)
	if d.tasks[1].first != 30*ms {
		t.Errorf("who comes at 25 ms runs at %d, not at the end of the third quantum", d.tasks[1].first)
	}
	if d.tasks[2].first != 41*ms {
		t.Errorf("who comes as the quantum of 31 ms ends runs at %d", d.tasks[2].first)
	}
}

// Two CPUs that share a queue waste nothing.
func TestRRTwoCPUs(t *testing.T) {
	d := newDriver(t, "rr", Config{CPUs: 2}, job(0, 100*ms), job(0, 100*ms), job(0, 100*ms)).run(1e12)
	if d.now != 150*ms || d.wasted != 0 {
		t.Errorf("three jobs of 100 ms on two CPUs took %d ns and wasted %d", d.now, d.wasted)
	}
}
