package compare

import (
	"encoding/csv"
	"math"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// near reports whether two numbers agree in their first digits.
func near(a, b, relative float64) bool {
	return math.Abs(a-b) <= relative*max(math.Abs(a), math.Abs(b))
}

// Examples that others have published, with what they say of them.
func TestPublishedExamples(t *testing.T) {
	for _, example := range []struct {
		source           string
		a, b             []float64
		p                float64
		shift, low, high float64
	}{
		{"SciPy's manual of mannwhitneyu: age at diagnosis of diabetes",
			[]float64{20, 11, 17, 12}, []float64{19, 22, 16, 29, 24}, 0.1111111111111111, 0, 0, 0},
		// The data are of Hollander and Wolfe (1973), 69f; the p there is one-sided, 0.1272.
		{"R's manual of wilcox.test: permeability of human placental membranes",
			[]float64{1.15, 0.88, 0.90, 0.74, 1.21}, []float64{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46}, 0.2544, 0.305, -0.15, 0.76},
	} {
		if s := Difference(example.a, example.b); example.low != 0 && (!near(s.Value, example.shift, 1e-9) || !near(s.Low, example.low, 1e-9) || !near(s.High, example.high, 1e-9)) {
			t.Errorf("%s: %+v", example.source, s)
		}
		for _, p := range []float64{MannWhitney(example.a, example.b), MannWhitney(example.b, example.a)} {
			if math.Abs(p-example.p) > 0.00005 {
				t.Errorf("%s: got %v, want %v", example.source, p, example.p)
			}
		}
	}
}

// Critical values of U, two-sided at 5 %, as in the tables of textbooks (Siegel,
// Nonparametric Statistics, 1956, table K): the largest U that is significant.
func TestCriticalValues(t *testing.T) {
	for _, c := range []struct{ m, n, u int }{
		{4, 4, 0}, {5, 5, 2}, {6, 6, 5}, {7, 7, 8}, {8, 8, 13}, {6, 10, 11}, {10, 10, 23}, {15, 15, 64}, {12, 18, 61}, {20, 20, 127},
	} {
		for u, significant := range map[int]bool{c.u: true, c.u + 1: false} {
			a, b := withU(c.m, c.n, u)
			if p := MannWhitney(a, b); p <= 0.05 != significant {
				t.Errorf("%d and %d values with U = %d: p is %v", c.m, c.n, u, p)
			}
		}
		if k := boundRank(c.m, c.n); k != c.u+1 {
			t.Errorf("%d and %d values: the interval begins at distance %d, want %d", c.m, c.n, k, c.u+1)
		}
	}
}

// withU returns samples in which u pairs have the larger value in a.
func withU(m, n, u int) (a, b []float64) {
	for j := range n {
		b = append(b, float64(j)+0.5)
	}
	for i := range m {
		above := min(n, u)
		u -= above
		a = append(a, float64(above)+float64(i)/float64(2*m))
	}
	return a, b
}

// What R and SciPy say of the samples in testdata/crosscheck.csv.
func TestCrossCheck(t *testing.T) {
	f, err := os.Open(filepath.Join("testdata", "crosscheck.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	bounded := 0
	for _, row := range rows[1:] {
		a, b := numbers(t, row[0]), numbers(t, row[1])
		p, s := MannWhitney(a, b), Difference(a, b)
		for i, other := range map[int]string{3: "R", 7: "SciPy"} {
			if want := numbers(t, row[i])[0]; !near(p, want, 1e-9) {
				t.Errorf("%d and %d values: p is %v, in %s %v", len(a), len(b), p, other, want)
			}
		}
		if row[4] == "NA" {
			continue
		}
		bounded++
		for i, got := range []float64{s.Value, s.Low, s.High} {
			if want := numbers(t, row[4+i])[0]; !near(got, want, 1e-9) {
				t.Errorf("%d and %d values: %s is %v, in R %v", len(a), len(b), rows[0][4+i], got, want)
			}
		}
	}
	if bounded < 20 || len(rows)-bounded < 8 {
		t.Errorf("%d rows, %d of them with an interval", len(rows)-1, bounded)
	}
}

func numbers(t *testing.T, text string) []float64 {
	t.Helper()
	var out []float64
	for _, word := range strings.Fields(text) {
		v, err := strconv.ParseFloat(word, 64)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// The counts are those of trying every way to choose the values of one side, with
// ties and without, and the pairs counted one by one.
func TestAgainstEnumeration(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		m, n := 1+random.IntN(5), 1+random.IntN(6)
		kinds := 1 + random.IntN(20)
		draw := func(count int) []float64 {
			var out []float64
			for range count {
				out = append(out, float64(random.IntN(kinds)))
			}
			return out
		}
		a, b := draw(m), draw(n)
		if got, want := MannWhitney(a, b), enumerate(a, b); !near(got, want, 1e-12) {
			t.Fatalf("%v and %v: got %v, want %v", a, b, got, want)
		}
	}
}

// enumerate is twice the smaller tail over all choices of len(a) of the values.
func enumerate(a, b []float64) float64 {
	all := slices.Concat(a, b)
	seen := pairs(a, b)
	below, above, choices := 0, 0, 0
	for set := range uint(1) << len(all) {
		if bits.OnesCount(set) != len(a) {
			continue
		}
		var x, y []float64
		for i, v := range all {
			if set>>i&1 == 1 {
				x = append(x, v)
			} else {
				y = append(y, v)
			}
		}
		u := pairs(x, y)
		choices++
		if u <= seen {
			below++
		}
		if u >= seen {
			above++
		}
	}
	return min(1, 2*float64(min(below, above))/float64(choices))
}

// pairs is the U statistic by its definition: pairs with the larger value in a, and
// half of those that are equal.
func pairs(a, b []float64) float64 {
	u := 0.0
	for _, x := range a {
		for _, y := range b {
			switch {
			case x > y:
				u++
			case x == y:
				u += 0.5
			}
		}
	}
	return u
}

// The two ways meet: where both can be used, they differ by little.
func TestNormalApproximation(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, kinds := range []int{12, 1000} {
		for away := range 10 {
			var a, b []float64
			for range mostExact {
				a, b = append(a, float64(random.IntN(kinds))), append(b, float64(random.IntN(kinds)+away*kinds/25))
			}
			ranks, sum := doubledRanks(a, b), 0
			for _, r := range ranks[:len(a)] {
				sum += r
			}
			exact, normal := MannWhitney(a, b), normalP(ranks, len(a), sum)
			if off := math.Abs(exact - normal); off > 0.006 || exact < 0.1 && off > 0.002 {
				t.Errorf("exact %v, by the normal distribution %v", exact, normal)
			}
		}
	}
	exact, normal := boundRank(mostExact, mostExact), boundRank(mostExact, mostExact+1)
	if normal < exact || normal > exact+10 {
		t.Errorf("the interval of 25 and 25 begins at %d, of 25 and 26 at %d", exact, normal)
	}
}

// Samples without any difference, however large.
func TestNoDifference(t *testing.T) {
	for _, n := range []int{1, 6, 25, 26, 1000} {
		same := slices.Repeat([]float64{5}, n)
		if p := MannWhitney(same, same); p != 1 {
			t.Errorf("%d equal values: p is %v", n, p)
		}
		if s := Ratio(same, same); s.Value != 1 || s.Bounded && (s.Low != 1 || s.High != 1) {
			t.Errorf("%d equal values: %+v", n, s)
		}
	}
}
