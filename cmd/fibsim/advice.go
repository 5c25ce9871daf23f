package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/term"
	"github.com/fibsim/fibsim/scenarios"
	"github.com/fibsim/fibsim/workloads"
)

// What a CPython 3.11.7 on Debian 12 needs: the proportional set size of a process
// with sockets, threads and the pool imported; what a forked worker, a thread that
// waits and an interpreter inside the process add.
const (
	baseBytes        = 14540 << 10
	workerBytes      = 2710 << 10
	threadBytes      = 16 << 10
	interpreterBytes = 4470 << 10
)

// connections returns how many there are at once.
func (one *advice) connections() int {
	n := 0
	for _, c := range one.program.Clients {
		n += c.Count
	}
	return n
}

// processes returns how many processes the server is made of.
func (one *advice) processes() int {
	if one.model.Pooled() || one.model == workloads.Prefork {
		return 1 + one.program.Server.Workers
	}
	return 1
}

// memory returns what they need; a missing Cell where that is not Python's to say.
func (one *advice) memory() results.Cell {
	if one.native {
		return results.Cell{}
	}
	s, bytes := one.program.Server, baseBytes
	threads := one.connections()
	switch one.model {
	case workloads.Sequential, workloads.Coroutines, workloads.CoroutinesProcesses:
		threads = 0
	case workloads.Prefork:
		threads = s.Workers * s.Threads
	case workloads.Interpreters:
		bytes += s.Workers * interpreterBytes
	}
	bytes += (one.processes()-1)*workerBytes + threads*threadBytes
	return results.Int(int64(bytes))
}

// reason says in one sentence why the figures are what they are.
func (one *advice) reason(s term.Style) string {
	why := one.why
	if strings.Contains(why, "%d") {
		why = fmt.Sprintf(why, one.program.Server.Workers)
	}
	p50, known := one.p50.Value()
	alone, compared := one.alone.Value()
	switch {
	case one.starved > 0:
		return fmt.Sprintf("%s: %d of %d connections get no reply", why, one.starved, one.connections())
	case !known:
		return fmt.Sprintf("%s: too few requests of %s for a percentile", why, one.short)
	case !compared || alone <= 0:
		return fmt.Sprintf("%s: half of the requests of %s take %s or more", why, one.short, s.Figure("response_p50_ns", one.p50))
	}
	than := "no longer than alone"
	if p50 > 1.1*alone {
		than = term.Digits(p50/alone) + " times as long as alone"
	}
	return fmt.Sprintf("%s: half of the requests of %s take %s or more, %s (%s)",
		why, one.short, s.Figure("response_p50_ns", one.p50), than, s.Figure("response_p50_ns", one.alone))
}

// rankAdvice puts the candidates in their order and numbers them. Those without a
// figure come last.
func rankAdvice(list []*advice) {
	key := func(one *advice) (p99, rate, memory float64) {
		p99, rate, memory = math.Inf(1), 0, 0
		if v, ok := one.p99.Value(); ok && v > 0 && one.starved == 0 {
			scale := math.Pow(10, math.Floor(math.Log10(v))-1)
			p99 = math.Round(v/scale) * scale
		}
		rate, _ = one.rate.Value()
		memory, _ = one.memory().Value()
		return p99, rate, memory
	}
	slices.SortStableFunc(list, func(a, b *advice) int {
		ap, ar, am := key(a)
		bp, br, bm := key(b)
		return cmp.Or(cmp.Compare(ap, bp), cmp.Compare(br, ar), cmp.Compare(am, bm))
	})
	for i, one := range list {
		one.rank = i + 1
	}
}

// adviceColumns are the columns of the table as CSV.
var adviceColumns = []results.Column{
	{Name: "rank", Type: "integer", Doc: "Place in the table, from 1."},
	{Name: "model", Type: "string", Doc: "How the server is built."},
	{Name: "throughput_per_s", Type: "number", Doc: "Replies a second to all clients."},
	{Name: "short_group", Type: "string", Doc: "The clients that ask for the least."},
	{Name: "short_response_p50_ns", Type: "integer", Doc: "Median of their response times."},
	{Name: "short_response_p99_ns", Type: "integer", Doc: "99th percentile of their response times."},
	{Name: "memory_bytes", Type: "integer", Doc: "What the server's processes need."},
	{Name: "processes", Type: "integer", Doc: "Processes of the server."},
	{Name: "reason", Type: "string", Doc: "Why the figures are what they are."},
}

// showAdvice writes the table to the screen and, where there is one, to a file.
func (a *app) showAdvice(o *adviseOptions, s *scenarios.Scenario, list []*advice, table *results.Table) error {
	out := a.stdout
	if o.csv == "-" {
		out = a.stderr
	}
	screen := term.Advice{Name: s.Name, Title: s.Title, Short: list[0].short, Style: a.style(out)}
	for _, one := range list {
		row := term.AdviceRow{
			Rank: one.rank, Model: one.name, Rate: one.rate, P99: one.p99, Memory: one.memory(),
			Processes: one.processes(), Reason: one.reason(screen.Style),
		}
		screen.Rows = append(screen.Rows, row)
		if table != nil {
			table.Row([]any{
				results.Int(int64(row.Rank)), row.Model, row.Rate, one.short, one.p50, row.P99, row.Memory,
				results.Int(int64(row.Processes)), row.Reason,
			})
		}
	}
	return written(screen.Write(out))
}
