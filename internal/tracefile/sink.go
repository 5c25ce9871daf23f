package tracefile

// sink is a format. Each method appends whole records to b.
type sink interface {
	head(b []byte) []byte
	track(b []byte, t *track) []byte
	slice(b []byte, t *track, s *slice) []byte
	instant(b []byte, t *track, i *instant) []byte
	count(b []byte, t *track, at int64, n int) []byte
	tail() []byte // ends the file; nil where nothing has to
}

// track is a line of the picture, or what lines stand below.
type track struct {
	id     uint64 // from 1
	parent *track // nil for a root
	root   *track // itself for a root
	name   string
	rank   int // among those with the same parent
	kind   trackKind
}

type trackKind uint8

const (
	lines   trackKind = iota // of slices and instants
	group                    // has other tracks below it
	counter                  // of numbers
)

// slice is something that lasts.
type slice struct {
	start, end int64
	name       string
	category   string
	args       []arg
	begins     []uint64 // arrows that begin here
	ends       []uint64 // arrows that end here
}

// instant is something that happens.
type instant struct {
	at       int64
	name     string
	category string
	args     []arg
}

// arg is a detail: text, or a number where the text is empty.
type arg struct {
	name   string
	text   string
	number int64
}

// The categories of slices and instants.
const (
	catState     = "state"
	catHolder    = "holder"
	catIteration = "iteration"
	catMark      = "lock"
	catRun       = "run"
)
