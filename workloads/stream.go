package workloads

// Stream is a source of random numbers that belongs to one worker.
//
// It depends on the seed, the group's name and the worker's number only, so
// that adding a group changes no other group, and the n-th draw of a worker is
// the same in every backend and on every machine. The generator is SplitMix64
// (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
type Stream struct{ state uint64 }

// NewStream returns the stream of one worker. Purpose separates the uses that
// one worker makes of chance: "body" for durations, "arrivals" for open loops.
func NewStream(seed uint64, group string, worker int, purpose string) Stream {
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	h := uint64(offset)
	for _, s := range [...]string{group, "\x00", purpose} {
		for i := 0; i < len(s); i++ {
			h = (h ^ uint64(s[i])) * prime
		}
	}
	return Stream{state: mix(mix(seed+golden) ^ mix(h+golden*uint64(worker+1)))}
}

const golden = 0x9e3779b97f4a7c15

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// State returns where the stream is, for StreamAt in another process.
func (s Stream) State() uint64 { return s.state }

// StreamAt returns a stream that goes on where State was.
func StreamAt(state uint64) Stream { return Stream{state: state} }

// Uint64 returns the next 64 random bits.
func (s *Stream) Uint64() uint64 {
	s.state += golden
	return mix(s.state)
}

// Unit returns a number strictly between 0 and 1, so that its logarithm always
// exists: a multiple of 2^-52 plus 2^-53, which a float64 holds exactly.
func (s *Stream) Unit() float64 { return unit(s.Uint64()) }

func unit(bits uint64) float64 {
	return float64(float64(bits>>12)*0x1p-52) + 0x1p-53
}
