package live

import "github.com/fibsim/fibsim/workloads"

// shardsOf deals the connections of each group out to processes, evenly and in
// their order.
func shardsOf(p *workloads.Program, maxRows int) []clientConfig {
	var all []clientConfig
	for i := range p.Clients {
		g := &p.Clients[i]
		for s := range g.Processes() {
			first, next := g.ConnectionsOf(s)
			all = append(all, clientConfig{
				Group: g.Name, First: first, Count: next - first,
				Seed: p.Seed, Request: g.Request, Rate: g.Rate, Arrivals: g.Arrivals,
				EndNS: p.End(), GraceNS: int64(grace), MaxRows: maxRows,
			})
		}
	}
	return all
}
