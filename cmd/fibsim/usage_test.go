package main

import (
	"strings"
	"testing"

	"github.com/fibsim/fibsim/internal/race"
)

// Mistakes on the command line end with status 2, nothing on standard output and
// one line that says what would be right.
func TestMistakesOnTheCommandLine(t *testing.T) {
	for line, want := range map[string]string{
		"rnu":                                            `unknown command "rnu"; did you mean run?`,
		"rnu mixed --gil":                                `unknown command "rnu"; did you mean run?`,
		"help rnu":                                       `unknown command "rnu"; did you mean run?`,
		"zzzzzzzz":                                       `unknown command "zzzzzzzz"; there are advise, article, calibrate, check, compare, completion, doctor, explain, load, man, playground, plot, policies, replicate, report, run, scenarios, schedulers, schema, serve, sweep, trace, validate, version`,
		"scenarios shwo mixed":                           `scenarios: unknown command "shwo"; did you mean show?`,
		"scenarios show mxied":                           `scenarios show: no built-in scenario is named "mxied"; did you mean mixed?`,
		"help scenarios shwo":                            `scenarios: unknown command "shwo"; did you mean show?`,
		"check mixed --ties random":                      `--ties needs --determinism: only predictions have ties to break`,
		"check mixed --determinism --ties odd":           `--ties: must be rule or random, got "odd"`,
		"check mixed --determinism --print":              `--print and --determinism: choose one`,
		"check mixed --set machine.cpu=3":                `--set machine.cpu=3: unknown key; did you mean cpus?`,
		"policies all":                                   `policies: unknown command "all"; there are check`,
		"policies check cpython3":                        `policies check: no policy is named "cpython3"; did you mean cpython-3?`,
		"policies check --threads 5":                     `--threads 5: must be from 2 to 4`,
		"policies check --states 0":                      `--states 0: must be 1 or more`,
		"completion":                                     `completion: name one shell: bash, fish, powershell, zsh`,
		"completion zhs":                                 `completion: no shell is named "zhs"; did you mean zsh?`,
		"run a b":                                        `run: takes one scenario, got a b`,
		"run mixed --python /py":                         `run: takes one scenario, got mixed /py; a path follows --python with =, as in --python=/py`,
		"run mixed --natvie":                             `unknown flag --natvie; did you mean --native?`,
		"run mixed --frobnicate":                         "unknown flag --frobnicate; `fibsim run --help` lists those there are",
		"run mixed -x":                                   "unknown flag -x; `fibsim run --help` lists those there are",
		"run mixed --seed":                               `--seed: needs a value, as in --seed N`,
		"run mixed --json=maybe":                         `--json: must be true, false or without a value, got "maybe"`,
		"run mxied":                                      `scenario mxied: no file and no built-in scenario has that name; did you mean mixed?`,
		"explain mixed --python":                         `--python: a real interpreter does not tell what its lock does; use --gil, --native or --sim`,
		"explain mixed --gil --native":                   `explain: choose one backend: --gil, --native, --sim=gil or --sim=native`,
		"explain mixed --sim=gil,native":                 `explain: choose one backend: --gil, --native, --sim=gil or --sim=native`,
		"explain mixed --slowest 0":                      `--slowest 0: must be 1 or more`,
		"explain mixed --group quikc":                    `--group: no group is named "quikc"; did you mean quick?`,
		"explain mixed --group x":                        `--group: no group is named "x"; there are crunch, quick`,
		"explain mixed --variant x":                      `--variant x: the scenario has no variants`,
		"explain switch-interval":                        `--variant: choose one of fast, normal, slow`,
		"explain mixed --iteration quick":                `--iteration quick: must be group, worker and number, such as quick-0:12`,
		"explain mixed --iteration quick-2:0":            `--iteration: quick has 2 workers, counted from 0`,
		"explain mixed --iteration crunch-0:0 --group x": `--iteration names one; it goes without --group and --slowest`,
		"run mixed --sim=gli":                            `--sim: must be gil, native or both, as in --sim=gil,native, got "gli"`,
		"run mixed --sim=":                               `--sim: must be gil, native or both, as in --sim=gil,native, got ""`,
		"run mixed --sim gil":                            `run: takes one scenario, got mixed gil; the names follow --sim with =, as in --sim=gil`,
		"run mixed --ties=none":                          `--ties: must be rule or random, got "none"`,
		"run mixed --ties=random":                        `--ties needs --sim: only predictions have ties to break`,
		"playground here":                                `playground: takes no arguments, got "here"`,
		"playground -o":                                  `--output: needs a value, as in --output DIR`,
		"playground --force":                             `--force needs -o DIR`,
		"playground -o x --addr 127.0.0.1:1":             `--addr needs --serve where -o DIR is given`,
		"playground --addr 0.0.0.0:0":                    `--addr: must be an address of this host alone, such as 127.0.0.1:8080; for others, -o DIR writes files that any web server serves, got "0.0.0.0:0"`,
		"playground --addr 8080":                         `--addr: must be HOST:PORT, such as 127.0.0.1:8080, got "8080"`,
		"calibrate here":                                 `calibrate: takes no arguments, got "here"`,
		"replicate ecoh-hogs":                            `replicate: no measurement is named "ecoh-hogs"; did you mean echo-hogs?`,
		"replicate --all perf1":                          `--all takes no names, got perf1`,
		"replicate --measured":                           `replicate: name a measurement, or give --all; there are perf1, perf2, echo-hogs, countdown-threads, countdown-2010`,
		"replicate perf1 --json --csv -":                 `--json and --csv - both want standard output; give the CSV a file name`,
		"replicate perf1 --json --markdown":              `--json and --markdown both want standard output; leave one out`,
		"article --python":                               "--python needs --measured: an interpreter is no prediction",
		"load here":                                      `load: takes no arguments, got "here"`,
		"load --addr 25000":                              `--addr: must be HOST:PORT, such as 127.0.0.1:25000, got "25000"`,
		"load --addr host:":                              `--addr: must be HOST:PORT, such as 127.0.0.1:25000, got "host:"`,
		"load --request 46":                              `--request: must be from 0 to 45, got 46`,
		"load --request=-1":                              `--request: must be from 0 to 45, got -1`,
		"load --conns 0":                                 `--conns: must be from 1 to 1000, got 0`,
		"load --rate 0":                                  `--rate: must be more than 0 and at most 1000000 requests per second, got "0"`,
		"load --rate x/s":                                `--rate: must be more than 0 and at most 1000000 requests per second, got "x/s"`,
		"load --arrivals uniform":                        `--arrivals needs --rate: a closed loop has no arrivals`,
		"load --rate 1 --arrivals x":                     `--arrivals: must be poisson or uniform, got "x"`,
		"load --duration=-1s":                            `--duration: must not be negative, got -1s`,
		"load --json --each":                             `--json prints no lines of requests; leave out --each, or --json`,
		"load --json --csv -":                            `--json and --csv - both want standard output; give the CSV a file name`,
		"run mixed --show-values":                        `--show-values: no task of mixed counts; give one {count: 10}`,
		"run mixed --trace x":                            `--trace x: the name must end in .pftrace, .json or .json.gz`,
		"run mixed --trace-window 4ms":                   `--trace-window needs --trace FILE`,
		"run mixed --trace-max-events 4":                 `--trace-max-events needs --trace FILE`,
		"run mixed --trace x.json --trace-max-events 0":  `--trace-max-events: must be 1 or more, got 0`,
		"run mixed --set count":                          `--set count: must be path=value, such as threads.crunch.count=2`,
		"run mixed --set threads.a.b=2":                  `--set threads.a.b=2: no group is named a; there are crunch and quick`,
		"run mixed --lock cpyhton-3":                     `--lock cpyhton-3: must be cpython-2, cpython-3 or none, got "cpyhton-3"; did you mean cpython-3?`,
		"run mixed --seed x":                             `--seed x: must be a whole number, got "x"`,
		"run mixed --states":                             `--states needs -o DIR, where states.csv and events.csv go`,
		"report":                                         `report: name a directory that run -o has written`,
		"report before after":                            `report: several directories make one page; name its file with -o FILE`,
		"run mixed --report x.html":                      `--report needs -o DIR, as the page is made of its files`,
		"run mixed -o x --report -":                      `--report: needs the name of a file`,
		"run mixed --force":                              `--force needs -o DIR`,
		"run mixed --keep-baseline":                      `--keep-baseline needs -o DIR or --csv FILE`,
		"run mixed --window 40ms":                        `--window needs --timeline`,
		"run mixed --timeline --window 40":               `--window 40: the length needs a unit: ns, us, ms or s, got 40`,
		"run mixed --timeline --window 40ms@":            `--window 40ms@: the beginning must be a number with ns, us, ms or s, got ""`,
		"run mixed --timeline --window 10ns@1s":          `--window 10ns@1s: the length must be at least 1us`,
		"run mixed --timeline --json":                    `--timeline is text, and --json prints data alone; leave out one of them`,
		"run mixed --timeline --quiet":                   `--timeline and --quiet contradict each other`,
		"run mixed --json --csv -":                       `--json and --csv - both want standard output; give the CSV a file name`,
		"run mixed --no-baseline -o x --keep-baseline":   `--keep-baseline and --no-baseline contradict each other`,
	} {
		got := fibsim(strings.Fields(line)...)
		if got.status != 2 || got.stdout != "" || got.stderr != "fibsim: "+want+"\n" {
			t.Errorf("%s: status %d, stdout %q, stderr %s", line, got.status, got.stdout, got.stderr)
		}
	}
}

