package live

import (
	"encoding/json"
	"fmt"

	"github.com/fibsim/fibsim/workloads"
)

// A client process is told what to do on its standard input and answers on its
// standard output, a line each:
//
//	parent                        client
//	{…}, a clientConfig           ready
//	connect HOST:PORT             connected PORT…, of each connection in its order
//	go EPOCH WALL                 ended, when all of its connections are done
//	stop, at any time after go    ended, at once
//	report                        result {…}, a clientResult, and then its rows
//
// EPOCH is time 0 on the clock of gil.Monotonic, WALL the same moment in
// nanoseconds of Unix time, for systems where no monotonic clock is shared. In
// place of an answer may come `failed` and why. The client ends after its result,
// and when its standard input ends: it never outlives its parent.
//
// The rows are asked for only when the clients of all groups have ended, so that
// reading them disturbs nobody.
const (
	wordReady     = "ready"
	wordConnect   = "connect"
	wordConnected = "connected"
	wordGo        = "go"
	wordEnded     = "ended"
	wordStop      = "stop"
	wordReport    = "report"
	wordResult    = "result"
	wordFailed    = "failed"
)

// clientConfig is what one client process does: connections First to First+Count-1
// of a group.
type clientConfig struct {
	Group    string             `json:"group"`
	First    int                `json:"first"`
	Count    int                `json:"count"`
	Seed     uint64             `json:"seed"`
	Request  int                `json:"request"`
	Rate     float64            `json:"rate"` // arrivals per second of each connection; 0: closed loop
	Arrivals workloads.Arrivals `json:"arrivals"`
	EndNS    int64              `json:"end_ns"`   // nothing starts from then on
	GraceNS  int64              `json:"grace_ns"` // for replies after that
	MaxRows  int                `json:"max_rows"` // of one connection
}

// maxClientRows keeps a connection from filling the memory: 160 MB of rows.
const maxClientRows = 4_000_000

func parseClientConfig(line []byte) (clientConfig, error) {
	var c clientConfig
	if err := json.Unmarshal(line, &c); err != nil {
		return c, fmt.Errorf("the configuration cannot be read: %w", err)
	}
	if c.Count < 1 || c.Request < 0 || c.Request > maxFib || c.Rate < 0 || c.EndNS <= 0 || c.GraceNS < 0 || c.MaxRows < 1 {
		return c, fmt.Errorf("the configuration makes no sense: %s", line)
	}
	return c, nil
}

// clientResult is what a client process found out, but for the rows, which follow
// in the order of the connections.
type clientResult struct {
	Connections []connectionResult `json:"connections"`
	PeakMemory  int64              `json:"peak_memory"` // bytes; 0: unknown
	LateNS      int64              `json:"late_ns"`     // how long after time 0 it was told of it; 0: before
}

type connectionResult struct {
	Rows     int      `json:"rows"`
	Bytes    int      `json:"bytes"`    // of the encoded rows
	Unsent   int64    `json:"unsent"`   // arrivals that still waited in the client at the end
	Failure  string   `json:"failure"`  // why the connection ended before its time
	Problems []string `json:"problems"` // the errors of rows, by number from 1
}
