package advise

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/words"
	"github.com/fibsim/fibsim/workloads"
)

// Advice is what was predicted of a server that is built in one way.
type Advice struct {
	Way
	Rank  int    // place among the ways, from 1; see Rank
	Short string // the group of clients that asks for the least

	Rate     results.Cell // replies per second to all clients
	P50, P99 results.Cell // of the response times of Short, in ns
	Alone    results.Cell // their P50 where one connection is by itself
	Starved  int          // connections that are never served

	program *workloads.Program
}

// New returns the advice on a way of which nothing is predicted yet. The program is
// that of a scenario whose server is built so; it has clients.
func New(w Way, p *workloads.Program) *Advice { return &Advice{Way: w, program: p} }

// Take reads the figures of a set, whose first backend made the prediction.
func (a *Advice) Take(set *results.Set, variant string) {
	backend := set.Backends[0]
	clients := slices.Clone(a.program.Clients)
	slices.SortStableFunc(clients, func(a, b workloads.Client) int { return a.Request - b.Request })
	a.Short, a.Starved = clients[0].Name, 0
	if a.Model == workloads.Sequential {
		a.Starved = a.Connections() - 1 // the first one stays
	}
	rate := 0.0
	for _, c := range clients {
		k := results.Key{Variant: variant, Backend: backend, Group: c.Name}
		got, _ := set.Median(k, "throughput_per_s").Value()
		rate += got
	}
	a.Rate = results.Float(rate)
	k := results.Key{Variant: variant, Backend: backend, Group: a.Short}
	a.P50, a.P99 = set.Median(k, "response_p50_ns"), set.Median(k, "response_p99_ns")
	k.Alone = true
	a.Alone = set.Median(k, "response_p50_ns")
}

// Told reports whether the figures say enough for a rank, or a longer window could not
// make them.
func (a *Advice) Told() bool {
	_, known := a.P99.Value()
	return known || a.Starved > 0
}

// What a CPython 3.11.7 on Debian 12 needs: the proportional set size of a process
// with sockets, threads and the pool imported; what a forked worker, a thread that
// waits and an interpreter inside the process add.
const (
	baseBytes        = 14540 << 10
	workerBytes      = 2710 << 10
	threadBytes      = 16 << 10
	interpreterBytes = 4470 << 10
)

// Connections returns how many there are at once.
func (a *Advice) Connections() int {
	n := 0
	for _, c := range a.program.Clients {
		n += c.Count
	}
	return n
}

// Processes returns how many processes the server is made of.
func (a *Advice) Processes() int {
	if a.Model.Pooled() || a.Model == workloads.Prefork {
		return 1 + a.program.Server.Workers
	}
	return 1
}

// Memory returns what they need, in bytes; a missing Cell where that is not Python's to
// say.
func (a *Advice) Memory() results.Cell {
	if a.Native {
		return results.Cell{}
	}
	s, bytes := a.program.Server, baseBytes
	threads := a.Connections()
	switch a.Model {
	case workloads.Sequential, workloads.Coroutines, workloads.CoroutinesProcesses:
		threads = 0
	case workloads.Prefork:
		threads = s.Workers * s.Threads
	case workloads.Interpreters:
		bytes += s.Workers * interpreterBytes
	}
	bytes += (a.Processes()-1)*workerBytes + threads*threadBytes
	return results.Int(int64(bytes))
}

// Reason says in one sentence why the figures are what they are.
func (a *Advice) Reason(s words.Style) string {
	why := a.why
	if strings.Contains(why, "%d") {
		why = fmt.Sprintf(why, a.program.Server.Workers)
	}
	p50, known := a.P50.Value()
	alone, compared := a.Alone.Value()
	switch {
	case a.Starved > 0:
		return fmt.Sprintf("%s: %d of %d connections get no reply", why, a.Starved, a.Connections())
	case !known:
		return fmt.Sprintf("%s: too few requests of %s for a percentile", why, a.Short)
	case !compared || alone <= 0:
		return fmt.Sprintf("%s: half of the requests of %s take %s or more", why, a.Short, s.Nanoseconds(p50))
	}
	than := "no longer than alone"
	if p50 > 1.1*alone {
		than = words.Digits(p50/alone) + " times as long as alone"
	}
	return fmt.Sprintf("%s: half of the requests of %s take %s or more, %s (%s)",
		why, a.Short, s.Nanoseconds(p50), than, s.Nanoseconds(alone))
}

// Rank puts the ways in their order and numbers them. Those without a figure come last.
func Rank(list []*Advice) {
	key := func(a *Advice) (p99, rate, memory float64) {
		p99, rate, memory = math.Inf(1), 0, 0
		if v, ok := a.P99.Value(); ok && v > 0 && a.Starved == 0 {
			scale := math.Pow(10, math.Floor(math.Log10(v))-1)
			p99 = math.Round(v/scale) * scale
		}
		rate, _ = a.Rate.Value()
		memory, _ = a.Memory().Value()
		return p99, rate, memory
	}
	slices.SortStableFunc(list, func(a, b *Advice) int {
		ap, ar, am := key(a)
		bp, br, bm := key(b)
		return cmp.Or(cmp.Compare(ap, bp), cmp.Compare(br, ar), cmp.Compare(am, bm))
	})
	for i, a := range list {
		a.Rank = i + 1
	}
}
