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
	Mode             string          `json:"mode"` // probe, pace, costs or run
	SwitchIntervalNS int64           `json:"switch_interval_ns,omitempty"`
	CheckInterval    int             `json:"check_interval,omitempty"`
	EndNS            int64           `json:"end_ns"` // after time 0; 0: when all is done
	GraceNS          int64           `json:"grace_ns"`
	Groups           []requestGroup  `json:"groups"` // of threads, then of tasks
	Draws            []int           `json:"draws"`  // how many for each worker of the random groups
	Server           *requestServer  `json:"server"`
	Pools            []int           `json:"pools"` // their numbers of workers
	Queues           []requestShared `json:"queues"`
	Locks            []requestShared `json:"locks"`
	File             string          `json:"file,omitempty"` // what bodies read
	Values           int             `json:"values"`         // how many counts may keep; 0: none
}

type requestGroup struct {
	Name    string      `json:"name"`
	Kind    string      `json:"kind"` // thread, yield or asyncio
	Count   int         `json:"count"`
	StartNS int64       `json:"start_ns"`
	Times   int         `json:"times"`
	Most    int         `json:"most"` // iterations of one thread that can be kept
	Random  bool        `json:"random"`
	Body    []requestOp `json:"body"`
}

// requestShared is a queue or a lock.
type requestShared struct {
	Name string `json:"name"`
	Size int    `json:"size"`
}

// requestOp is one step of a body. A length that is missing is drawn.
type requestOp struct {
	Op     string      `json:"op"`
	N      int         `json:"n,omitempty"`
	NS     *int64      `json:"ns,omitempty"`
	Bytes  int64       `json:"bytes,omitempty"`
	Body   []requestOp `json:"body,omitempty"`
	Ref    int         `json:"ref"`
	Random int         `json:"random"` // submit: how many lengths of its body are drawn
	Source string      `json:"source,omitempty"`
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

// workerGroup is a group of threads or tasks of a program.
type workerGroup struct {
	*workloads.Group
	kind string // thread, yield or asyncio
	key  string // of the scenario
}

// groupsOf returns the groups of threads of a program and then those of tasks.
func groupsOf(p *workloads.Program) []workerGroup {
	var all []workerGroup
	for i := range p.Threads {
		all = append(all, workerGroup{&p.Threads[i], "thread", "threads." + p.Threads[i].Name})
	}
	for i := range p.Tasks {
		t := &p.Tasks[i]
		all = append(all, workerGroup{&t.Group, t.Kind.String(), "tasks." + t.Name})
	}
	return all
}

// newRequest puts a program into the driver's words, with the draws of each
// worker of its random groups.
func newRequest(p *workloads.Program) (*request, [][]int64, error) {
	r := &request{Mode: "run", GraceNS: int64(grace), Groups: []requestGroup{}, Draws: []int{}}
	if !p.UntilDone {
		r.EndNS = int64(p.Warmup + p.Duration)
	}
	most := max(iterationsMost/max(1, p.Workers()), 1<<20)
	for _, g := range groupsOf(p) {
		body, err := requestOps(g.Body)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", g.key, err)
		}
		if p.UntilDone && g.Times == 0 {
			return nil, nil, fmt.Errorf("%s: must have times, as the run goes on until all is done", g.key)
		}
		if g.Times > iterationsMost {
			return nil, nil, fmt.Errorf("%s: times: must be at most %d in Python, got %d; lower it or leave the python backend out", g.key, iterationsMost, g.Times)
		}
		r.Groups = append(r.Groups, requestGroup{
			Name: g.Name, Kind: g.kind, Count: g.Count, StartNS: int64(g.Start), Times: g.Times, Most: most,
			Random: isRandom(g.Body), Body: body,
		})
	}
	r.share(p)
	draws, err := drawAll(p)
	if err != nil {
		return nil, nil, err
	}
	r.Server, err = newRequestServer(p)
	return r, draws, err
}

// share names what the bodies share.
func (r *request) share(p *workloads.Program) {
	r.Pools, r.Queues, r.Locks = []int{}, []requestShared{}, []requestShared{}
	for _, pool := range p.Pools {
		r.Pools = append(r.Pools, pool.Workers)
	}
	for _, q := range p.Queues {
		r.Queues = append(r.Queues, requestShared{q.Name, q.Size})
	}
	for _, l := range p.Locks {
		r.Locks = append(r.Locks, requestShared{Name: l.Name})
	}
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
	r := requestOp{N: op.N, Ref: op.Ref, Bytes: op.Bytes, Source: op.Source}
	switch op.Kind {
	case workloads.OpFib, workloads.OpYield, workloads.OpCount, workloads.OpRead, workloads.OpScript,
		workloads.OpSend, workloads.OpRecv, workloads.OpLock, workloads.OpUnlock:
	case workloads.OpSpin, workloads.OpSleep, workloads.OpNoGILSpin, workloads.OpHold:
		if !op.For.Random() {
			r.NS = &op.For.Mean
		}
	case workloads.OpNoGILHash:
		r.Op = "hash"
	case workloads.OpLoop, workloads.OpSubmit:
		body, err := requestOps(op.Body)
		if err != nil {
			return requestOp{}, err
		}
		r.Body = body
		if op.Kind == workloads.OpSubmit {
			r.Random = lengthsOf(op.Body)
		}
	default:
		return requestOp{}, fmt.Errorf("the python backend cannot do operation %d; run without --python", op.Kind)
	}
	if r.Op == "" {
		r.Op = op.Kind.String()
	}
	return r, nil
}
