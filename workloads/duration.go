package workloads

// Dist is the shape of a random duration.
type Dist uint8

const (
	Fixed       Dist = iota // always Mean
	Exponential             // mean Mean
	Lognormal               // mean Mean, standard deviation of the logarithm Shape
	UniformDist             // between Low and High
	Pareto                  // mean Mean, tail index Shape (> 1)
)

// Duration is a length of time, fixed or drawn anew each time it is used.
// Lengths are in nanoseconds.
type Duration struct {
	Dist      Dist
	Mean      int64   // Fixed, Exponential, Lognormal, Pareto
	Shape     float64 // Lognormal: sigma; Pareto: alpha
	Low, High int64   // UniformDist
}

// Random reports whether d takes a draw from the stream.
func (d Duration) Random() bool { return d.Dist != Fixed }

// Draw returns the next length in nanoseconds, at most an hour. A fixed
// duration takes nothing from the stream.
//
// The arithmetic uses no package math: its Exp and Log differ in the last bit
// between architectures, and a run must not.
func (d Duration) Draw(s *Stream) int64 {
	mean := float64(d.Mean)
	switch d.Dist {
	case Fixed:
		return d.Mean
	case Exponential:
		return clamp(mean * -ln(s.Unit()))
	case Lognormal:
		z := normal(s)
		return clamp(mean * exp(float64(d.Shape*z)-float64(float64(d.Shape*d.Shape)/2)))
	case UniformDist:
		return d.Low + int64(s.Unit()*float64(d.High-d.Low+1))
	case Pareto:
		smallest := float64(mean*(d.Shape-1)) / d.Shape
		return clamp(smallest * exp(-ln(s.Unit())/d.Shape))
	}
	panic("workloads: unknown distribution")
}

func clamp(ns float64) int64 {
	const hour = 3600e9
	if ns > hour {
		return hour
	}
	return int64(float64(ns) + 0.5)
}
