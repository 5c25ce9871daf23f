package exact

import (
	"fmt"
	"math"
	"testing"
)

// law is a distribution of service times with a mean of 1: a mixture of
// exponentials, or none at all.
type law struct {
	name  string
	part  []float64 // of the mixture; nil: always 1
	rates []float64
}

var (
	deterministic = law{name: "D"}
	exponential   = law{name: "M", part: []float64{1}, rates: []float64{1}}
	// hyper has a squared coefficient of variation of 4, and balanced means.
	hyper = balanced(4)
)

func balanced(c2 float64) law {
	p := (1 + math.Sqrt((c2-1)/(c2+1))) / 2
	return law{name: "H2", part: []float64{p, 1 - p}, rates: []float64{2 * p, 2 * (1 - p)}}
}

// sum adds f up over the parts of the mixture.
func (l law) sum(f func(rate float64) float64) float64 {
	total := 0.0
	for i, p := range l.part {
		total += p * f(l.rates[i])
	}
	return total
}

func (l law) density(x float64) float64 {
	return l.sum(func(r float64) float64 { return r * math.Exp(-r*x) })
}

// tail is the probability of more than x.
func (l law) tail(x float64) float64 {
	return l.sum(func(r float64) float64 { return math.Exp(-r * x) })
}

// first and second are the moments of what is below x: ∫t·f(t)dt and ∫t²·f(t)dt.
func (l law) first(x float64) float64 {
	return l.sum(func(r float64) float64 { return (1 - math.Exp(-r*x)*(1+r*x)) / r })
}

func (l law) second(x float64) float64 {
	return l.sum(func(r float64) float64 { return (2 - math.Exp(-r*x)*(r*x*r*x+2*r*x+2)) / (r * r) })
}

// square is the second moment.
func (l law) square() float64 {
	if l.part == nil {
		return 1
	}
	return l.sum(func(r float64) float64 { return 2 / (r * r) })
}

// The mean time in the system, of a station with load rho.

// pollaczek is that of one server and first come, first served (Pollaczek and
// Khinchine).
func pollaczek(rho float64, l law) float64 { return 1 + rho*l.square()/(2*(1-rho)) }

// sharing is that of processor sharing, whatever the law.
func sharing(rho float64, _ law) float64 { return 1 / (1 - rho) }

// erlang is that of c servers behind one queue and exponential service (Erlang's C
// formula).
func erlang(rho float64, c int) float64 {
	a := rho * float64(c)
	term, sum := 1.0, 0.0
	for k := range c {
		sum += term
		term *= a / float64(k+1)
	}
	full := term / (1 - rho)
	return 1 + full/(sum+full)/(float64(c)*(1-rho))
}

// grid is the step of the numerical integrals, and far is where they end.
const (
	grid = 1e-3
	far  = 150.0
)

// integral is that from 0 to far, by Simpson's rule.
func integral(f func(x float64) float64) float64 {
	n := int(far / grid)
	sum := f(0) + f(far)
	for i := 1; i < n; i++ {
		sum += f(float64(i)*grid) * float64(2+2*(i%2))
	}
	return sum * grid / 3
}

// shortestJob is that of shortest job first without preemption.
func shortestJob(rho float64, l law) float64 {
	return 1 + integral(func(x float64) float64 {
		free := 1 - rho*l.first(x)
		return l.density(x) * rho * l.square() / (2 * free * free)
	})
}

// shortestRemaining is that of shortest remaining time first (Schrage and Miller):
// the wait until the first service, and the time from then on.
func shortestRemaining(rho float64, l law) float64 {
	residence, at := 0.0, 0.0
	return integral(func(x float64) float64 {
		// The integral of 1/(1-ρ(t)) up to x goes along; Simpson asks for x in order,
		// but for its first two.
		if x == 0 || x == far {
			return 0
		}
		residence += (x - at) * (1/(1-rho*l.first(at)) + 1/(1-rho*l.first(x))) / 2
		at = x
		free := 1 - rho*l.first(x)
		return l.density(x) * (rho*(l.second(x)+x*x*l.tail(x))/(2*free*free) + residence)
	})
}

// cobham is the mean wait of each class under priorities, the first the highest, where
// nobody is interrupted. Service is exponential with mean 1.
func cobham(rates []float64) []float64 {
	residual := 0.0
	for _, r := range rates {
		residual += r
	}
	waits, above := []float64{}, 0.0
	for _, r := range rates {
		waits = append(waits, residual/((1-above)*(1-above-r)))
		above += r
	}
	return waits
}

// preemptive is the mean time in the system of each class where the higher
// interrupts the lower, which goes on later.
func preemptive(rates []float64) []float64 {
	times, above := []float64{}, 0.0
	for _, r := range rates {
		residual := above + r
		times = append(times, 1/(1-above)+residual/((1-above)*(1-above-r)))
		above += r
	}
	return times
}

// repair is the mean time that each of n customers spends at a server who needs s
// for each on average, between two absences of z: mean value analysis (Reiser and
// Lavenberg).
func repair(n int, z, s float64) float64 {
	queue, time := 0.0, 0.0
	for k := 1; k <= n; k++ {
		time = s * (1 + queue)
		queue = float64(k) * time / (time + z)
	}
	return time
}

// The formulas give the figures that were computed from them elsewhere.
func TestTheory(t *testing.T) {
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 0.6e-4*max(1, want) {
			t.Errorf("%s: got %.5f, want %.4f", what, got, want)
		}
	}
	for _, row := range []struct {
		law                     law
		rho                     float64
		fifo, ps, sjf, shortest float64
	}{
		{exponential, .5, 2, 2, 1.7127, 1.4254},
		{exponential, .8, 5, 5, 2.8822, 2.3528},
		{exponential, .9, 10, 10, 4.1969, 3.5521},
		{hyper, .5, 3.5, 2, 2.5754, 1.4064},
		{hyper, .8, 11, 5, 4.3492, 2.1909},
	} {
		what := fmt.Sprintf("%s, ρ=%g, ", row.law.name, row.rho)
		near(what+"FIFO", pollaczek(row.rho, row.law), row.fifo)
		near(what+"PS", sharing(row.rho, row.law), row.ps)
		near(what+"SJF", shortestJob(row.rho, row.law), row.sjf)
		near(what+"SRPT", shortestRemaining(row.rho, row.law), row.shortest)
	}
	near("D, ρ=0.8", pollaczek(.8, deterministic), 3)
	near("C²=10, ρ=0.8", pollaczek(.8, balanced(10)), 23)
	for c, want := range map[int]float64{1: 4, 2: 1.777778, 4: .745541, 8: .286028} {
		near(fmt.Sprintf("%d servers", c), erlang(.8, c)-1, want)
	}
	waits := cobham([]float64{.3, .5})
	near("Cobham, first class", waits[0], 1.142857)
	near("Cobham, second class", waits[1], 5.714286)
	near("conservation", .3*waits[0]+.5*waits[1], 3.2)
	for n, want := range map[int]float64{1: 10, 5: 14.6663, 10: 27.3208, 11: 31.4582, 20: 100.3745, 50: 400} {
		near(fmt.Sprintf("MVA of %d", n), repair(n, 100, 10), want)
	}
}