// Empty values come from scripts whose variable is not set, missing files from
// slips of the pen.
func TestNothingThere(t *testing.T) {
	for flag, want := range map[string]string{
		"--output=": "-o: needs the name of a directory",
		"--csv=":    "--csv: needs the name of a file, or - for standard output",
	} {
		if got := fibsim("run", "mixed", flag); got.status != 2 || got.stderr != "fibsim: "+want+"\n" {
			t.Errorf("%s: status %d, %s", flag, got.status, got.stderr)
		}
	}
	if got := fibsim("run", "mixed", "--seed="); got.status != 2 || !strings.Contains(got.stderr, "--seed") {
		t.Errorf("--seed=: status %d, %s", got.status, got.stderr)
	}
	// The system words why a file cannot be read.
	if got := fibsim("run", "missing.yaml"); got.status != 2 || !strings.HasPrefix(got.stderr, "fibsim: scenario missing.yaml: ") {
		t.Errorf("a missing file: status %d, %s", got.status, got.stderr)
	}
	if got := fibsim("run", ""); got.status != 2 || !strings.HasPrefix(got.stderr, "fibsim: scenario ") {
		t.Errorf("an empty name: status %d, %s", got.status, got.stderr)
	}
}

// Which backends run is what the flags say, exactly.
func TestChosenBackends(t *testing.T) {
	for line, want := range map[string]chosen{
		"":                          {gil: true, native: true},
		"--gil":                     {gil: true},
		"--native":                  {native: true},
		"--python":                  {python: []string{""}},
		"--python=a --python --gil": {gil: true, python: []string{"a", ""}},
		"--all":                     {gil: true, native: true, simGIL: true, simNative: true, optional: true},
		"--all --gil":               {gil: true, native: true, simGIL: true, simNative: true, optional: true},
		"--all --python=a":          {gil: true, native: true, simGIL: true, simNative: true, python: []string{"a"}},
		"--all --sim=gil":           {gil: true, native: true, simGIL: true, simNative: true, optional: true},
		"--sim":                     {simGIL: true, simNative: true},
		"--sim=native":              {simNative: true},
		"--gil --sim=gil":           {gil: true, simGIL: true},
	} {
		got := parse(t, append([]string{"mixed"}, strings.Fields(line)...)...).chosen
		if got.gil != want.gil || got.native != want.native || got.optional != want.optional ||
			got.simGIL != want.simGIL || got.simNative != want.simNative ||
			strings.Join(got.python, ",") != strings.Join(want.python, ",") || len(got.python) != len(want.python) {
			t.Errorf("%q: got %+v, want %+v", line, got, want)
		}
	}
}

