package compare

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"github.com/fibsim/fibsim/internal/results"
)

// Columns are those of the CSV file, in order. Columns are only ever appended.
var Columns = []results.Column{
	{Name: "scenario", Type: "string", Doc: "Name of the scenario."},
	{Name: "variant", Type: "string", Doc: "Variant of the scenario; empty without variants."},
	{Name: "backend", Type: "string", Doc: "What ran it."},
	{Name: "evidence", Type: "string", Doc: "measured or predicted."},
	{Name: "group", Type: "string", Doc: "Name of the group of threads or clients."},
	{Name: "column", Type: "string", Doc: "The column of summary.csv that is compared; its name tells the unit of the medians and of differences."},
	{Name: "a_repetitions", Type: "integer", Doc: "Repetitions in A."},
	{Name: "b_repetitions", Type: "integer", Doc: "Repetitions in B."},
	{Name: "a_median", Type: "number", Doc: "Median over the repetitions of A; empty where any of them lacks the figure."},
	{Name: "b_median", Type: "number", Doc: "The same of B."},
	{Name: "scale", Type: "string", Doc: "What the shift is: ratio (B divided by A), or difference or points (B less A; points of shares). Empty where there is none."},
	{Name: "shift", Type: "number", Doc: "Shift of the median from A to B (Hodges and Lehmann)."},
	{Name: "shift_low", Type: "number", Doc: "Lower bound of its 95 % interval; empty where there are too few repetitions for one."},
	{Name: "shift_high", Type: "number", Doc: "Upper bound."},
	{Name: "p", Type: "number", Doc: "Probability of sides at least so far apart if they did not differ (Mann and Whitney, both directions)."},
	{Name: "significant", Type: "boolean", Doc: "true where p is at most 0.05 and both sides have 6 repetitions."},
	{Name: "reason", Type: "string", Doc: "Why not, otherwise empty."},
}

// Fields returns what a row has for each column: a string or a results.Cell.
func (r *Row) Fields() []any {
	return []any{
		r.Scenario, r.Variant, r.Backend, r.Evidence, r.Group, r.Column,
		results.Int(int64(r.A.Repetitions)), results.Int(int64(r.B.Repetitions)), r.A.Median, r.B.Median,
		string(r.Scale), r.Shift, r.Low, r.High, r.P, strconv.FormatBool(r.Significant), r.Reason,
	}
}

// MarshalJSON returns the row as an object whose keys are the columns, in their
// order, with null for what is missing.
func (r *Row) MarshalJSON() ([]byte, error) {
	out := bytes.NewBufferString("{")
	for i, field := range r.Fields() {
		if Columns[i].Type == "boolean" {
			field = r.Significant
		}
		value, err := json.Marshal(field)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(`"` + Columns[i].Name + `":`)
		out.Write(value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// sideJSON is what the JSON of a comparison says of a side.
type sideJSON struct {
	Directory string    `json:"directory"`
	Version   string    `json:"fibsim_version"`
	Command   []string  `json:"command"`
	Seed      uint64    `json:"seed"`
	Start     time.Time `json:"start"`
	Aborted   bool      `json:"aborted"`
}

func newSide(d *results.Dir) sideJSON {
	return sideJSON{d.Path, d.Run.Version, d.Run.Command, d.Run.Seed, d.Run.Start, d.Run.Aborted}
}

// geomeanJSON is a Geomean in JSON.
type geomeanJSON struct {
	Backend string       `json:"backend"`
	Column  string       `json:"column"`
	Rows    int          `json:"rows"`
	A       results.Cell `json:"a"`
	B       results.Cell `json:"b"`
	Ratio   results.Cell `json:"ratio"`
	Reason  string       `json:"reason,omitempty"`
}

// MarshalJSON returns the comparison as an object.
func (c *Comparison) MarshalJSON() ([]byte, error) {
	geomeans := []geomeanJSON{}
	for _, g := range c.Geomeans {
		geomeans = append(geomeans, geomeanJSON{g.Backend, g.Column, g.Rows, g.A, g.B, g.Ratio, g.Reason})
	}
	rows, notes := c.Rows, c.Notes
	if rows == nil {
		rows = []*Row{}
	}
	if notes == nil {
		notes = []Note{}
	}
	return json.Marshal(struct {
		A        sideJSON      `json:"a"`
		B        sideJSON      `json:"b"`
		Notes    []Note        `json:"notes"`
		Rows     []*Row        `json:"rows"`
		Geomeans []geomeanJSON `json:"geomeans"`
	}{newSide(c.A), newSide(c.B), notes, rows, geomeans})
}
