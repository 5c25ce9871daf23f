package explore

import (
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil/internal/locktest"
	"github.com/fibsim/fibsim/gil/policy"
	"github.com/fibsim/fibsim/internal/race"
)

var states = flag.Int("states", 3_000, "how many states of four threads are explored for each lock")

const interval = int64(5 * time.Millisecond)

// locks are the policies under test: those of the registry with each wake order,
// and two of the tests.
var locks = map[string]func() Lock{
	"cpython-2": func() Lock { return named("cpython-2", nil).(Lock) },
	"fifo":      func() Lock { return named("cpython-3", map[string]any{"wake_order": "fifo"}).(Lock) },
	"glibc":     func() Lock { return named("cpython-3", map[string]any{"wake_order": "glibc-2.36"}).(Lock) },
	"host":      func() Lock { return policy.WithHostOrder(named("cpython-3", nil)).(Lock) },
	"handoff":   func() Lock { return locktest.NewHandoff(interval/2, interval) },
	"oracle":    func() Lock { return &locktest.Timed{Interval: interval, Order: policy.Glibc236} },
}

func named(name string, given map[string]any) policy.Policy {
	p, err := policy.New(name, given)
	if err != nil {
		panic(err)
	}
	return p
}

// A lock that cannot be copied cannot be checked.
func TestEveryPolicyIsALock(t *testing.T) {
	for _, name := range policy.Names() {
		if _, ok := named(name, nil).(Lock); !ok {
			t.Errorf("%s lacks Copy or Sketch", name)
		}
	}
}

// One visit of a state is enough: worlds with the same key can do the same, which
// leads to the same decisions and to worlds with the same keys, whatever came before.
// On the way, a grant is said to have barged when a thread that was woken is not
// there yet, and only then.
func TestEqualKeysHaveEqualFutures(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine, and much to compute")
	}
	for name, open := range locks {
		for _, roles := range [][]Role{{Releaser.Ending(2), Compute}, {Poller, Compute, Compute}} {
			t.Run(fmt.Sprintf("%s/%d", name, len(roles)), func(t *testing.T) {
				c := &Config{New: open, Roles: roles, Grain: interval / 2, traits: open().Traits()}
				f := futures{t: t, known: map[string]string{}}
				f.follow(newWorld(c), 14-2*len(roles))
				if f.again < 100 {
					t.Errorf("only %d states were reached in two ways", f.again)
				}
			})
		}
	}
}

// futures holds what each state led to when it was first met.
type futures struct {
	t     *testing.T
	known map[string]string
	again int
}

// follow plays every history of a length.
func (f *futures) follow(w *world, depth int) {
	key, _ := w.key(nil)
	moves, urgent := w.moves(nil)
	future := fmt.Sprint(urgent)
	var next []*world
	for _, m := range moves {
		n := w.copy()
		s := n.play(m)
		to, _ := n.key(nil)
		future += fmt.Sprintf("\n%v %q", m, to)
		for _, d := range s.decisions {
			// A policy that leaves the choice to the host does not know whom it has reached.
			if d.Kind == policy.Grant && d.Barged != s.barged && w.config.traits.WakeOrder != policy.HostOrder {
				f.t.Fatalf("the policy says that a grant barged: %t, and it is the other way round", d.Barged)
			}
			future += fmt.Sprint(" ", d.Kind, d.Thread, d.By, d.Prev, d.Barged, d.Timeout)
		}
		next = append(next, n)
	}
	if first, ok := f.known[key]; !ok {
		f.known[key] = future
	} else if f.again++; first != future {
		f.t.Fatalf("one state has two futures:\n%s\n\n%s", first, future)
	}
	if depth == 0 {
		return
	}
	for _, n := range next {
		f.follow(n, depth-1)
	}
}

// A copy shares nothing with its original.
func TestCopiesAreIndependent(t *testing.T) {
	for name, open := range locks {
		c := &Config{New: open, Roles: []Role{Poller, Compute, Compute}, Grain: interval / 2, traits: open().Traits()}
		w := newWorld(c)
		for i := range 60 {
			before, _ := w.key(nil)
			moves, _ := w.moves(nil)
			for _, m := range moves {
				n := w.copy()
				n.play(m)
				more, _ := n.moves(nil)
				n.play(more[len(more)-1])
			}
			if after, _ := w.key(nil); after != before {
				t.Fatalf("%s: what a copy did after %d steps changed the original", name, i)
			}
			w.play(moves[i*7%len(moves)])
		}
	}
}

func TestTitle(t *testing.T) {
	got := Title(slices.Concat([]Role{Releaser, Compute, Compute}, []Role{Poller.Ending(2)}))
	if want := "releaser, 2 compute, poller (2)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
