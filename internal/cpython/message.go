package cpython

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// message is a line of the driver. One of its fields is set.
type message struct {
	Facts *identity `json:"facts"`
	Pace  *float64  `json:"pace_ns"`
	Costs *Costs    `json:"costs"`

	Ready bool  `json:"ready"`
	Port  int   `json:"port"` // with Ready: where the server listens, 0 without one
	Now   int64 `json:"now"`  // with Ready: the shared clock

	Ended  bool    `json:"ended"` // the threads have
	Result *result `json:"result"`
	Done   bool    `json:"done"`

	Error string `json:"error"`
}

// Costs are what the operations of an interpreter cost in nanoseconds; 0: it cannot
// be told.
type Costs struct {
	FibCall     float64 `json:"fib_call_ns"`
	ReleaseTake float64 `json:"release_take_ns"` // letting the lock go and taking it, alone
	Send        float64 `json:"send_ns"`         // a send on loopback, without the lock's part
	Recv        float64 `json:"recv_ns"`         // a recv that finds data, without the lock's part
	Request     float64 `json:"request_ns"`      // reading a number and writing a reply
}

// identity is what an interpreter says of itself, and with a run what the
// driver measured on it.
type identity struct {
	Implementation string `json:"implementation"`
	Version        string `json:"version"`
	Major          int    `json:"major"`
	Minor          int    `json:"minor"`
	Executable     string `json:"executable"`
	FreeThreaded   bool   `json:"free_threaded"` // the build can run without the lock
	GILEnabled     bool   `json:"gil_enabled"`
	CPUClock       string `json:"cpu_clock"` // thread, or process where there is no other

	SwitchIntervalNS int64 `json:"switch_interval_ns"` // 0: it has none
	CheckInterval    int   `json:"check_interval"`     // 0: it has none

	FibCallNS     float64 `json:"fib_call_ns"`
	NoGILAchieved float64 `json:"nogil_spin_achieved_ratio"` // 0: nothing asked for it
	HoldAchieved  float64 `json:"hold_spin_achieved_ratio"`

	StartMethod string `json:"start_method"` // of the child processes; empty: there are none
}

// result announces the times of the iterations, which follow it. Times are
// seconds of the clock that timed them.
type result struct {
	Rows       []int    `json:"rows"` // of each worker
	Zero       float64  `json:"zero"` // time 0
	LateNS     int64    `json:"late_ns"`
	Stopped    *float64 `json:"stopped"` // seconds after time 0, when the run was cut short
	CutOff     bool     `json:"cut_off"` // there were iterations under way after the grace
	Values     int      `json:"values"`  // how many pairs of a worker and a value follow the times
	PeakMemory int64    `json:"peak_memory"`
	Facts      identity `json:"facts"`
}

const (
	mark = "@fibsim "

	// foreignMost is how much of other text may precede the first message: a
	// wrapper script may greet its user.
	foreignMost = 1 << 14
	lineMost    = 1 << 20
)

// next returns the next message. An error that the driver reports is an error.
func (p *process) next() (message, error) {
	var foreign []byte
	for {
		line, err := p.line()
		body, ok := bytes.CutPrefix(line, []byte(mark))
		if !ok {
			foreign = append(foreign, line...)
		}
		switch {
		case err != nil:
			return message{}, p.failure(err, string(foreign))
		case len(foreign) > foreignMost:
			return message{}, p.failure(errForeign, string(foreign))
		case !ok:
			continue
		}
		var m message
		if err := json.Unmarshal(body, &m); err != nil {
			return message{}, p.failure(errForeign, string(line))
		}
		if m.Error != "" {
			p.abort()
			return message{}, fmt.Errorf("%s: %s", p.path, reported(m.Error))
		}
		return m, nil
	}
}

var (
	errForeign = errors.New("its output is not that of the driver")
	errOrder   = errors.New("the driver's messages are out of order")
)

func (p *process) line() ([]byte, error) {
	var line []byte
	for {
		part, err := p.out.ReadSlice('\n')
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
		if len(line) > lineMost || len(line) > foreignMost && !bytes.HasPrefix(line, []byte(mark)) {
			return line, errForeign
		}
	}
}

// times reads the start and end times of a worker.
func (p *process) times(n int) (starts, ends []float64, err error) {
	if starts, err = p.doubles(n); err != nil {
		return nil, nil, p.failure(err, "")
	}
	if ends, err = p.doubles(n); err != nil {
		return nil, nil, p.failure(err, "")
	}
	return starts, ends, nil
}

// doubles grows its answer with what arrives, never with what was announced.
func (p *process) doubles(n int) ([]float64, error) {
	var values []float64
	var chunk [1 << 15]byte
	for n > len(values) {
		part := chunk[:8*min(n-len(values), len(chunk)/8)]
		if _, err := io.ReadFull(p.out, part); err != nil {
			return nil, err
		}
		for i := 0; i < len(part); i += 8 {
			values = append(values, math.Float64frombits(binary.LittleEndian.Uint64(part[i:])))
		}
	}
	return values, nil
}

// reported puts a one-line report behind its context, and a traceback below it.
func reported(text string) string {
	if !bytes.ContainsRune([]byte(text), '\n') {
		return text
	}
	return "the driver failed; " + remedy + indented(text)
}

// remedy is what helps against an interpreter that does not work.
const remedy = "see `fibsim doctor` for the interpreters that work, and choose one with --python=PATH"

// failure ends the process and says why nothing more can be had from it: err is
// what reading met, text what it read.
func (p *process) failure(err error, text string) error {
	alien := errors.Is(err, errForeign) || errors.Is(err, errOrder)
	if alien {
		p.abort()
	}
	exit := p.close()
	said := indented(text) + p.tail.String()
	var hang *hangError
	switch {
	case errors.As(p.cause, &hang):
		return fmt.Errorf("%s: %w and was killed; %s%s", p.path, hang, remedy, said)
	case alien:
		return fmt.Errorf("%s: %w; %s%s", p.path, err, remedy, said)
	case p.cause != nil:
		return p.cause
	case exit != nil:
		return fmt.Errorf("%s: ended early: %w; %s%s", p.path, exit, remedy, said)
	default:
		return fmt.Errorf("%s: ended without a result; %s%s", p.path, remedy, said)
	}
}
