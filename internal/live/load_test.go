package live

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/fibsim/fibsim/workloads"
)

// testLoad is a load of 60 ms.
func testLoad(address string) LoadConfig {
	return LoadConfig{Address: address, Request: 10, Connections: 1, Seed: 1, Duration: 60 * time.Millisecond}
}

// loaded returns what a load found, after looking at what is true of every one.
func loaded(t *testing.T, ctx context.Context, config LoadConfig) (*LoadReport, [][]ClientRow) {
	t.Helper()
	all := make([][]ClientRow, config.Connections)
	var good, failed, sum int64
	config.Rows = func(batch []LoadRow) {
		for _, row := range batch {
			if row.Seq != len(all[row.Connection]) {
				t.Errorf("connection %d: row %d comes as number %d", row.Connection, row.Seq, len(all[row.Connection]))
			}
			all[row.Connection] = append(all[row.Connection], row.ClientRow)
			if row.Err != "" {
				failed++
				continue
			}
			good++
			sum += row.End - row.Start
		}
	}
	r, err := Load(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	if good != r.Good || failed != r.Failed || sum != r.LatencySum {
		t.Errorf("the rows have %d good and %d failed requests of %d ns, the report %d, %d and %d", good, failed, sum, r.Good, r.Failed, r.LatencySum)
	}
	if r.Latency.Count() != r.Good || r.Response.Count() != r.Good || r.Inside > r.Good {
		t.Errorf("%d latencies and %d responses of %d requests, %d in time", r.Latency.Count(), r.Response.Count(), r.Good, r.Inside)
	}
	return r, all
}

// A load in a closed loop counts every request once, keeps it once, and tells of
// it once. All but the one in flight at the end of each connection end before it.
func TestLoad(t *testing.T) {
	var received, told atomic.Int64
	addr := fakeServer(t, func(c net.Conn, request string) bool {
		received.Add(1)
		return request == "10" && reply(c, "55\n")
	})
	config := testLoad(addr)
	config.Connections = 3
	config.Each = func(int64) { told.Add(1) }
	r, all := loaded(t, t.Context(), config)
	for _, rows := range all {
		checkRows(t, rows, int64(config.Duration))
	}
	if r.Good == 0 || r.Good != received.Load() || told.Load() != r.Good || r.Failed != 0 || r.Broken != 0 {
		t.Errorf("received %d, told %d: %+v", received.Load(), told.Load(), r)
	}
	if r.ElapsedNS != int64(config.Duration) || r.Good-r.Inside > 3 || r.Interrupted {
		t.Errorf("%d of %d requests in %d ns, interrupted %t", r.Inside, r.Good, r.ElapsedNS, r.Interrupted)
	}
	if _, known := r.LagNS(); known {
		t.Error("a closed loop has no lag")
	}
	if r, err := Load(t.Context(), config); err != nil || r.Good == 0 {
		t.Errorf("without rows: %v, %+v", err, r)
	}
}

// Rows come while the load goes on, and none is kept: it may go on for days.
func TestLoadRows(t *testing.T) {
	addr := fakeServer(t, func(c net.Conn, _ string) bool { return reply(c, "55\n") })
	config := testLoad(addr)
	config.Duration = 0
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	batches := 0
	config.Rows = func(batch []LoadRow) {
		if batches++; batches == 2 {
			cancel() // without rows on the way it would never end
		}
	}
	if r, err := Load(ctx, config); err != nil || !r.Interrupted || batches < 2 {
		t.Errorf("%v, %d batches, %+v", err, batches, r)
	}
}

// A load in an open loop has the arrivals of its seed, each of which is sent or
// counted as not sent.
func TestLoadOpenLoop(t *testing.T) {
	for _, work := range []time.Duration{0, 20 * time.Millisecond} {
		addr := fakeServer(t, func(c net.Conn, _ string) bool {
			time.Sleep(work)
			return reply(c, "55\n")
		})
		config := testLoad(addr)
		config.Connections, config.Rate, config.Arrivals = 2, 300, workloads.Uniform
		r, all := loaded(t, t.Context(), config)
		sent, planned := int64(0), 0
		for worker, rows := range all {
			checkRows(t, rows, int64(config.Duration))
			want := intendedTimes(config.client(), worker)
			planned += len(want)
			sent += int64(len(rows))
			for i, row := range rows {
				if row.Intended != want[i] {
					t.Errorf("connection %d, request %d: intended %d, want %d", worker, i, row.Intended, want[i])
				}
			}
		}
		if sent+r.Unsent != int64(planned) {
			t.Errorf("work of %v: %d sent and %d not, of %d", work, sent, r.Unsent, planned)
		}
		if work > 0 && (r.Unsent == 0 || len(r.Warnings()) == 0) {
			t.Errorf("a server that does not keep up: %d not sent, warnings %v", r.Unsent, r.Warnings())
		}
	}
}

// What a server does wrong is counted and told, and a connection that it ends ends
// the load when it was the last.
func TestLoadFailures(t *testing.T) {
	for name, c := range map[string]struct {
		serve            func(c net.Conn, n int64) bool
		good             int64
		problem, failure string
	}{
		"errors": {func(c net.Conn, n int64) bool {
			if n > 5 {
				return false
			}
			if n%2 == 0 {
				return reply(c, "55\n")
			}
			return reply(c, "error: too busy\n")
		}, 2, `the server answered "error: too busy"`, "connection 0: the server closed the connection at request 5"},
		"vanishes":      {func(c net.Conn, n int64) bool { return n <= 3 && reply(c, "55\n") }, 3, "the server closed the connection", "connection 0: the server closed the connection at request 3"},
		"another reply": {func(c net.Conn, n int64) bool { return n <= 1 && reply(c, "56\n") }, 0, `wrong reply "56\n", want 55`, "connection 0: the server closed the connection at request 1"},
	} {
		var n atomic.Int64
		config := testLoad(fakeServer(t, func(conn net.Conn, _ string) bool { return c.serve(conn, n.Add(1)) }))
		config.Duration = time.Minute
		r, _ := loaded(t, t.Context(), config)
		if r.Good != c.good || r.Problem != c.problem || r.Failure != c.failure || r.Broken != 1 {
			t.Errorf("%s: %+v", name, r)
		}
		if r.ElapsedNS >= int64(config.Duration) || r.Interrupted {
			t.Errorf("%s: lasted %d ns, interrupted %t", name, r.ElapsedNS, r.Interrupted)
		}
	}
}

// The end of its context ends a load, also one that waits for a reply that never
// comes; what was answered counts.
func TestLoadInterrupted(t *testing.T) {
	for _, rate := range []float64{0, 2000} {
		ctx, cancel := context.WithCancel(t.Context())
		var n atomic.Int64
		config := testLoad(fakeServer(t, func(c net.Conn, _ string) bool {
			if n.Add(1) == 6 {
				cancel()
				return true
			}
			return reply(c, "55\n")
		}))
		config.Duration, config.Rate = 0, rate
		r, _ := loaded(t, ctx, config)
		if r.Good != 5 || r.Failed != 0 || r.Broken != 0 || !r.Interrupted || r.ElapsedNS <= 0 {
			t.Errorf("rate %v: %+v", rate, r)
		}
	}
}

// A server that is not there is an error, before anything is sent.
func TestLoadRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	r, err := Load(t.Context(), testLoad(l.Addr().String()))
	if r != nil || !errors.Is(err, syscall.ECONNREFUSED) || !strings.Contains(err.Error(), l.Addr().String()) {
		t.Errorf("got %v, %v", r, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := Load(ctx, testLoad(l.Addr().String())); r != nil || err == nil {
		t.Errorf("with a context that has ended: %v, %v", r, err)
	}
}

// Every whole second of a load is told, also one whose end no request sees.
func TestLoadSeconds(t *testing.T) {
	config := testLoad(fakeServer(t, func(c net.Conn, _ string) bool { return reply(c, "55\n") }))
	config.Duration, config.Rate, config.Arrivals = time.Second, 3, workloads.Uniform
	var told []LoadSecond
	config.Second = func(s LoadSecond) { told = append(told, s) }
	r, _ := loaded(t, t.Context(), config)
	if len(told) != 1 || told[0].Good > r.Good || told[0].Failed != 0 {
		t.Errorf("told %+v of %d requests", told, r.Good)
	}
}
