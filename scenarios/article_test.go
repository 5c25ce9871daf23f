package scenarios

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The chapters of the article load, are called like their files, are numbered
// without doubles, and say what they ask.
func TestArticle(t *testing.T) {
	numbers := map[string]bool{}
	for i, s := range Article() {
		name := Chapters()[i]
		number, _, _ := strings.Cut(s.Name, "-")
		if name != "article/"+s.Name || !regexp.MustCompile(`^[0-9]{2}$`).MatchString(number) || numbers[number] {
			t.Errorf("%s holds scenario %s", name, s.Name)
		}
		numbers[number] = true
		if s.Title == "" || s.Question == "" || len(s.Claims) == 0 {
			t.Errorf("%s: needs a title, a question and claims", name)
		}
		source, _ := Source(name)
		if !strings.HasPrefix(string(source), "# yaml-language-server: $schema=../scenario.schema.json\n") {
			t.Errorf("%s: does not begin with the line that tells editors the schema", name)
		}
		if found, err := Find(name); err != nil || found.Name != s.Name {
			t.Errorf("%s is not found by its name: %v", name, err)
		}
		roundTrip(t, s)
	}
	if len(numbers) == 0 {
		t.Error("there are no chapters")
	}
}

// The scenarios of published measurements load, are called like their files, and claim
// something of predictions alone.
func TestPublished(t *testing.T) {
	names := Measurements()
	for i, s := range Published() {
		if names[i] != "published/"+s.Name || s.Title == "" || s.Question == "" || s.About == "" || len(s.Claims) == 0 {
			t.Errorf("%s holds scenario %s; it needs a title, a question, claims, and in about whose measurement it is", names[i], s.Name)
		}
		source, _ := Source(names[i])
		if !strings.HasPrefix(string(source), "# yaml-language-server: $schema=../scenario.schema.json\n") {
			t.Errorf("%s: does not begin with the line that tells editors the schema", names[i])
		}
		for _, c := range s.Claims {
			for _, r := range c.Refs() {
				if r.Backend != "sim_gil" {
					t.Errorf("%s: %s: the machine is another than this one; %s is of %s", s.Name, c.Text, r, r.Backend)
				}
			}
		}
		roundTrip(t, s)
	}
	if len(names) == 0 {
		t.Error("there are none")
	}
}

// Every claim that comes with the program can hold and can fail: for each there are
// figures that decide it one way and the other.
func TestClaimsCanFail(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, s := range slices.Concat(List(), Article(), Published()) {
		for _, c := range s.Claims {
			seen := map[Status]bool{}
			for i := 0; i < 20_000 && !(seen[Passed] && seen[Failed]); i++ {
				// Figures of one size now and then, so that a claim about nearness
				// can hold, of all sizes otherwise.
				center, spread := 15*random.Float64(), []float64{0.1, 1, 5}[random.IntN(3)]
				seen[c.Eval(c.Variants()[0], func(r Ref) (float64, bool) {
					if r.Yields != "" {
						return float64(random.IntN(2 + strings.Count(r.Yields, " "))), true
					}
					if random.IntN(8) == 0 {
						return 0, true
					}
					return math.Pow(10, center+spread*(2*random.Float64()-1)), true
				}).Status] = true
			}
			if !seen[Passed] || !seen[Failed] {
				t.Errorf("%s: %s: %s: came out as %v alone", s.Name, c.Text, c.Check, seen)
			}
		}
	}
}

// Claims about what is measured become claims about what is predicted.
func TestPredict(t *testing.T) {
	s, err := Parse("x.yaml", []byte(`version: 1
name: x
machine: {cpus: 2}
threads: [{name: a, body: [{fib: 1}]}]
expect:
  - {claim: c, check: gil.a.latency_mean_ns < 2 * native.a.alone.latency_mean_ns + sim_gil.a.delay_p50_ns, needs: [cpus>=2]}
  - {claim: d, check: python.a.latency_mean_ns > 1, needs: [cpus>=3]}
  - {claim: e, check: gil.a.peak_memory_bytes > 1}
`))
	if err != nil {
		t.Fatal(err)
	}
	s.Predict()
	c := &s.Claims[0]
	if c.Check != "sim_gil.a.latency_mean_ns < 2 * sim_native.a.alone.latency_mean_ns + sim_gil.a.delay_p50_ns" {
		t.Errorf("check: %s", c.Check)
	}
	var needs []string
	for _, n := range slices.Concat(c.Needs, s.Claims[1].Needs, s.Claims[2].Needs) {
		needs = append(needs, n.String())
	}
	if got := strings.Join(needs, " "); got != "sim_gil sim_native cpus>=3 python gil" {
		t.Errorf("needs: %s", got)
	}
	var asked []string
	c.Eval("", func(r Ref) (float64, bool) { asked = append(asked, r.String()); return 1, true })
	if got := fmt.Sprint(asked); got != "[sim_gil.a.latency_mean_ns sim_native.a.alone.latency_mean_ns sim_gil.a.delay_p50_ns]" {
		t.Errorf("asked for %s", got)
	}
}
