package policy_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/internal/locktest"
	"github.com/fibsim/fibsim/gil/policy"
)

var rewrite = flag.Bool("rewrite", false, "write what the policies decide into testdata; read the difference before you keep it")

// TestScripts plays testdata/*.txt: each command is one input, and the indented
// lines below it are everything that the policy decides. Each file pins rules of
// a runtime, which its comments name.
//
//	policy cpython-3 switch_interval=5ms   a fresh lock; also policy handoff, of the tests
//	host                                   lets the driver's primitive choose who wakes
//	take A @1ms                            A wants the lock; times stay where they are unless given
//	woken A, timeout A                     the latest wait of A ends (woken A 3: its wait 3)
//	release A, asked A, exit A             A lets go for reasons of its own, on request, for good
//	check A, timer                         the end of a countdown; the policy's timer
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, string(want))
			if got == string(want) {
				return
			}
			if *rewrite {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			t.Errorf("%s: -rewrite writes it anew\n%s", file, firstDifference(got, string(want)))
		})
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d:\n got %s\nwant %s", i+1, g[i], w[i])
		}
	}
	return "one is longer"
}

// stage is the state of a script that is being played.
type stage struct {
	t     *testing.T
	lock  policy.Policy
	now   time.Duration
	waits map[policy.Thread]uint64
}

// play returns the script with the decisions that are made now.
func play(t *testing.T, script string) string {
	s := stage{t: t, waits: map[policy.Thread]uint64{}}
	var out strings.Builder
	for line := range strings.Lines(script) {
		if strings.HasPrefix(line, "\t") {
			continue
		}
		out.WriteString(line)
		if words := strings.Fields(line); len(words) > 0 && !strings.HasPrefix(line, "#") {
			for _, d := range s.command(words) {
				fmt.Fprintf(&out, "\t%s\n", s.describe(d))
			}
		}
	}
	return out.String()
}

var inputs = map[string]policy.Input{
	"take":    {Kind: policy.Take},
	"woken":   {Kind: policy.Woken},
	"timeout": {Kind: policy.TimedOut},
	"release": {Kind: policy.Release, Why: policy.Blocking},
	"asked":   {Kind: policy.Release, Why: policy.Asked},
	"check":   {Kind: policy.Check},
	"timer":   {Kind: policy.Timer, Thread: policy.Nobody},
	"exit":    {Kind: policy.Exit},
}

func (s *stage) command(words []string) []policy.Decision {
	switch words[0] {
	case "policy":
		s.open(words[1], words[2:])
		return nil
	case "host":
		s.lock = policy.WithHostOrder(s.lock)
		return nil
	}
	in, ok := inputs[words[0]]
	if !ok {
		s.t.Fatalf("no command %q", words[0])
	}
	wait := ""
	for _, w := range words[1:] {
		switch {
		case w[0] == '@':
			s.now = s.duration(w[1:])
		case w[0] >= 'A' && w[0] <= 'Z':
			in.Thread = policy.Thread(w[0] - 'A')
		default:
			wait = w
		}
	}
	in.Now = int64(s.now)
	in.Wait = s.waits[in.Thread]
	if wait != "" {
		n, err := strconv.ParseUint(wait, 10, 64)
		if err != nil {
			s.t.Fatal(err)
		}
		in.Wait = n
	}
	return s.lock.Step(in, nil)
}

func (s *stage) open(name string, params []string) {
	if name == "handoff" {
		s.lock = locktest.NewHandoff(int64(10*time.Millisecond), int64(100*time.Millisecond))
		return
	}
	given := map[string]any{}
	for _, p := range params {
		key, value, _ := strings.Cut(p, "=")
		switch policy.Lookup(name).Param(key).Kind {
		case policy.DurationParam:
			given[key] = s.duration(value)
		case policy.IntParam:
			given[key], _ = strconv.Atoi(value)
		default:
			given[key] = value
		}
	}
	lock, err := policy.New(name, given)
	if err != nil {
		s.t.Fatal(err)
	}
	s.lock, s.waits = lock, map[policy.Thread]uint64{}
}

func (s *stage) duration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

func (s *stage) describe(d policy.Decision) string {
	switch d.Kind {
	case policy.Grant:
		text := fmt.Sprintf("grant %s, after %s", letter(d.Thread), letter(d.Prev))
		if d.Barged {
			text += ", barged"
		}
		return text
	case policy.Park:
		s.waits[d.Thread] = d.Wait
		if d.Timeout == 0 {
			return fmt.Sprintf("park %s, wait %d", letter(d.Thread), d.Wait)
		}
		return fmt.Sprintf("park %s, wait %d, at most %v", letter(d.Thread), d.Wait, time.Duration(d.Timeout))
	case policy.Wake:
		return fmt.Sprintf("wake %s from wait %d", letter(d.Thread), d.Wait)
	case policy.Ask:
		return fmt.Sprintf("ask %s for %s", letter(d.Thread), letter(d.By))
	case policy.Shake:
		s.waits[d.Thread] = d.Wait
		return fmt.Sprintf("shake %s, wait %d", letter(d.Thread), d.Wait)
	case policy.ArmTimer:
		return fmt.Sprintf("timer in %v", time.Duration(d.Timeout))
	}
	s.t.Fatalf("no decision %d", d.Kind)
	return ""
}

func letter(t policy.Thread) string {
	switch t {
	case policy.Nobody:
		return "nobody"
	case policy.Anyone:
		return "anyone"
	}
	return string(rune('A' + t))
}
