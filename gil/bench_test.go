package gil_test

import (
	"context"
	"testing"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/internal/cpair"
	"github.com/fibsim/fibsim/gil/policy"
)

// on runs f as the only thread of a runtime.
func on(b *testing.B, park gil.Park, lock string, f func(*gil.Thread)) {
	p, err := policy.New(lock, nil)
	if err != nil {
		b.Fatal(err)
	}
	rt, err := gil.New(p, gil.Options{Park: park})
	if err != nil {
		b.Fatal(err)
	}
	defer rt.Close()
	rt.Go("only", f)
	if err := rt.Wait(context.Background()); err != nil {
		b.Fatal(err)
	}
}

// What a blocking call costs that finds nobody else: a release and a take, beside
// the same in C, bare and with the two clock readings that the states of a thread
// need, and beside those two readings alone.
func BenchmarkReleaseTake(b *testing.B) {
	if cpair.Available {
		b.Run("c", func(b *testing.B) { cpair.Run(b.N, false) })
		b.Run("c-with-clock", func(b *testing.B) { cpair.Run(b.N, true) })
	}
	b.Run("clock", func(b *testing.B) {
		for b.Loop() {
			gil.Monotonic()
			gil.Monotonic()
		}
	})
	for _, park := range gil.Parks() {
		b.Run(string(park), func(b *testing.B) {
			on(b, park, "cpython-3", func(t *gil.Thread) {
				b.ReportAllocs()
				for b.Loop() {
					t.Blocking(func() {})
				}
			})
		})
	}
}

// What running code pays for each look at the request.
func BenchmarkCheckpoint(b *testing.B) {
	on(b, gil.ParkAuto, "cpython-3", func(t *gil.Thread) {
		for b.Loop() {
			t.Checkpoint()
		}
	})
}

// The same for a lock that counts ticks.
func BenchmarkTick(b *testing.B) {
	on(b, gil.ParkAuto, "cpython-2", func(t *gil.Thread) {
		for b.Loop() {
			t.Tick(1)
		}
	})
}
