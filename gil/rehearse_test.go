package gil

import (
	"context"
	"testing"

	"github.com/fibsim/fibsim/gil/policy"
)

// A rehearsal touches nothing of the lock: the thread still has it, nobody has been
// woken, and nothing was recorded.
func TestRehearseLeavesTheLockAlone(t *testing.T) {
	for _, park := range Parks() {
		t.Run(string(park), func(t *testing.T) {
			lock, err := policy.New("cpython-3", nil)
			if err != nil {
				t.Fatal(err)
			}
			rt, err := New(lock, Options{Park: park, Keep: true})
			if err != nil {
				t.Fatal(err)
			}
			defer rt.Close()
			rt.Go("one", func(th *Thread) {
				before := len(th.Lane().Events())
				for range 1000 {
					th.Rehearse()
				}
				if !th.holds || len(th.Lane().Events()) != before {
					t.Errorf("holds %t, %d events more", th.holds, len(th.Lane().Events())-before)
				}
				th.Blocking(func() {})
			})
			if err := rt.Wait(context.Background()); err != nil {
				t.Fatal(err)
			}
			if s := rt.Stats(); s.Takes != 2 {
				t.Errorf("%d takes, want 2", s.Takes)
			}
		})
	}
}
