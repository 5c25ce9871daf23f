package calibrate

import (
	"runtime"
	"sync"
)

// anyCPU leaves a thread where the kernel puts it.
const anyCPU = -1

// threads run together and are waited for.
type threads struct{ running sync.WaitGroup }

// on runs f on an OS thread of its own that is bound to a CPU. The thread ends with
// f, so that nobody inherits its binding.
func (t *threads) on(cpu int, f func()) {
	t.running.Go(func() {
		runtime.LockOSThread() // never undone, which is what ends the thread
		if cpu != anyCPU {
			bind(cpu)
		}
		f()
	})
}

func (t *threads) wait() { t.running.Wait() }

// alone runs f on a thread of its own and waits for it.
func alone(cpu int, f func()) {
	var t threads
	t.on(cpu, f)
	t.wait()
}
