package results

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/scenarios"
)

const claimsScenario = `
version: 1
name: demo
duration: 1s
threads:
  - {name: crunch, body: [{fib: 20}]}
%s
expect:
%s
`

// claimsOf compiles checks the way the loader does.
func claimsOf(t *testing.T, variants string, lines ...string) []scenarios.Claim {
	t.Helper()
	s, err := scenarios.Parse("demo.yaml", fmt.Appendf(nil, claimsScenario, variants, "  - "+strings.Join(lines, "\n  - ")))
	if err != nil {
		t.Fatal(err)
	}
	return s.Claims
}

func verdicts(set *Set) string {
	var out []string
	for _, c := range set.Run.Claims {
		out = append(out, strings.TrimPrefix(c.Variant+"/"+c.Verdict, "/"))
	}
	return strings.Join(out, " ")
}

func TestClaims(t *testing.T) {
	for name, c := range map[string]struct {
		claim  string
		change func(*Config)
		want   string
		reason string
	}{
		"holds":         {"{claim: c, check: gil.crunch.latency_mean_ns == us(200)}", nil, "passed", ""},
		"does not hold": {"{claim: c, check: gil.crunch.latency_mean_ns > us(200)}", nil, "failed", "false"},
		"the median over repetitions counts": {
			"{claim: c, check: gil.crunch.latency_max_ns == us(200)}", nil, "passed", "",
		},
		"alone": {
			"{claim: c, check: gil.crunch.latency_mean_ns == 2 * gil.crunch.alone.latency_mean_ns}", nil, "passed", "",
		},
		"an empty cell fails": {
			"{claim: c, check: gil.crunch.latency_p99_ns > 0}", nil, "failed", "gil.crunch.latency_p99_ns",
		},
		"a backend that did not run": {
			"{claim: c, check: native.crunch.latency_mean_ns > 0}", nil, "skipped", "needs native",
		},
		"a need that the check does not name": {
			"{claim: c, check: gil.crunch.latency_mean_ns > 0, needs: [native]}", nil, "skipped", "needs native",
		},
		"too few CPUs": {
			"{claim: c, check: gil.crunch.latency_mean_ns > 0, needs: [cpus>=5]}", nil, "skipped", "needs cpus>=5, here it is 4",
		},
		"a quota counts as CPUs": {
			"{claim: c, check: gil.crunch.latency_mean_ns > 0, needs: [cpus>=2]}",
			func(c *Config) { c.Host.CPUQuota = 1.9 }, "skipped", "cpus>=2",
		},
		"no baseline": {
			"{claim: c, check: gil.crunch.alone.latency_mean_ns > 0}",
			func(c *Config) { c.Baseline = false }, "skipped", "--no-baseline",
		},
		"no interpreter": {
			"{claim: c, check: python.crunch.latency_mean_ns > 0}", nil, "skipped", "needs python",
		},
	} {
		config := testConfig()
		config.Claims = claimsOf(t, "", c.claim)
		if c.change != nil {
			c.change(&config)
		}
		set := judged(t, config, false)
		if got := verdicts(set); got != c.want || !strings.Contains(set.Run.Claims[0].Reason, c.reason) {
			t.Errorf("%s: got %s (%s), want %s (%s)", name, got, set.Run.Claims[0].Reason, c.want, c.reason)
		}
		if failed := set.FailedClaims(); (failed == 1) != (c.want == "failed") {
			t.Errorf("%s: %d claims count as failed", name, failed)
		}
	}
}

// judged runs crunch alone with 100 us, and three times with 300, 200 and 150.
func judged(t *testing.T, config Config, aborted bool) *Set {
	t.Helper()
	w := mustOpen(t, config)
	for _, variant := range config.Variants {
		for _, backend := range config.Backends {
			alone := aloneRun("crunch", 1)
			alone.Variant, alone.Backend = variant, backend
			mustAdd(t, w, alone, gilReport("crunch", meterOf(window, even(20, 100_000, 0)...)))
			for i, length := range []int64{300_000, 200_000, 150_000} {
				info := gilRun(i+1, i+2)
				info.Variant, info.Backend = variant, backend
				mustAdd(t, w, info, gilReport("crunch", meterOf(window, even(20, length, 0)...)))
			}
		}
	}
	return mustFinish(t, w, aborted)
}

func TestClaimsOfAnAbortedSessionAreSkipped(t *testing.T) {
	config := testConfig()
	config.Claims = claimsOf(t, "", "{claim: c, check: gil.crunch.latency_mean_ns < 0}")
	set := judged(t, config, true)
	if got := verdicts(set); got != "skipped" || set.FailedClaims() != 0 {
		t.Errorf("got %s", got)
	}
}

// A claim without a variant is decided in each; one that names variants once.
func TestClaimsInVariants(t *testing.T) {
	config := testConfig()
	config.Variants = []string{"one", "two"}
	config.Claims = claimsOf(t, "variants: [{name: one, set: {}}, {name: two, set: {threads.crunch.count: 2}}]",
		"{claim: each, check: gil.crunch.latency_mean_ns == us(200)}",
		"{claim: across, check: one.gil.crunch.latency_mean_ns < two.gil.crunch.latency_mean_ns}")
	if got := verdicts(judged(t, config, false)); got != "one/passed two/passed failed" {
		t.Errorf("got %s", got)
	}
}

// The name python stands for the first interpreter that was asked for.
func TestClaimOnPython(t *testing.T) {
	config := testConfig()
	config.Backends = []string{"gil", "pypy_3_10", "python_3_11"}
	config.Claims = claimsOf(t, "", "{claim: c, check: python.crunch.latency_mean_ns == us(200)}")
	w := mustOpen(t, config)
	for i, length := range []int64{200_000, 300_000} {
		info := gilRun(1, i+1)
		info.Backend = config.Backends[i+1]
		mustAdd(t, w, info, gilReport("crunch", meterOf(window, even(20, length, 0)...)))
	}
	if got := verdicts(mustFinish(t, w, false)); got != "passed" {
		t.Errorf("got %s", got)
	}
}

// The columns here and those that claims can name are the same.
func TestColumnsAgreeWithTheLoader(t *testing.T) {
	if got, want := strings.Join(header(SummaryColumns), ","), strings.Join(scenarios.SummaryColumns, ","); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if SummaryColumns[identity].Name != "workers" {
		t.Errorf("the figures begin with %s", SummaryColumns[identity].Name)
	}
}
