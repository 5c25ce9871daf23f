package live

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
)

// TestJoin: whatever the server says, the states of a client's row never add up to
// more than its latency, none is negative, and nothing is cut that fits.
func TestJoin(t *testing.T) {
	check := func(run, wait, nogil, blocked, latency uint32) bool {
		s := trace.Sample{Start: 1000, End: 1000 + int64(latency)}
		r := serverRow{run: int64(run), waitGIL: int64(wait), nogil: int64(nogil), blocked: int64(blocked), switches: 3}
		join(&s, &r)
		sum := s.Run + s.WaitGIL + s.NoGIL + s.Blocked
		all := r.run + r.waitGIL + r.nogil + r.blocked
		return min(s.Run, s.WaitGIL, s.NoGIL, s.Blocked) >= 0 && sum == min(all, s.Latency()) && s.Switches == 3
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 10_000}); err != nil {
		t.Error(err)
	}
	// The time in send goes first: that is what may last beyond the reply.
	s := trace.Sample{End: 100}
	join(&s, &serverRow{run: 60, waitGIL: 30, blocked: 25})
	if s.Run != 60 || s.WaitGIL != 30 || s.Blocked != 10 {
		t.Errorf("run %d, wait_gil %d, blocked %d; want 60, 30, 10", s.Run, s.WaitGIL, s.Blocked)
	}
}

// TestClientGroups: every connection of the program has its meter, rows are joined
// to the server's by port and number, and failed requests count as failed.
func TestClientGroups(t *testing.T) {
	p := serverProgram(slowClient, fastClient)
	p.Warmup, p.Duration = 100, 1000
	rows := []ClientRows{
		{Group: "fast", Worker: 1, Port: 7, Rows: []ClientRow{
			{Intended: 50, Start: 50, End: 90},
			{Intended: 100, Start: 100, End: 200},
			{Intended: 200, Start: 200, End: 300, Err: "no"},
		}},
	}
	server := serverSamples{7: newServerRows(), 8: newServerRows()}
	for _, run := range []int64{10, 20} {
		server[7].add(&trace.Sample{Run: run, WaitGIL: 5, Counts: trace.Counts{Switches: 1}})
		server[8].add(&trace.Sample{Run: 1000})
	}
	groups, _ := clientGroups(p, rows, server)
	if len(groups) != 2 || groups[0].Name != "slow" || len(groups[0].Workers) != 1 || len(groups[1].Workers) != 2 || !groups[1].Client {
		t.Fatalf("the groups are %+v, want those of the program", groups)
	}
	m := groups[1].Workers[1]
	warm, total := m.Total(trace.Warmup), m.Total(trace.Measure)
	if warm.Iterations != 1 || warm.Run != 10 {
		t.Errorf("warm-up: %d requests, run %d; want 1, 10", warm.Iterations, warm.Run)
	}
	if total.Iterations != 1 || total.Failed != 1 || total.Run != 20 || total.WaitGIL != 5 || total.Switches != 1 || total.LatencySum != 100 {
		t.Errorf("window: %+v", total)
	}
	if n := groups[1].Workers[0].Total(trace.Measure).Iterations; n != 0 {
		t.Errorf("the connection without rows has %d requests", n)
	}
	groups, _ = clientGroups(p, rows, nil)
	if run := groups[1].Workers[1].Total(trace.Measure).Run; run != 0 {
		t.Errorf("without a server that shows its states, run is %d", run)
	}
}

// TestGeneratorLag holds the percentile against a sorted slice, and pins from when
// on a lag is told.
func TestGeneratorLag(t *testing.T) {
	web := webClient
	p := serverProgram(web)
	p.Warmup, p.Duration = 0, time.Hour
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 99, 100, 101, 1000} {
		var lags []int64
		rows := []ClientRows{{Group: "web"}, {Group: "web", Worker: 1}, {Group: "other", Rows: []ClientRow{{Lag: 1e9}}}}
		for i := range n {
			lag := random.Int64N(1e5)
			lags = append(lags, lag)
			rows[i%2].Rows = append(rows[i%2].Rows, ClientRow{Lag: lag, End: 1e6}, ClientRow{Lag: -1, End: 1e6})
		}
		slices.Sort(lags)
		want := lags[(99*n+99)/100-1]
		if got, latency, count := generatorLag(p, "web", rows); got != want || latency != 1e6 || count != int64(n) {
			t.Errorf("%d lags: p99 %d, latency %d, count %d; want %d, 1000000, %d", n, got, latency, count, want, n)
		}
	}
	for _, c := range []struct {
		lag, latency int64
		told         bool
	}{
		{190_000, 1_000_000, false}, // any host has that
		{250_000, 5_000_000, false},
		{250_001, 5_000_000, true},
		{1_000_000, 1e9, false},
		{1_000_001, 1e9, true},
	} {
		rows := []ClientRows{{Group: "web", Rows: []ClientRow{{Lag: c.lag, End: c.latency}}}}
		_, warnings := clientGroups(p, rows, nil)
		if got := len(warnings) == 1 && warnings[0].Code == "generator-lag"; got != c.told {
			t.Errorf("lag %d next to a latency of %d: warnings %v", c.lag, c.latency, warnings)
		}
	}
}

// TestClientWarnings pins what else the reader must know.
func TestClientWarnings(t *testing.T) {
	p := serverProgram(webClient, workloads.Client{Name: "calm", Count: 1})
	rows := []ClientRows{
		{Group: "web", Unsent: 3, LateNS: 2e6, Rows: make([]ClientRow, 5)},
		{Group: "web", Worker: 1, Unsent: 1, LateNS: 1e6, Rows: make([]ClientRow, 1)},
		{Group: "calm", Rows: make([]ClientRow, 1)},
	}
	for i := range rows {
		for j := range rows[i].Rows {
			rows[i].Rows[j].Lag = -1
		}
	}
	_, warnings := clientGroups(p, rows, nil)
	var got []string
	for _, w := range warnings {
		got = append(got, w.Code+": "+w.Message)
	}
	want := []string{
		"arrivals-unsent: clients.web: 4 of 10 arrivals still waited for their connection at the end and are in no figure",
		"late-start: clients.web started 2ms after time 0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
