package workloads

// Logarithm, exponential and normal deviates out of additions, products and
// divisions of float64, which IEEE 754 defines to the last bit. Each product
// is converted explicitly: the language lets a compiler fuse x*y + z into one
// rounding, and some architectures do, but never across a conversion.

const (
	ln2   = 0.693147180559945309417232121458176568
	sqrt2 = 1.41421356237309504880168872420969808
)

// ln returns the natural logarithm of x > 0, to about 1e-15 of its value.
func ln(x float64) float64 {
	k := 0
	for x > sqrt2 {
		x, k = x/2, k+1
	}
	for x < sqrt2/2 {
		x, k = float64(x*2), k-1
	}
	// ln x = 2 artanh((x-1)/(x+1)), whose argument is now below 0.172 in size.
	t := (x - 1) / (x + 1)
	t2 := float64(t * t)
	sum := 0.0
	for i := 21; i >= 1; i -= 2 {
		sum = float64(sum*t2) + 1/float64(i)
	}
	return float64(float64(2*t)*sum) + float64(float64(k)*ln2)
}

// exp returns e to the power x, to about 1e-15 of its value near 0 and 1e-14 where
// x is 40 in size; 0 below -700, and what it is at 700 beyond.
func exp(x float64) float64 {
	if x < -700 {
		return 0
	}
	if x > 700 {
		x = 700
	}
	k := int(x / ln2)
	r := x - float64(float64(k)*ln2)
	sum := 1.0
	for i := 20; i >= 1; i-- {
		sum = float64(float64(r*sum)/float64(i)) + 1
	}
	for ; k > 0; k-- {
		sum = float64(sum * 2)
	}
	for ; k < 0; k++ {
		sum = sum / 2
	}
	return sum
}

// normal returns a standard normal deviate (Marsaglia's polar method).
func normal(s *Stream) float64 {
	for {
		u := float64(2*s.Unit()) - 1
		v := float64(2*s.Unit()) - 1
		q := float64(u*u) + float64(v*v)
		if q >= 1 || q == 0 {
			continue
		}
		return float64(u * exp(ln(float64(-2*ln(q))/q)/2))
	}
}