// The texts that a user meets first.
func TestHelp(t *testing.T) {
	for name, line := range map[string]string{
		"help.txt":           "",
		"help-run.txt":       "run --help",
		"scenarios.txt":      "scenarios",
		"policies.txt":       "policies",
		"schedulers.txt":     "schedulers",
		"help-calibrate.txt": "calibrate --help",
	} {
		got := fibsim(strings.Fields(line)...)
		if got.status != 0 || got.stderr != "" {
			t.Errorf("%s: status %d, stderr %s", line, got.status, got.stderr)
		}
		golden(t, name, got.stdout)
	}
	if a, b := fibsim("help", "run"), fibsim("run", "-h"); a != b || a.status != 0 {
		t.Errorf("help run and run -h differ: %+v, %+v", a, b)
	}
	for _, line := range []string{"", "run", "check", "scenarios", "doctor", "policies check", "explain", "load", "compare", "plot", "sweep", "report"} {
		got := fibsim(append([]string{"help"}, strings.Fields(line)...)...).stdout
		for l := range strings.Lines(got) {
			if len(l) > 100 {
				t.Errorf("help %s: 100 columns or more: %s", line, l)
			}
		}
	}
}

// What `fibsim policies check` finds out about all locks.
func TestPoliciesCheck(t *testing.T) {
	t.Parallel()
	race.SkipComputing(t)
	got := fibsim("policies", "check")
	if got.status != 0 || got.stderr != "" {
		t.Errorf("status %d, stderr %s", got.status, got.stderr)
	}
	golden(t, "locks.txt", got.stdout)
}

func TestCompletion(t *testing.T) {
	for line, want := range map[string]string{
		"run mi":             "mixed\tOne thread crunches, short work waits\n",
		"run testdata/ti":    "testdata/tiny.yaml\n",
		"run mixed --lock c": "cpython-2\ncpython-3\nnone\n",
		"scenarios show mi":  "mixed\tOne thread crunches, short work waits\n",
		"completion z":       "zsh\n",
		"run mixed x":        "",
	} {
		got := fibsim(append([]string{"__complete"}, strings.Fields(line)...)...)
		if text, _, _ := strings.Cut(got.stdout, ":"); text != want {
			t.Errorf("%s: got %q, want %q", line, text, want)
		}
	}
	for _, shell := range shells {
		if got := fibsim("completion", shell); got.status != 0 || !strings.Contains(got.stdout, "fibsim") {
			t.Errorf("%s: status %d, %d bytes", shell, got.status, len(got.stdout))
		}
	}
}
