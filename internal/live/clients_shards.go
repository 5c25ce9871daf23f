package live

import "github.com/fibsim/fibsim/workloads"

const (
	// shardConnections is how many connections one process can serve without its
	// loops getting into each other's way.
	shardConnections = 16
	// maxShards bounds the processes of one group, each of which takes some
	// megabytes; the connections of larger groups crowd together.
	maxShards = 32
)

// shardsOf deals the connections of each group out to processes, evenly and in
// their order.
func shardsOf(p *workloads.Program, maxRows int) []clientConfig {
	var all []clientConfig
	for i := range p.Clients {
		g := &p.Clients[i]
		shards := min((g.Count+shardConnections-1)/shardConnections, maxShards)
		for s := range shards {
			first, next := s*g.Count/shards, (s+1)*g.Count/shards
			all = append(all, clientConfig{
				Group: g.Name, First: first, Count: next - first,
				Seed: p.Seed, Request: g.Request, Rate: g.Rate, Arrivals: g.Arrivals,
				EndNS: endOf(p), GraceNS: int64(grace), MaxRows: maxRows,
			})
		}
	}
	return all
}
