package advise

import (
	"slices"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/words"
	"github.com/fibsim/fibsim/workloads"
)

// program has a server of two workers with two threads each, and three connections.
func program() *workloads.Program {
	return &workloads.Program{
		Server: &workloads.Server{Workers: 2, Threads: 2},
		Clients: []workloads.Client{
			{Name: "batch", Count: 1, Request: 30},
			{Name: "web", Count: 2, Request: 10},
		},
	}
}

// The order is that of the 99th percentile to two digits, then of replies, then of
// memory; who serves nobody, or has no figure, comes last.
func TestRank(t *testing.T) {
	var list []*Advice
	for _, w := range []struct {
		name  string
		model workloads.Model
		rate  float64
		p99   results.Cell
	}{
		{"no figure", workloads.Threads, 900, results.Cell{}},
		{"slow", workloads.Threads, 900, results.Int(30_000)},
		{"many processes", workloads.Prefork, 100, results.Int(10_140)},
		{"little memory", workloads.Threads, 100, results.Int(10_290)},
		{"more replies", workloads.Prefork, 200, results.Int(10_390)},
		{"starves", workloads.Sequential, 950, results.Int(10)},
	} {
		a := New(Way{Name: w.name, Model: w.model}, program())
		a.Rate, a.P99 = results.Float(w.rate), w.p99
		list = append(list, a)
	}
	list[5].Starved = 2
	Rank(list)
	var order []string
	for i, a := range list {
		order = append(order, a.Name)
		if a.Rank != i+1 {
			t.Errorf("%s at %d has rank %d", a.Name, i+1, a.Rank)
		}
	}
	if want := []string{"more replies", "little memory", "many processes", "slow", "starves", "no figure"}; !slices.Equal(order, want) {
		t.Errorf("got %q, want %q", order, want)
	}
}

// Processes and memory follow from how the server is built.
func TestProcessesAndMemory(t *testing.T) {
	for _, w := range Ways() {
		a := New(w, program())
		processes, bytes := 1, int64(baseBytes+3*threadBytes)
		switch w.Name {
		case "sequential", "coroutines":
			bytes = baseBytes
		case "processes":
			processes, bytes = 3, bytes+2*workerBytes
		case "coroutines+processes":
			processes, bytes = 3, baseBytes+2*workerBytes
		case "prefork":
			processes, bytes = 3, baseBytes+2*workerBytes+4*threadBytes
		case "interpreters":
			bytes += 2 * interpreterBytes
		}
		memory := results.Int(bytes)
		if w.Native {
			memory = results.Cell{}
		}
		if a.Processes() != processes || a.Memory() != memory {
			t.Errorf("%s: %d processes with %v bytes, want %d with %v", w.Name, a.Processes(), a.Memory(), processes, memory)
		}
	}
}

// The figures are those of the clients that ask for the least, and replies are those of
// all; a sequential server never serves any but the first connection.
func TestTake(t *testing.T) {
	window := trace.Window{End: 1_000_000_000}
	w, err := results.Create(results.Config{Scenario: "test", Variants: []string{""}, Backends: []string{"sim_gil"}, Host: results.Host{CPUs: 2}})
	if err != nil {
		t.Fatal(err)
	}
	group := func(name string, n int, length int64) trace.GroupReport {
		m := trace.NewMeter(window, -1, 0)
		for i := range int64(n) {
			m.Add(&trace.Sample{Seq: i, Intended: i * 1_000_000, Start: i * 1_000_000, End: i*1_000_000 + length, Run: length})
		}
		return trace.GroupReport{Name: name, Client: true, Workers: []*trace.Meter{m}}
	}
	info := results.RunInfo{Backend: "sim_gil", Evidence: "predicted", Rep: 1, Program: program()}
	if err := w.Add(info, &trace.Report{Window: window, States: true, Groups: []trace.GroupReport{
		group("batch", 20, 500_000), group("web", 30, 2000),
	}}); err != nil {
		t.Fatal(err)
	}
	set, err := w.Finish(false)
	if err != nil {
		t.Fatal(err)
	}
	for _, way := range Ways() {
		a := New(way, program())
		a.Take(set, "")
		rate, _ := a.Rate.Value()
		p50, _ := a.P50.Value()
		if a.Short != "web" || rate < 49 || rate > 51 || p50 != 2000 || (a.Starved > 0) != (way.Name == "sequential") || a.Told() != (a.Starved > 0) {
			t.Errorf("%s: %+v", way.Name, *a)
		}
	}
}

// A reason quotes what there is, in the characters that its reader can see.
func TestReason(t *testing.T) {
	a := New(Ways()[2], program())
	a.Short = "web"
	for _, c := range []struct {
		p50, alone results.Cell
		starved    int
		want       string
	}{
		{results.Cell{}, results.Cell{}, 2, "2 of 3 connections get no reply"},
		{results.Cell{}, results.Cell{}, 0, "too few requests of web for a percentile"},
		{results.Int(5000), results.Cell{}, 0, "half of the requests of web take 5.00 us or more"},
		{results.Int(5000), results.Int(4900), 0, "take 5.00 us or more, no longer than alone (4.90 us)"},
		{results.Int(5000), results.Int(1000), 0, "take 5.00 us or more, 5.00 times as long as alone (1.00 us)"},
	} {
		a.P50, a.Alone, a.Starved = c.p50, c.alone, c.starved
		if got := a.Reason(words.Style{ASCII: true}); !strings.HasSuffix(got, c.want) || !strings.HasPrefix(got, "2 worker processes compute") {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if got := a.Fields(words.Style{}); len(got) != len(Columns) {
		t.Errorf("%d fields of %d columns", len(got), len(Columns))
	}
}
