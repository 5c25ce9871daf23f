package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/internal/live"
)

// answering is a server of the protocol on a port of its own, which ends a
// connection where answer says so.
func answering(t *testing.T, answer func(request string) (reply string, on bool)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				b := make([]byte, 100)
				for on := true; on; {
					n, err := c.Read(b)
					if err != nil {
						return
					}
					var reply string
					reply, on = answer(string(b[:n]))
					if _, err := io.WriteString(c, reply); err != nil {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

// fibs answers the requests that tests make.
func fibs(request string) (string, bool) {
	return map[string]string{"1": "1\n", "2": "1\n", "25": "75025\n", "30": "832040\n"}[request], true
}

// pretended executes a load that asks nobody: its report is given, and so is what
// came back while it went on.
func pretended(report *live.LoadReport, args ...string) output {
	var stdout, stderr strings.Builder
	a := &app{args: append([]string{"load"}, args...), stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr}
	a.loadOn = func(_ context.Context, c live.LoadConfig) (*live.LoadReport, error) {
		if c.Each != nil {
			c.Each(42_034_000)
			c.Each(1_500_000_000)
		}
		c.Second(live.LoadSecond{Good: 24})
		c.Second(live.LoadSecond{Good: 7, Failed: 3})
		return report, nil
	}
	return output{a.run(context.Background()), stdout.String(), stderr.String()}
}

// someLoad is the report of n good requests in ten seconds.
func someLoad(n int64) *live.LoadReport {
	r := &live.LoadReport{ElapsedNS: 10e9, Good: n, Inside: n}
	for i := range n {
		latency := 1_000_000 + 1000*i
		r.Latency.Add(latency)
		r.Response.Add(2 * latency)
		r.LatencySum += latency
	}
	return r
}

// What a load prints: the lines of the article's clients, and the figures.
func TestLoadText(t *testing.T) {
	var b strings.Builder
	lagging := someLoad(2000)
	for range 100 {
		lagging.Lag.Add(5_000_000)
	}
	lagging.Unsent = 40
	failing := someLoad(20)
	failing.Failed, failing.Problem = 3, `the server answered "error: too busy"`
	for _, c := range []struct {
		line   string
		report *live.LoadReport
	}{
		{"", someLoad(2000)},
		{"--request 1", someLoad(2000)},
		{"--request 1 --each --conns 2 --addr localhost:8000", failing},
		{"--each=false --duration 10s", &live.LoadReport{ElapsedNS: 10e9, Failed: 5, Problem: "no reply"}},
		{"--rate 20/s --arrivals uniform --conns 3", lagging},
		{"--json --rate 2.5", someLoad(100)},
	} {
		got := pretended(c.report, strings.Fields(c.line)...)
		want := 0
		if c.report.Good == 0 {
			want = 4
		}
		if got.status != want {
			t.Errorf("load %s: status %d, want %d", c.line, got.status, want)
		}
		b.WriteString("$ fibsim load " + c.line + "\n" + got.stdout + got.stderr + "\n")
	}
	golden(t, "load.txt", b.String())
}

var (
	secondsLine = regexp.MustCompile(`^\d+\.\d{6}$`)
	rateLine    = regexp.MustCompile(`^\d+ reqs/sec$`)
	figuresLine = regexp.MustCompile(`^ *(\d+)  +[\d.]+ `)
)

// counted returns how many lines of requests and of seconds a text has, and how many
// requests its table counts.
func counted(t *testing.T, text string) (requests, seconds, total int) {
	t.Helper()
	table := false
	for l := range strings.Lines(text) {
		l = strings.TrimSuffix(l, "\n")
		switch {
		case secondsLine.MatchString(l):
			requests++
		case rateLine.MatchString(l):
			seconds++
		case strings.HasPrefix(strings.TrimSpace(l), "requests "):
			table = true
		case table && figuresLine.MatchString(l):
			total, _ = strconv.Atoi(figuresLine.FindStringSubmatch(l)[1])
		}
	}
	if !table {
		t.Errorf("there is no table in\n%s", text)
	}
	return requests, seconds, total
}

// A load of a server that speaks the protocol, and the files it writes.
func TestLoadAgainstServer(t *testing.T) {
	addr := answering(t, fibs)
	got := fibsim("load", "--addr", addr, "--duration", "30ms")
	requests, seconds, total := counted(t, got.stdout)
	if got.status != 0 || requests == 0 || requests != total || seconds != 0 {
		t.Errorf("%d lines of requests, %d of seconds, %d in all: %+v", requests, seconds, total, got)
	}
	path := filepath.Join(t.TempDir(), "requests.csv")
	got = fibsim("load", "--addr", addr, "--request", "1", "--conns", "2", "--rate", "500", "--duration", "50ms", "--csv", path, "--json")
	var figures struct {
		Good    int64
		Failed  int64
		Aborted bool
		Rate    float64 `json:"rate_per_s"`
		Lag     *int64  `json:"generator_lag_p99_ns"`
	}
	if err := json.Unmarshal([]byte(got.stdout), &figures); err != nil || got.status != 0 {
		t.Fatalf("%v: %+v", err, got)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(rows)-1) != figures.Good || figures.Good == 0 || figures.Failed != 0 || figures.Aborted || figures.Rate != 500 || figures.Lag == nil {
		t.Errorf("%d rows for %+v", len(rows)-1, figures)
	}
	for i, row := range rows {
		if i > 0 && (len(row) != len(loadColumns) || row[8] != "true") {
			t.Errorf("row %d: %v", i, row)
		}
	}
	// With the CSV on standard output, all that is for people goes elsewhere.
	got = fibsim("load", "--addr", addr, "--request", "2", "--duration", "10ms", "--csv", "-")
	_, _, total = counted(t, got.stderr)
	if lines := strings.Count(got.stdout, "\n"); got.status != 0 || lines != total+1 || !strings.HasPrefix(got.stdout, "worker,seq,") {
		t.Errorf("%d lines for %d requests: %+v", lines, total, got)
	}
}

// What goes wrong with a server: nobody there, errors, and one that leaves.
func TestLoadFailures(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	gone := l.Addr().String()
	got := fibsim("load", "--addr", gone, "--duration", "1s")
	want := "fibsim: load: nothing listens on " + gone + "; start a server there (fibsim serve), or name its address with --addr: "
	if got.status != 4 || got.stdout != "" || !strings.HasPrefix(got.stderr, want) {
		t.Errorf("nobody listens: %+v", got)
	}
	busy := answering(t, func(string) (string, bool) { return "error: too busy\n", true })
	got = fibsim("load", "--addr", busy, "--duration", "10ms")
	told := strings.Join(strings.Fields(got.stderr), " ") // on lines of their own length
	if got.status != 4 || !strings.Contains(told, `requests failed; the first: the server answered "error: too busy"`) ||
		!strings.Contains(told, " had no right reply from "+busy+"; see that it is a server ") {
		t.Errorf("errors: %+v", got)
	}
	odd := 0
	moody := answering(t, func(string) (string, bool) {
		if odd++; odd%2 > 0 {
			return "error: too busy\n", true
		}
		return "832040\n", true
	})
	if got := fibsim("load", "--addr", moody, "--duration", "50ms"); got.status != 0 || !strings.Contains(got.stderr, "requests failed") {
		t.Errorf("some errors: %+v", got)
	}
	left := 5
	leaving := answering(t, func(string) (string, bool) { left--; return "832040\n", left > 0 })
	got = fibsim("load", "--addr", leaving, "--duration", "1m")
	requests, _, total := counted(t, got.stdout)
	// Whether the sixth request meets a closed connection or is on its way then is a race.
	if got.status != 4 || requests != 5 || total != 5 || !strings.Contains(got.stderr, "fibsim: load: connection 0: the server ") ||
		!strings.Contains(got.stderr, " the connection at request 5\n") {
		t.Errorf("a server that leaves: %+v", got)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, notes strings.Builder
	if status := run(ctx, []string{"load", "--addr", busy}, strings.NewReader(""), &out, &notes); status != 130 {
		t.Errorf("interrupted before it begins: status %d, %s", status, &notes)
	}
}

// Who no longer reads ends the load, without an error where that is a reader that
// has seen enough; a full disk is one.
func TestLoadUnread(t *testing.T) {
	addr := answering(t, fibs)
	var stderr strings.Builder
	a := &app{args: []string{"load", "--addr", addr}, stdin: strings.NewReader(""), stdout: failing{errors.New("disk full")}, stderr: &stderr, loadOn: live.Load}
	if status := a.run(t.Context()); status != 4 || !strings.Contains(stderr.String(), "disk full") {
		t.Errorf("status %d, %s", status, &stderr)
	}
}

// articleServer is the article's threaded server, which tells its port.
const articleServer = `
import sys
from socket import *
from threading import Thread

def fib(n):
    if n <= 2:
        return 1
    return fib(n-1) + fib(n-2)

def fib_server(address):
    sock = socket(AF_INET, SOCK_STREAM)
    sock.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    sock.bind(address)
    sock.listen(5)
    print(sock.getsockname()[1])
    sys.stdout.flush()
    while True:
        client, addr = sock.accept()
        Thread(target=fib_handler, args=(client,), daemon=True).start()

def fib_handler(client):
    while True:
        req = client.recv(100)
        if not req:
            break
        n = int(req)
        result = fib(n)
        resp = str(result).encode('ascii') + b'\n'
        client.send(resp)

fib_server(('127.0.0.1', 0))
`

// The article's own server is loaded as any other.
func TestLoadAgainstPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 on PATH, and the test is about its server")
	}
	server := exec.Command(python, "-c", articleServer)
	stdout, err := server.StdoutPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { server.Process.Kill(); _ = server.Wait() }() // it was killed
	port, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the server names no port: %v", err)
	}
	addr := "127.0.0.1:" + strings.TrimSpace(port)
	got := fibsim("load", "--addr", addr, "--request", "25", "--duration", "50ms")
	requests, _, total := counted(t, got.stdout)
	if got.status != 0 || got.stderr != "" || requests == 0 || requests != total {
		t.Errorf("%d lines, %d requests: %+v", requests, total, got)
	}
	got = fibsim("load", "--addr", addr, "--request", "1", "--conns", "2", "--duration", "1050ms")
	requests, seconds, total := counted(t, got.stdout)
	if got.status != 0 || got.stderr != "" || requests != 0 || seconds != 1 || total == 0 {
		t.Errorf("%d lines of requests, %d of seconds, %d in all: %+v", requests, seconds, total, got)
	}
}

// The page describes every column in the same words.
func TestPageDescribesEveryColumnOfLoad(t *testing.T) {
	page := string(read(t, filepath.Join(root, "docs", "load.md")))
	for _, c := range loadColumns {
		if row := "| `" + c.Name + "` | " + c.Doc + " |\n"; !strings.Contains(page, row) {
			t.Errorf("docs/load.md lacks %s", row)
		}
	}
}
