package calibrate

import (
	"os"
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
