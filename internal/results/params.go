package results

// Param is a setting that a sweep varies: a column of samples.csv and summary.csv, after
// all others.
type Param struct {
	Column Column            // its name begins with param_
	Values map[string]string // by variant, as they stand in the file
}

// withParams returns the columns of a file with those of the sweep.
func (c *Config) withParams(columns []Column) []Column {
	out := append([]Column(nil), columns...)
	for _, p := range c.Params {
		out = append(out, p.Column)
	}
	return out
}

// paramFields returns the end of a variant's rows: a comma before each value.
func (c *Config) paramFields(variant string) string {
	var b []byte
	for _, p := range c.Params {
		b = appendField(append(b, ','), p.Values[variant])
	}
	return string(b)
}
