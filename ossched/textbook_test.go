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

// mlfq.py of chapter 8: three levels and a quantum of 10 unless something else is
// said, no boost unless one is said, I/O of 5.
func TestMLFQRows(t *testing.T) {
	with := func(more map[string]any) map[string]any {
		params := map[string]any{"boost": time.Duration(0)}
		for k, v := range more {
			params[k] = v
		}
		return params
	}
	for _, r := range []row{
		{"long and short", "mlfq", with(nil), []script{ostep(0, 180, 0), ostep(100, 20, 0)}, []int64{0, 0}, []int64{200, 20}},
		{"I/O that stays on top", "mlfq", with(map[string]any{"stay": true}), []script{ostep(0, 175, 0), ostep(50, 25, 1)}, []int64{0, 0}, []int64{200, 145}},
		{"boost", "mlfq", with(map[string]any{"boost": 50 * time.Millisecond}),
			[]script{ostep(0, 180, 0), ostep(100, 50, 0), ostep(100, 50, 0)}, []int64{0, 10, 20}, []int64{280, 120, 170}},
		{"three alike", "mlfq", with(nil), []script{ostep(0, 20, 0), ostep(0, 20, 0), ostep(0, 20, 0)}, []int64{0, 10, 20}, []int64{40, 50, 60}},
		{"I/O", "mlfq", with(nil), []script{ostep(0, 30, 5), ostep(0, 30, 0)}, []int64{0, 5}, []int64{65, 50}},
		{"I/O with bump", "mlfq", with(map[string]any{"iobump": true}), []script{ostep(0, 30, 5), ostep(0, 30, 0)}, []int64{0, 5}, []int64{55, 60}},
	} {
		checkRow(t, r)
	}
}

// Chapter 7: SJF and SRTF on 5, 10, 15, in whatever order they come, and the
// example in which two short jobs come while a long one runs.
func TestShortestRows(t *testing.T) {
	late := []script{job(0, 100*ms), job(10*ms, 10*ms), job(10*ms, 10*ms)}
	for _, r := range []row{
		{"SJF", "sjf", nil, []script{job(0, 15*ms), job(0, 10*ms), job(0, 5*ms)}, []int64{0, 20, 15}, []int64{15, 30, 20}},
		{"SRTF", "srtf", nil, []script{job(0, 5*ms), job(0, 10*ms), job(0, 15*ms)}, []int64{0, 5, 15}, []int64{5, 15, 30}},
		{"SJF, late", "sjf", nil, late, []int64{0, 90, 100}, []int64{100, 100, 110}},
		{"STCF, late", "srtf", nil, late, []int64{0, 0, 10}, []int64{120, 10, 20}},
	} {
		checkRow(t, r)
	}
}

// SRTF has the shortest mean turnaround of all policies on any trace of jobs on one
// CPU (Schrage 1968).
func TestSRTFIsOptimal(t *testing.T) {
	random := chance(1)
	for range 60 {
		var jobs []script
		for range 2 + random.below(12) {
			jobs = append(jobs, job(int64(random.below(60))*ms, 1+int64(random.below(30_000_000))))
		}
		total := func(name string) (sum int64) {
			d := newDriver(t, name, Config{Tick: ms}, jobs...).run(1e12)
			for i := range d.tasks {
				sum += d.tasks[i].turnaround()
			}
			return sum
		}
		best := total("srtf")
		for _, name := range Names() {
			if got := total(name); got < best {
				t.Errorf("%s: the turnarounds of %v add up to %d, of srtf to %d", name, jobs, got, best)
			}
		}
	}
}

// The guess of who is not told is the mean of the guess before and the burst that
// followed: 0, then 8, then (8+16)/2.
func TestGuessedDemand(t *testing.T) {
	p, err := New("sjf", Config{CPUs: 1, Tick: ms})
	if err != nil {
		t.Fatal(err)
	}
	p.Add(0, Attr{})
	s := p.(*sjf)
	for i, want := range []int64{0, 8, 16} {
		p.Enqueue(0, 0, int64(i)*100, Wakeup)
		if got := s.needs[0].left; got != want {
			t.Errorf("burst %d: guessed %d, want %d", i, got, want)
		}
		p.Pick(0, int64(i)*100)
		p.Put(0, int64(i)*100+[]int64{16, 24, 1}[i], Blocked)
	}
}

// SCHED_FIFO of POSIX: a higher priority preempts, an equal one does not; who was
// preempted goes on before its equals, who yields goes behind them.
func TestPriority(t *testing.T) {
	at := func(priority int, s script) script { s.attr.Priority = priority; return s }
	d := newDriver(t, "priority", Config{},
		at(1, script{bursts: []int64{10 * ms, 10 * ms}}), at(1, job(1*ms, 10*ms)), at(2, job(5*ms, 3*ms)), at(0, job(0, ms))).run(1e12)
	want := "cpu 0 task 0 0-5000000\ncpu 0 task 2 5000000-8000000\ncpu 0 task 0 8000000-13000000\n" +
		"cpu 0 task 1 13000000-23000000\ncpu 0 task 0 23000000-33000000\ncpu 0 task 3 33000000-34000000\n"
	if got := d.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// On several CPUs a newcomer displaces the lowest of those that run.
func TestPriorityDisplacesTheLowest(t *testing.T) {
	at := func(priority int, s script) script { s.attr.Priority = priority; return s }
	d := newDriver(t, "priority", Config{CPUs: 2}, at(5, job(0, 10*ms)), at(3, job(0, 10*ms)), at(4, job(ms, 10*ms))).run(1e12)
	if d.tasks[2].first != ms || d.tasks[0].end != 10*ms || d.tasks[1].end != 19*ms {
		t.Errorf("got\n%s", d)
	}
}

// Without ageing a hog starves lower priorities. With it a task that is two below
// runs once it has gained three, and until it has lost one and the hog gained one;
// from then on three times of waiting and one of running take turns.
func TestPriorityAgeing(t *testing.T) {
	scripts := []script{hog(0), hog(0)}
	scripts[0].attr.Priority = 2
	if d := newDriver(t, "priority", Config{}, scripts...).run(1000 * ms); d.tasks[1].ran != 0 {
		t.Errorf("the lower priority ran for %d ns", d.tasks[1].ran)
	}
	params := map[string]any{"ageing": 10 * time.Millisecond}
	d := newDriver(t, "priority", Config{Params: params}, scripts...).run(1000 * ms)
	if d.tasks[1].first != 30*ms || d.tasks[1].ran != 250*ms {
		t.Errorf("it runs first at %d, and for %d ns in all", d.tasks[1].first, d.tasks[1].ran)
	}
}

// The rules of MLFQ hold on two CPUs too: a short job that arrives displaces one of
// those that have sunk.
func TestMLFQTwoCPUs(t *testing.T) {
	d := newDriver(t, "mlfq", Config{CPUs: 2}, job(0, 200*ms), job(0, 200*ms), job(55*ms, 5*ms), job(55*ms, 5*ms)).run(1e12)
	for i := 2; i < 4; i++ {
		if x := &d.tasks[i]; x.response() != 0 || x.turnaround() != 5*ms {
			t.Errorf("job %d: response %d, turnaround %d", i, x.response(), x.turnaround())
		}
	}
	if d.wasted != 0 {
		t.Errorf("idle for %d ns while a job waited", d.wasted)
	}
}
