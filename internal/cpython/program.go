package cpython

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/fibsim/fibsim/workloads"
)

// grace is how long iterations in flight may go on after the end of a run.
const grace = 10 * time.Second

// iterationsMost bounds the iterations that the driver keeps, 16 bytes each,
// in memory until the end: about a gigabyte.
const iterationsMost = 1 << 26

// request is the line of JSON that tells the driver what to do.
type request struct {
	Mode             string         `json:"mode"` // probe, pace, costs or run
	SwitchIntervalNS int64          `json:"switch_interval_ns,omitempty"`
	CheckInterval    int            `json:"check_interval,omitempty"`
	EndNS            int64          `json:"end_ns"` // after time 0; 0: when all is done
	GraceNS          int64          `json:"grace_ns"`
	Groups           []requestGroup `json:"groups"`
	Draws            []int          `json:"draws"` // how many for each worker of the random groups
	Server           *requestServer `json:"server"`
}

type requestGroup struct {
	Name    string      `json:"name"`
	Count   int         `json:"count"`
	StartNS int64       `json:"start_ns"`
	Times   int         `json:"times"`
	Most    int         `json:"most"` // iterations of one thread that can be kept
	Random  bool        `json:"random"`
	Body    []requestOp `json:"body"`
}

// requestOp is one step of a body. A length that is missing is drawn.
type requestOp struct {
	Op    string      `json:"op"`
	N     int         `json:"n,omitempty"`
	NS    *int64      `json:"ns,omitempty"`
	Bytes int64       `json:"bytes,omitempty"`
	Body  []requestOp `json:"body,omitempty"`
}

// encode returns what the driver reads: the line, then the draws in seconds.
func (r *request) encode(draws [][]int64) []byte {
	for _, d := range draws {
		r.Draws = append(r.Draws, len(d))
	}
	line, err := json.Marshal(r)
	if err != nil {
		panic("cpython: a request cannot be written as JSON: " + err.Error())
	}
	b := bytes.NewBuffer(append(line, '\n'))
	var word [8]byte
	for _, d := range draws {
		for _, ns := range d {
			binary.LittleEndian.PutUint64(word[:], math.Float64bits(float64(ns)/1e9))
			b.Write(word[:])
		}
	}
	return b.Bytes()
}

// newRequest puts a program into the driver's words, with the draws of each
// worker of its random groups.
func newRequest(p *workloads.Program) (*request, [][]int64, error) {
	r := &request{Mode: "run", GraceNS: int64(grace), Groups: []requestGroup{}, Draws: []int{}}
	if !p.UntilDone {
		r.EndNS = int64(p.Warmup + p.Duration)
	}
	most := max(iterationsMost/max(1, p.Workers()), 1<<20)
	for _, g := range p.Threads {
		body, err := requestOps(g.Body)
		if err != nil {
			return nil, nil, fmt.Errorf("threads.%s: %w", g.Name, err)
		}
		if p.UntilDone && g.Times == 0 {
			return nil, nil, fmt.Errorf("threads.%s: must have times, as the run goes on until all is done", g.Name)
		}
		if g.Times > iterationsMost {
			return nil, nil, fmt.Errorf("threads.%s: times: must be at most %d in Python, got %d; lower it or leave the python backend out", g.Name, iterationsMost, g.Times)
		}
		r.Groups = append(r.Groups, requestGroup{
			Name: g.Name, Count: g.Count, StartNS: int64(g.Start), Times: g.Times, Most: most,
			Random: isRandom(g.Body), Body: body,
		})
	}
	draws, err := drawAll(p)
	if err != nil {
		return nil, nil, err
	}
	r.Server, err = newRequestServer(p)
	return r, draws, err
}

func requestOps(ops []workloads.Op) ([]requestOp, error) {
	out := []requestOp{}
	for i := range ops {
		op, err := newRequestOp(&ops[i])
		if err != nil {
			return nil, err
		}
		out = append(out, op)
	}
	return out, nil
}

func newRequestOp(op *workloads.Op) (requestOp, error) {
	timed := func(name string) requestOp {
		if op.For.Random() {
			return requestOp{Op: name}
		}
		return requestOp{Op: name, NS: &op.For.Mean}
	}
	switch op.Kind {
	case workloads.OpFib:
		return requestOp{Op: "fib", N: op.N}, nil
	case workloads.OpSpin:
		return timed("spin"), nil
	case workloads.OpSleep:
		return timed("sleep"), nil
	case workloads.OpYield:
		return requestOp{Op: "yield", N: op.N}, nil
	case workloads.OpNoGILSpin:
		return timed("nogil"), nil
	case workloads.OpNoGILHash:
		return requestOp{Op: "hash", Bytes: op.Bytes}, nil
	case workloads.OpHold:
		return timed("hold"), nil
	case workloads.OpLoop:
		body, err := requestOps(op.Body)
		return requestOp{Op: "loop", N: op.N, Body: body}, err
	}
	return requestOp{}, fmt.Errorf("the python backend cannot do operation %d; run without --python", op.Kind)
}
