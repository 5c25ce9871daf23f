// Package gil makes goroutines hold one interpreter lock, by the rules of a real
// runtime, in real time.
//
// A [Runtime] is one interpreter: a lock, driven by a policy of package policy,
// and its threads. A [Thread] runs only while it has the lock. Running code
// calls [Thread.Checkpoint] often, which is the eval breaker: one atomic load,
// and where somebody asked for the lock, the way through letting it go and
// taking it back. Code that blocks goes through [Thread.Blocking], which lets
// the lock go meanwhile, as the runtime does around recv or sleep.
//
//	rt, err := gil.New(p, gil.Options{})
//	defer rt.Close()
//	rt.Go("worker", func(t *gil.Thread) {
//		for range 1000 {
//			t.Checkpoint()
//		}
//		t.Blocking(func() { … })
//	})
//	err = rt.Wait(ctx)
//
// # Who decides
//
// The rules are the policy's. This package owns what the policy must not have:
// the clock, the threads, and the way to park one. There are three ways to park,
// see [Park]; they differ in who wakes how fast, never in the rules.
//
// # Why OS threads
//
// The faithful ways to park lock each thread to an OS thread and sleep in the
// kernel. An idle Go process rounds the time of a timer to about a millisecond,
// a fifth of CPython's switch interval, and hands a lock over in 0.2 µs where a
// thread needs a wake-up of several: the races that make the real lock what it
// is would come out differently.
package gil
