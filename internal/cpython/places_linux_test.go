package cpython

import (
	"os/exec"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// Whoever was kept on a CPU together with a process may use all again that he could.
func TestTogetherAndApart(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, during, after unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		t.Skip("the CPUs of this process cannot be told:", err)
	}
	child := exec.Command("sleep", "60")
	if err := child.Start(); err != nil {
		t.Skip("no process to be together with:", err)
	}
	defer child.Wait()
	defer child.Process.Kill()
	for _, cpu := range places() {
		if !before.IsSet(cpu) {
			t.Errorf("CPU %d is not one of those that may be used", cpu)
		}
		apart := together(child.Process.Pid, cpu)
		unix.SchedGetaffinity(0, &during)
		apart()
		unix.SchedGetaffinity(0, &after)
		if during.Count() != 1 || !during.IsSet(cpu) || after != before {
			t.Errorf("CPU %d: %d CPUs meanwhile; afterwards as before: %t", cpu, during.Count(), after == before)
		}
	}
}
