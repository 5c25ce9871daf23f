package sim

import "math/bits"

// Hash folds a stream of numbers into 64 bits, to find out whether two runs were the
// same. The zero Hash is that of the empty stream.
//
// For a given hash each step is one-to-one in the number, and for a given number
// in the hash: streams that differ in one place have different hashes. It is not
// made against people who look for two streams of the same hash.
type Hash uint64

// The odd factors are those of SplitMix64 and, for the event's fields, digits of
// the square roots of 2, 3 and 5.
const (
	foldFactor = 0xbf58476d1ce4e5b9
	timeFactor = 0x6a09e667f3bcc909
	argFactor  = 0xbb67ae8584caa73b
	restFactor = 0x3c6ef372fe94f82b
)

// Add folds one number in.
func (h *Hash) Add(x uint64) {
	v := (uint64(*h) ^ x) * foldFactor
	v += restFactor // so that zeros change the empty stream's hash, too
	*h = Hash(v ^ v>>32)
}

// Event folds an event in, all its fields. Its three words are multiplied side by
// side, so the step takes hardly longer than that of one number; events that
// differ in one word still never look alike.
func (h *Hash) Event(e Event) {
	rest := uint64(uint32(e.ID)) | uint64(e.Kind.Number())<<32 | uint64(e.Kind.Prio())<<48
	h.Add(uint64(e.Time)*timeFactor + bits.RotateLeft64(uint64(e.Arg)*argFactor, 32) + rest*restFactor)
}
