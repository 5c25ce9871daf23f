package explain

import (
	"fmt"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
)

// served is a log in which a server's thread answers two requests of a connection.
const served = `
	0 b take
	0 b run
	0 b release
	0 b io
	100 b begin 0
	100 b take b
	100 b run
	150 b release
	150 b io
	180 b end 0
	300 b begin 1
	300 b take b
	300 b run
	350 b release
	350 b io
	380 b end 0
	`

// report returns a report with a group a of threads and a connection that b serves.
// Of the connection, every n-th row is kept.
func report(t *testing.T, text string, n int) *trace.Report {
	t.Helper()
	r := &trace.Report{Window: trace.Window{Start: 200_000, End: 1e9}, Log: parse(t, text)}
	r.Log.Threads[1] = trace.Thread{Group: Server, Worker: 1}
	m := trace.NewMeter(r.Window, n, 0)
	for seq := range int64(2) {
		start := seq*200_000 + 60_000
		m.Add(&trace.Sample{Seq: seq, Intended: start, Start: start, End: start + 140_000})
	}
	r.Groups = []trace.GroupReport{
		{Name: "a", Workers: []*trace.Meter{trace.NewMeter(r.Window, 0, 0)}},
		{Name: "web", Client: true, Workers: []*trace.Meter{m}},
	}
	return r
}

// Requests are explained as their client saw them, under the name of the connection;
// where rows were thinned, as the server did. Those before the window are left out.
func TestClients(t *testing.T) {
	for _, c := range []struct {
		every      int
		serverSide bool
		want       string
	}{
		{0, false, "60 network, 50 work, 30 io"},
		{100, true, "50 work, 30 io"},
	} {
		h, groups := Read(report(t, served, c.every))
		web := groups[1]
		if len(groups) != 2 || web.Name != "web" || web.Untold || web.ServerSide != c.serverSide || len(web.Iterations) != 1 || len(groups[0].Iterations) != 0 {
			t.Fatalf("every %d: %+v", c.every, groups)
		}
		it := &web.Iterations[0]
		if got := told(h, h.Parts(it)); got != c.want || it.Seq != 1 {
			t.Errorf("every %d: iteration %d: got %s, want %s", c.every, it.Seq, got, c.want)
		}
		if who := h.Threads()[it.Thread]; who != (trace.Thread{Group: "web"}) {
			t.Errorf("it is by %+v", who)
		}
	}
}

// Where no thread is that of a connection, its requests cannot be told, and that is no lack of requests.
func TestClientsWithoutAThread(t *testing.T) {
	r := report(t, served, 0)
	r.Log.Threads[1].Worker = 0
	idle := trace.NewMeter(r.Window, 0, 0)
	r.Groups = append(r.Groups, trace.GroupReport{Name: "idle", Client: true, Workers: []*trace.Meter{idle}})
	_, groups := Read(r)
	for i, want := range []bool{false, true, false} {
		if g := &groups[i]; g.Untold != want || len(g.Iterations) != 0 {
			t.Errorf("%s: %+v, want untold %t", g.Name, g, want)
		}
	}
}

// A request that ended in the window and was to begin before it can be told, and is not among those of the window.
func TestClientsBeforeTheWindow(t *testing.T) {
	r := report(t, served, 0)
	m := trace.NewMeter(r.Window, 0, 0)
	m.Add(&trace.Sample{Intended: 60_000, Start: 60_000, End: 260_000})
	r.Groups[1].Workers = []*trace.Meter{m}
	_, groups := Read(r)
	if web := &groups[1]; web.Untold || len(web.Iterations) != 0 || m.EndedInWindow() != 1 {
		t.Errorf("%+v, %d ended", web, m.EndedInWindow())
	}
}

// Reading a report leaves its log as it is: others want to look at it, too.
func TestReadChangesNothing(t *testing.T) {
	r := report(t, served, 0)
	Read(r)
	if r.Log.Threads[1].Group != Server {
		t.Error("the threads of the log have other names")
	}
}

// Slow is who took long beyond the sleep that was asked for.
func TestSlowest(t *testing.T) {
	list := []Iteration{
		{Seq: 0, End: 50, Planned: 45}, {Seq: 1, End: 30}, {Seq: 2, Start: 10, End: 20}, {Seq: 3, Thread: 1, Start: 5, End: 35},
	}
	for n, want := range map[int]string{0: "[]", 2: "[1 3]", 9: "[1 3 2 0]"} {
		got := []int64{}
		for _, it := range Slowest(list, n) {
			got = append(got, it.Seq)
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%d: got %v, want %s", n, got, want)
		}
	}
	if list[0].Seq != 0 {
		t.Error("the list was sorted itself")
	}
}

// Shares name the groups of culprits, and leave out the sleep that was asked for.
func TestShares(t *testing.T) {
	log := parse(t, opening+`
		1800 a release
		1800 a handoff b 1
		1800 a io
		1850 b woken 1
		1850 b take a
		1850 b run
		1850 b release
		1850 b sleep
		1900 b take b
		1900 b run
		1900 b end 40
		1900 b begin 1
		1910 b release
		1910 b sleep
		1950 b take b
		1950 b run
		1950 b end 40`)
	log.Threads[0].Group = "hogs"
	h := New(log)
	got := fmt.Sprint(h.Shares(h.Iterations()))
	if want := "[{held hogs 800000 1} {wake_up  50000 1} {work  10000 1} {oversleep  10000 1}]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
