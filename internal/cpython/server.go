package cpython

import (
	"fmt"
	"net"
	"strconv"

	"github.com/fibsim/fibsim/workloads"
)

// requestServer says what the driver is to serve with, and where.
type requestServer struct {
	Model   string `json:"model"`
	Workers int    `json:"workers"`
	Threads int    `json:"threads"`
	Host    string `json:"host"`
	Port    int    `json:"port"`
	Backlog int    `json:"backlog"`
}

// selectMost is how many connections a server gets that waits with select, which
// takes no descriptor from 1024 on. Others are in use.
const selectMost = 1000

// newRequestServer puts the server of a program into the driver's words; nil where
// there is none.
func newRequestServer(p *workloads.Program) (*requestServer, error) {
	s := p.Server
	if s == nil {
		return nil, nil
	}
	if p.UntilDone {
		return nil, fmt.Errorf("server: a run until all is done has no end for its clients; give the scenario a duration")
	}
	connections := 0
	for _, c := range p.Clients {
		connections += c.Count
	}
	switch s.Model {
	case workloads.Sequential, workloads.Threads:
	case workloads.Processes, workloads.CoroutinesProcesses, workloads.Interpreters:
		if s.Workers < 1 {
			return nil, fmt.Errorf("server.workers: must be 1 or more, got %d", s.Workers)
		}
	case workloads.Prefork:
		if s.Workers < 1 || s.Threads < 1 {
			return nil, fmt.Errorf("server: workers and threads must be 1 or more, got %d and %d", s.Workers, s.Threads)
		}
	case workloads.Coroutines:
	default:
		return nil, fmt.Errorf("server.model: the python backend does not know %s; use threads or leave the python backend out", s.Model)
	}
	if selects(s.Model) && connections > selectMost {
		return nil, fmt.Errorf("server.model: %s waits with select in Python, which takes descriptors below 1024: must have at most %d connections, got %d; use threads or leave the python backend out", s.Model, selectMost, connections)
	}
	host, port, err := hostPort(s.Address)
	if err != nil {
		return nil, err
	}
	// All connections are made at once before the run. A full queue would drop
	// some, which then come again a second later.
	return &requestServer{
		Model: string(s.Model), Workers: s.Workers, Threads: s.Threads,
		Host: host, Port: port, Backlog: max(5, connections),
	}, nil
}

// selects reports whether a model's server waits with select.
func selects(m workloads.Model) bool {
	return m == workloads.Coroutines || m == workloads.CoroutinesProcesses
}

// hostPort takes an address apart; an empty one is any free port of loopback.
func hostPort(address string) (host string, port int, err error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, fmt.Errorf("server.address: must be host:port, got %s: %w", address, err)
	}
	port, err = strconv.Atoi(text)
	if err != nil {
		return "", 0, fmt.Errorf("server.address: the port must be a number, got %q", text)
	}
	return host, port, nil
}
