package term

import (
	"strings"
	"testing"
)

// A closed loop that was repeated shows each repetition: by the share of lost
// re-takes where the backend sees the lock, otherwise by its rate beside the one
// alone. Fewer than two repetitions show nothing.
func TestModesOfClosedLoops(t *testing.T) {
	for _, c := range []struct {
		reps int
		want string
	}{
		{1, ""},
		{2, "  quick, gil, by repetition: 72.0/s (0 % lost, won back), 72.0/s (0 % lost, won\n  back)\n" +
			"  quick, native, by repetition: 72.5/s (won back), 72.5/s (won back)\n"},
	} {
		var b strings.Builder
		s := Screen{Closed: []string{"quick"}, Set: demo(t, []string{""}, []string{"gil", "native"}, c.reps), Style: Style{Width: 80}}
		s.modes(&b)
		if got := b.String(); got != c.want {
			t.Errorf("%d repetitions:\n%s\nwant:\n%s", c.reps, got, c.want)
		}
	}
	if mode(true) == mode(false) {
		t.Error("both modes have one name")
	}
}
