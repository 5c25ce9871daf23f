package workloads

// Exponential deviates by Marsaglia and Tsang's ziggurat: 256 strips of equal area
// cover the density e^-x, so that nearly every draw is one random number, one look
// into a table, one comparison and one product. Whether a draw lies inside its strip is decided in
// whole numbers; the tables come from this package's own ln and exp. So the draws
// are the same bits on every machine.
//
// (G. Marsaglia, W. W. Tsang: The Ziggurat Method for Generating Random Variables,
// Journal of Statistical Software 5(8), 2000.)

const (
	strips     = 256
	stripTail  = 7.69711747013104972      // where the lowest strip's tail begins
	stripArea  = 3.9496598225815571993e-3 // of each strip
	stripScale = 1 << 53                  // a draw takes 53 bits, which a float64 holds exactly
)

// strip i reaches from 0 to edge[i]; what lies below inside[i] of 2^53 is under the curve
// without a further look.
var (
	stripInside [strips]uint64
	stripUnit   [strips]float64 // edge in units of 2^-53
	stripTop    [strips]float64 // e^-edge
)

func init() {
	edge := stripTail
	widest := stripArea / exp(-edge) // a rectangle of the area of the lowest strip and its tail
	stripInside[0] = uint64(float64(edge/widest) * stripScale)
	stripUnit[0], stripUnit[strips-1] = widest/stripScale, edge/stripScale
	stripTop[0], stripTop[strips-1] = 1, exp(-edge)
	for i := strips - 2; i >= 1; i-- {
		next := -ln(stripArea/edge + exp(-edge))
		stripInside[i+1] = uint64(float64(next/edge) * stripScale)
		edge = next
		stripUnit[i], stripTop[i] = edge/stripScale, exp(-edge)
	}
	stripInside[1] = 0
}

// Exp returns an exponential deviate of mean 1.
func (s *Stream) Exp() float64 {
	bits := s.Uint64()
	i, x := bits%strips, bits>>11
	if x < stripInside[i] {
		return float64(float64(int64(x)) * stripUnit[i])
	}
	return s.expOutside(i, x)
}

// Exponential returns an exponential deviate of the given mean in ns, rounded.
//
// It is four times as fast as a Duration's Draw and gives other numbers: for
// models whose draws nobody has to compare with those of a real run.
func (s *Stream) Exponential(mean int64) int64 {
	return int64(float64(s.Exp()*float64(mean)) + 0.5)
}

// expOutside goes on with the one draw in about 90 that lies at the edge of its strip.
func (s *Stream) expOutside(i, x uint64) float64 {
	for {
		if i == 0 { // the tail beyond is again exponential
			return stripTail - ln(s.Unit())
		}
		value := float64(float64(int64(x)) * stripUnit[i])
		if underCurve(i, x, value, s.Unit()) {
			return value
		}
		bits := s.Uint64()
		if i, x = bits%strips, bits>>11; x < stripInside[i] {
			return float64(float64(int64(x)) * stripUnit[i])
		}
	}
}

// underCurve reports whether a point at the edge of strip i lies under e^-value; up says how
// high it is, from the strip's lower end, at 0, to its upper one. The curve hangs below its chord and
// lies above its tangent, so nearly always one of these decides, and e^-value, which takes longer than
// ten draws, is not needed. The margin is far more than all roundings.
func underCurve(i, x uint64, value, up float64) bool {
	const margin = 1e-9
	chord := float64(stripScale-x) / float64(stripScale-stripInside[i])
	if up > chord+margin {
		return false
	}
	rise := stripTop[i-1] - stripTop[i]
	tangent := float64(stripTop[i] * (float64(float64(stripScale)*stripUnit[i]) - value))
	if float64(rise*up) < tangent-float64(margin*rise) {
		return true
	}
	return stripTop[i]+float64(rise*up) < exp(-value)
}
