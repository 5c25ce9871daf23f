package calibrate

import (
	"os"
	"slices"
	"strconv"
	"testing"
	"time"
)

// No thread of this process is kept on fewer CPUs than before by what was measured on one.
func TestNobodyInheritsABinding(t *testing.T) {
	list := cpus()
	if len(list) < 2 {
		t.Skip("needs two CPUs")
	}
	s := system{list[0], list[1]}
	defer withProcs()()
	if _, err := runRace(t.Context(), time.Millisecond, 50*time.Millisecond, 4, s.place); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(2 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		bound := boundThreads(t)
		if bound == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d threads are still bound", bound)
		}
	}
}

// boundThreads returns how many threads of this process have fewer CPUs than it has. The first one
// does not count: it can't end, and does nothing any more after a goroutine has ended on it.
func boundThreads(t *testing.T) (n int) {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		id, _ := strconv.Atoi(task.Name())
		if has := len(cpusOf(id)); id != os.Getpid() && has > 0 && has < len(cpus()) {
			n++
		}
	}
	return n
}

// Of a long sleep and a short one, in turn, the short ones count.
func TestTheLastOfEach(t *testing.T) {
	begun, woken := []int64{10, 20, 30, 40}, []int64{11, 22, 33, 44}
	if got := lastOfEach(2, begun, woken); !slices.Equal(got, []int64{2, 4}) {
		t.Errorf("every other one: %v", got)
	}
	if got := lastOfEach(1, begun, woken); !slices.Equal(got, []int64{1, 2, 3, 4}) {
		t.Errorf("each: %v", got)
	}
}
