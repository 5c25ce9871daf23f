package workloads

// ArrivalTimes are the intended starts of one open-loop connection, in nanoseconds
// since time 0. They depend on the seed, the group and the connection alone, so
// that every backend has the same.
type ArrivalTimes struct {
	stream Stream
	gap    Duration // poisson
	at     int64

	uniform bool
	spacing float64 // uniform: of two arrivals
	phase   float64 // uniform: of the first, as a part of the spacing
	count   float64
}

// NewArrivalTimes returns the arrivals of one connection, rate of them in a second.
func NewArrivalTimes(seed uint64, group string, worker int, rate float64, kind Arrivals) ArrivalTimes {
	a := ArrivalTimes{
		stream:  NewStream(seed, group, worker, "arrivals"),
		uniform: kind == Uniform,
		spacing: 1e9 / rate,
	}
	if a.uniform {
		// Connections with one common phase would all arrive at once.
		a.phase = a.stream.Unit()
	}
	a.gap = Duration{Dist: Exponential, Mean: int64(a.spacing + 0.5)}
	return a
}

// Next returns the next intended start.
func (a *ArrivalTimes) Next() int64 {
	if a.uniform {
		// From the count, so that no rounding adds up.
		a.at = int64(float64((a.phase + a.count) * a.spacing))
		a.count++
	} else {
		a.at += a.gap.Draw(&a.stream)
	}
	return a.at
}
