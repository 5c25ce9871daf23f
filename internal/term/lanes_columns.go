package term

import "slices"

// bound returns when column i of a picture begins.
func (p *picture) bound(i int) int64 { return p.From + (p.To-p.From)*int64(i)/int64(p.columns) }

// column returns the column that a time of the stretch lies in; its end lies in the
// last.
func (p *picture) column(at int64) int {
	i := ((at-p.From+1)*int64(p.columns) - 1) / (p.To - p.From)
	return int(min(i, int64(p.columns)-1))
}

// putter adds a stretch of time that belongs to a key.
type putter func(start, end int64, key int32)

// slot says what shares a column of time: how long each key has of it.
type slot []portion

type portion struct {
	key int32
	ns  int64
}

// fold cuts stretches of time, which are in order and inside the picture, into its
// columns. What is left of a column belongs to none.
func (p *picture) fold(none int32, stretches func(putter)) []slot {
	columns := make([]slot, p.columns)
	stretches(func(start, end int64, key int32) {
		for i := p.column(start); i < p.columns; i++ {
			columns[i].add(key, min(end, p.bound(i+1))-max(start, p.bound(i)))
			if end <= p.bound(i+1) {
				return
			}
		}
	})
	for i := range columns {
		if left := p.bound(i+1) - p.bound(i) - columns[i].sum(); left > 0 {
			columns[i].add(none, left)
		}
	}
	return columns
}

func (c *slot) add(key int32, ns int64) {
	for i := range *c {
		if (*c)[i].key == key {
			(*c)[i].ns += ns
			return
		}
	}
	*c = append(*c, portion{key, ns})
}

// longest returns the key that has most of a column, the first of equals, and
// whether there are others.
func (c slot) longest() (key int32, mixed bool) {
	best := c[0]
	for _, part := range c[1:] {
		if part.ns > best.ns {
			best = part
		}
	}
	return best.key, len(c) > 1
}

// without returns what other keys have of a column.
func (c slot) without(key int32) slot {
	return slices.DeleteFunc(slices.Clone(c), func(p portion) bool { return p.key == key })
}

// sum returns how long all keys together last.
func (c slot) sum() int64 {
	total := int64(0)
	for _, part := range c {
		total += part.ns
	}
	return total
}
