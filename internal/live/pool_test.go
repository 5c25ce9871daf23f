package live

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/workloads"
	"github.com/fibsim/fibsim/workloads/kernel"
)

// do submits a task to a pool of either kind and waits for it.
type do func(body []workloads.Op, s *workloads.Stream) *result

// poolTools are those of a pool whose interpreter is as fast as compiled code.
func poolTools() tools { return tools{spins: kernel.NewSpinner(1000)} }

func mustCrew(t *testing.T, p *workloads.Program, workers int, native bool) *crew {
	t.Helper()
	c, err := startPool(context.Background(), p, "pools.test", workers, acting("worker"), poolTools(), native)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// eachPool runs a test on every kind of pool, in each of that many threads, and ends
// the pool: natively, under each lock, and under one in each way to park.
func eachPool(t *testing.T, workers, threads int, f func(t *testing.T, c *crew, id int, do do)) {
	p := serverProgram()
	locks := []string{"cpython-3", "cpython-2", "none"}
	for _, park := range gil.Parks() {
		for _, lock := range locks {
			t.Run(fmt.Sprintf("%s-%s", lock, park), func(t *testing.T) {
				leavesNothing(t)
				p.Interpreter.Lock, p.Interpreter.Park = lock, string(park)
				c := mustCrew(t, p, workers, false)
				rt := newRuntime(t, lock, park, p)
				defer rt.Close()
				pool, err := newGILPool(rt, c, threads)
				if err != nil {
					t.Fatal(err)
				}
				defer pool.close()
				for id := range threads {
					rt.Go(workerName("test", id), func(th *gil.Thread) {
						defer pool.release()
						f(t, c, id, func(body []workloads.Op, s *workloads.Stream) *result { return pool.do(th, body, s) })
					})
				}
				if err := rt.Wait(context.Background()); err != nil {
					t.Error(err)
				}
				log := keptLog(rt)
				for _, broken := range trace.Check(log, log.Rules) {
					t.Error(broken)
				}
			})
		}
		locks = locks[:1]
	}
	t.Run("native", func(t *testing.T) {
		leavesNothing(t)
		c := mustCrew(t, p, workers, true)
		pool := newNativePool(c)
		defer pool.crew.close()
		var running sync.WaitGroup
		for id := range threads {
			w := &goroutine{lane: trace.NewLane(0, nil, false), now: gil.Monotonic}
			running.Go(func() {
				f(t, c, id, func(body []workloads.Op, s *workloads.Stream) *result { return pool.do(w, body, s) })
			})
		}
		running.Wait()
	})
}

// TestPool: every result is the right one, whoever waits for it; random durations go on
// in the stream of the thread that submits; and the record of the lock, with the
// pool's own threads in it, breaks no invariant.
func TestPool(t *testing.T) {
	sleep := workloads.Op{Kind: workloads.OpSleep, For: workloads.Duration{Dist: workloads.Exponential, Mean: 50_000}}
	body := []workloads.Op{{Kind: workloads.OpLoop, N: 2, Body: []workloads.Op{sleep}}, {Kind: workloads.OpFib, N: 5}}
	eachPool(t, 2, 5, func(t *testing.T, c *crew, id int, do do) {
		s := workloads.NewStream(1, "test", id, "body")
		own := s
		for i := range 6 {
			n := 1 + id + i
			if r := do(fibTask(n), &s); r.problem != "" || r.value != kernelAnswer(n) {
				t.Errorf("fib(%d): %+v", n, r)
			}
			want := sleep.For.Draw(&own) + sleep.For.Draw(&own)
			if r := do(body, &s); r.problem != "" || r.planned != want || s != own {
				t.Errorf("%+v with the stream at %d, want %d ns planned and %d", r, s, want, own)
			}
		}
		if id == 0 && runtime.GOOS == "linux" {
			c.mu.Lock()
			pid := c.workers[0].cmd.Process.Pid
			c.mu.Unlock()
			if peakMemoryOf(pid) < 1<<20 {
				t.Errorf("the peak memory of a worker is %d bytes", peakMemoryOf(pid))
			}
		}
	})
}

// TestWorkerKilled: where a worker dies in the middle of a task, that task alone ends
// with an error that says so, and another process takes its place.
func TestWorkerKilled(t *testing.T) {
	eachPool(t, 2, 2, func(t *testing.T, c *crew, id int, do do) {
		var s workloads.Stream
		if id == 0 {
			for range 20 {
				if r := do(fibTask(10), &s); r.problem != "" || r.value != 55 {
					t.Errorf("a task beside the lost one: %+v", r)
				}
			}
			return
		}
		stop := make(chan struct{})
		defer close(stop)
		go func() {
			for {
				c.mu.Lock()
				for _, w := range c.workers {
					if len(w.errands) > 0 && len(w.errands[0].message) > 40 { // not one of fib(10)
						_ = w.cmd.Process.Kill()
					}
				}
				c.mu.Unlock()
				select {
				case <-stop:
					return
				case <-time.After(time.Millisecond):
				}
			}
		}()
		long := []workloads.Op{{Kind: workloads.OpFib, N: 45}, {Kind: workloads.OpFib, N: 45}}
		if r := do(long, &s); r.problem != "the worker process died (signal: killed)" {
			t.Errorf("%+v", r)
		}
		for range 5 {
			if r := do(fibTask(11), &s); r.problem != "" || r.value != 89 {
				t.Errorf("after the loss: %+v", r)
			}
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if len(c.workers) == 0 {
			t.Error("nobody took the place of the lost one")
		}
	})
}

// TestPrefetch: no more tasks leave the executor's own queue than there are workers,
// and one more, beyond those that are being done.
func TestPrefetch(t *testing.T) {
	const workers, threads = 2, 9
	p := serverProgram()
	leavesNothing(t)
	c := mustCrew(t, p, workers, false)
	rt := newRuntime(t, "cpython-3", gil.ParkAuto, p)
	defer rt.Close()
	pool, err := newGILPool(rt, c, threads)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.close()
	most := 0
	for id := range threads {
		rt.Go(workerName("test", id), func(th *gil.Thread) {
			defer pool.release()
			for range 4 {
				pool.do(th, []workloads.Op{{Kind: workloads.OpSleep, For: workloads.Duration{Mean: 2e6}}}, new(workloads.Stream))
				pool.mu.Lock()
				most = max(most, pool.prefetched())
				pool.mu.Unlock()
			}
		})
	}
	if err := rt.Wait(context.Background()); err != nil {
		t.Error(err)
	}
	if most != workers+extraCalls {
		t.Errorf("up to %d tasks were prefetched, want %d", most, workers+extraCalls)
	}
}

// TestAbortPool: aborted in the middle of tasks, a pool leaves no thread, process or
// descriptor.
func TestAbortPool(t *testing.T) {
	p := serverProgram()
	for _, park := range gil.Parks() {
		t.Run(string(park), func(t *testing.T) {
			leavesNothing(t)
			p.Interpreter.Park = string(park)
			c := mustCrew(t, p, 1, false)
			rt := newRuntime(t, "cpython-3", park, p)
			defer rt.Close()
			pool, err := newGILPool(rt, c, 3)
			if err != nil {
				t.Fatal(err)
			}
			defer pool.close()
			for id := range 3 {
				rt.Go(workerName("test", id), func(th *gil.Thread) {
					defer pool.release()
					pool.do(th, fibTask(45), new(workloads.Stream))
					t.Error("a task of minutes was done")
				})
			}
			time.AfterFunc(30*time.Millisecond, rt.Abort)
			if err := rt.Wait(context.Background()); err != gil.ErrAborted {
				t.Error(err)
			}
		})
	}
}

// TestWorkersThatFail: whatever a worker process does instead of what it should, the
// error names the pool, and nothing is left.
func TestWorkersThatFail(t *testing.T) {
	for role, want := range map[string]string{
		"crash":  "pools.test: a worker process died (exit status 3): no more memory",
		"babble": "pools.test: a worker process was ended: a message that cannot be read: it claims to have",
	} {
		t.Run(role, func(t *testing.T) {
			leavesNothing(t)
			c, err := startPool(context.Background(), serverProgram(), "pools.test", 2, acting(role), poolTools(), true)
			if err == nil {
				c.close()
			}
			if err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
	t.Run("interrupted", func(t *testing.T) {
		leavesNothing(t)
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		_, err := startPool(ctx, serverProgram(), "pools.test", 2, acting("silent"), poolTools(), true)
		if err != context.DeadlineExceeded {
			t.Errorf("got %v", err)
		}
	})
	// It is ready, and dies at its first task; so do all that take its place.
	t.Run("dies at work", func(t *testing.T) {
		leavesNothing(t)
		c, err := startPool(context.Background(), serverProgram(), "pools.test", 1, acting("worker that dies"), poolTools(), true)
		if err != nil {
			t.Fatal(err)
		}
		pool := newNativePool(c)
		defer pool.crew.close()
		w := &goroutine{lane: trace.NewLane(0, nil, false), now: gil.Monotonic}
		for i := range mostEarly + 3 {
			want := "the worker process died (exit status 5)"
			if i > mostEarly {
				want = "worker processes die as soon as they have started"
			}
			if r := pool.do(w, fibTask(1), new(workloads.Stream)); r.problem != want {
				t.Fatalf("task %d: %q, want %q", i, r.problem, want)
			}
		}
	})
}

// orphanWorkers starts workers, prints their process numbers, has them compute for
// minutes, and is killed.
func orphanWorkers() {
	c, err := startPool(context.Background(), serverProgram(), "pools.test", 2, acting("worker"), poolTools(), true)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	pool := newNativePool(c)
	pool.start(fibTask(45), workloads.Stream{}, func(*result) {})
	for _, w := range c.workers {
		fmt.Println(w.cmd.Process.Pid)
	}
	fmt.Println("done")
	killSelf()
}

func FuzzTask(f *testing.F) {
	t := task{id: 7, stream: workloads.NewStream(1, "g", 2, "body"), body: []workloads.Op{
		{Kind: workloads.OpFib, N: 30},
		{Kind: workloads.OpLoop, N: 2, Body: []workloads.Op{{Kind: workloads.OpSpin, For: workloads.Duration{Dist: workloads.Pareto, Mean: 5, Shape: 1.5}}}},
		{Kind: workloads.OpScript, Source: "def run():\n  pass\n"},
		{Kind: workloads.OpSleep, For: workloads.Duration{Dist: workloads.UniformDist, Low: -1, High: 1 << 40}, Bytes: 9, Ref: 3},
	}}
	f.Add(t.encode())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, message []byte) {
		got, err := decodeTask(message)
		if err != nil {
			return
		}
		again, err := decodeTask(got.encode())
		if err != nil || !reflect.DeepEqual(got, again) && !strings.Contains(fmt.Sprint(got), "NaN") {
			t.Errorf("%+v is read back as %+v, %v", got, again, err)
		}
	})
}

func FuzzResult(f *testing.F) {
	r := result{id: 1 << 60, begin: 5, end: 7, planned: 3, value: 832040, problem: "none"}
	f.Add(r.encode())
	f.Fuzz(func(t *testing.T, message []byte) {
		got, err := decodeResult(message)
		if err != nil {
			return
		}
		if again, err := decodeResult(got.encode()); err != nil || *again != *got {
			t.Errorf("%+v is read back as %+v, %v", got, again, err)
		}
	})
}
