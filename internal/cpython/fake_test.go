package cpython

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/internal/live"
	"github.com/fibsim/fibsim/internal/race"
)

// The test binary can play an interpreter, in the way that the first variable
// says, and a client process when the second is set.
const (
	fakeVariable   = "FIBSIM_TEST_FAKE_INTERPRETER"
	clientVariable = "FIBSIM_TEST_CLIENT"
)

func TestMain(m *testing.M) {
	if how := os.Getenv(fakeVariable); how != "" {
		fake(how)
		os.Exit(0)
	}
	if os.Getenv(clientVariable) != "" {
		if err := live.RunClient(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	race.QuickChildren()
	os.Exit(m.Run())
}

// fakes are the ways in which an interpreter may fail, by name.
var fakes = map[string]func(in *bufio.Reader){
	"crash": func(*bufio.Reader) {
		fmt.Fprintln(os.Stderr, "fatal: no encodings")
		os.Exit(3)
	},
	"leave":     func(*bufio.Reader) {},
	"greet":     func(*bufio.Reader) { fmt.Println("command not found") },
	"hang":      func(*bufio.Reader) { time.Sleep(time.Hour) },
	"garbage":   func(*bufio.Reader) { garbage("x\n") },
	"one-line":  func(*bufio.Reader) { garbage("x") },
	"half-json": func(*bufio.Reader) { fmt.Println(mark + `{"ready":`); time.Sleep(time.Hour) },
	"disorder":  func(*bufio.Reader) { fmt.Println(mark + `{"done":true}`); time.Sleep(time.Hour) },
	"old": func(*bufio.Reader) {
		say(`{"facts":{"implementation":"CPython","version":"2.6.9","major":2,"minor":6}}`)
	},
	"report": func(*bufio.Reader) { say(`{"error":"the moon is full"}`); time.Sleep(time.Hour) },
	"crash-midway": func(in *bufio.Reader) {
		begin(in)
		fmt.Fprintln(os.Stderr, "Segmentation fault")
		os.Exit(139)
	},
	"hang-midway": func(in *bufio.Reader) {
		begin(in)
		time.Sleep(time.Hour)
	},
	"short-result": func(in *bufio.Reader) {
		begin(in)
		say(`{"result":{"rows":[3],"zero":0}}`)
		os.Stdout.Write(make([]byte, 20))
	},
	"foreign-result": func(in *bufio.Reader) {
		begin(in)
		say(`{"result":{"rows":[1,1],"zero":0}}`)
		os.Stdout.Write(make([]byte, 64))
		say(`{"done":true}`)
		time.Sleep(time.Hour)
	},
	"huge-result": func(in *bufio.Reader) {
		begin(in)
		say(`{"result":{"rows":[9000000000000],"zero":0}}`)
		time.Sleep(time.Hour)
	},
	"nan-result": func(in *bufio.Reader) {
		begin(in)
		say(`{"result":{"rows":[1],"zero":0}}`)
		os.Stdout.Write([]byte("\xff\xff\xff\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x7f"))
		say(`{"done":true}`)
	},
	"bad-exit": func(in *bufio.Reader) {
		begin(in)
		say(`{"result":{"rows":[0],"zero":0}}`)
		say(`{"done":true}`)
		os.Exit(7)
	},
}

func fake(how string) {
	in := bufio.NewReader(os.Stdin)
	fakes[how](in)
}

func say(line string) { fmt.Println(mark + line) }

// begin reads what the driver reads and answers up to the start.
func begin(in *bufio.Reader) {
	line, _ := in.ReadString('\n')
	n, _ := strconv.Atoi(strings.TrimSpace(line))
	io.CopyN(io.Discard, in, int64(n))
	line, _ = in.ReadString('\n')
	if err := json.Unmarshal([]byte(line), &request{}); err != nil {
		os.Exit(2)
	}
	say(`{"ready":true,"now":1}`)
	in.ReadString('\n')
}

// garbage writes for ever.
func garbage(text string) {
	for {
		if _, err := os.Stdout.WriteString(text); err != nil {
			return
		}
	}
}

// fakeBackend returns a backend whose interpreter fails in that way, with patience
// for a moment if that is to hang as it starts.
func fakeBackend(t *testing.T, how string) *Backend {
	t.Helper()
	if fakes[how] == nil {
		t.Fatalf("no fake is named %s", how)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(fakeVariable, how)
	// Patience costs nothing where the fake does not use it up, and lets the test
	// pass on a busy host.
	l := limits{probe: time.Minute, start: time.Minute, slack: time.Minute, stop: time.Second, lead: time.Millisecond}
	if how == "hang" {
		l.probe, l.start = 100*time.Millisecond, 100*time.Millisecond
	}
	return &Backend{path: exe, name: "fake", limits: l}
}
