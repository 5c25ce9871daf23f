package machine

import "fmt"

// Where the defaults are from.
const (
	here     = "measured on a virtual machine with 2 CPUs, Linux 6.18, glibc 2.36, November 2026"
	pair     = here + ", in C"
	guess    = "estimate; `fibsim calibrate` measures it"
	estimate = "estimate"
	scxsim   = "scx_simulator: 0.5 µs for voluntary, 1 µs for involuntary switches; pipe ping-pong on Linux 6.6: 1.07 µs"
)

// Fields lists all costs of c but for those of an interpreter, in the order in
// which a cost file has them.
func (c *Costs) Fields() []Field {
	return []Field{
		{"system_call", "ns into the kernel and back", "0.1 to 0.3 µs with today's mitigations; " + guess, &c.SystemCall, int64(200)},
		{"clock", "ns to read the clock", "vDSO with the processor's counter; " + guess, &c.Clock, int64(30)},
		{"switch", "ns from one thread to another on the same CPU", scxsim, &c.Switch, int64(1000)},
		{"go_switch", "ns from one goroutine to another on the same P", "0.1 to 0.25 µs; " + guess, &c.GoSwitch, int64(200)},
		{"cache_refill", "ns added when a thread goes on on another CPU", "the working set of these bodies is small; " + guess, &c.CacheRefill, int64(2000)},
		{"switch_process", "ns added when the thread before belonged to another process", pair + ", pipes: 2.5 to 3.3 µs", &c.SwitchProcess, int64(3000)},
		{"fall_asleep", "ns from a call that sleeps until the thread is asleep", "about a system call and a switch; " + guess, &c.FallAsleep, int64(1000)},
		{"wake_call", "ns that waking somebody on another CPU costs the waker", "a futex wake: 1 to 2 µs; " + guess, &c.WakeCall, int64(1500)},
		{"wake_idle", "ns until a woken thread runs on a CPU that has become idle just before, and slept for long before that",
			here + ": CPython 3.12 next to a thread in a loop lost its lock to calls of 3.6 µs and kept it in most of 1.5 µs",
			&c.WakeIdle, Spread{1500, 1900, 2500, 3500, 8000, 20_000}},
		{"wake_deep", "ns until a woken thread runs on a CPU that has slept", here + ": 50 to 300 µs where the processor had halted",
			&c.WakeDeep, Spread{4000, 15_000, 45_000, 90_000, 200_000, 400_000}},
		{"wake_message", "ns until the receiver of a message runs on a CPU that has just become idle",
			"that of wake_idle; " + guess, &c.WakeMessage, Spread{1500, 1900, 2500, 3500, 8000, 20_000}},
		{"idle_poll", "ns for which a CPU without work is woken in wake_idle, and no longer in wake_deep", "Linux, drivers/cpuidle/governors/haltpoll.c: guest_halt_poll_ns", &c.IdlePoll, int64(200_000)},
		{"wake_busy", "ns until a busy CPU looks at a woken thread that is to have it at once", "an interrupt between processors: 1 to 2 µs; " + guess, &c.WakeBusy, Exactly(2000)},
		{"pack", "ns of a millisecond for which a CPU can have been busy lately and still take a woken thread while another CPU is idle; 0: it takes none",
			"0, as in Linux; some kernels for virtual machines pack", &c.Pack, int64(0)},
		{"timer_slack", "ns by which a sleep on an idle CPU ends late", here + ": sleep(1 ms) came back 0.08 ms late, 99 % within 0.13 ms",
			&c.TimerSlack, Spread{52_000, 57_000, 66_000, 78_000, 120_000, 400_000}},
		{"timer_slack_long", "ns that timer_slack is for sleeps of 5 ms or more, and not up to 1; 0: the same", "that of timer_slack",
			&c.TimerSlackLong, Spread{}},
		{"timer_busy", "ns by which a sleep on a CPU that computes ends late, until that is to switch; 0: timer_range", "timer_range", &c.TimerBusy, Spread{}},
		{"timer_wake", "ns of timer_slack that are CPU time of the thread for which a timer wakes its CPU; where it is not 0, a timer on a CPU that is awake is late by timer_range, or timer_busy",
			here + ", waits for the emulated lock that time out: 36 to 48 µs of CPU time each for a thread alone, 9 to 10 for each of 50", &c.TimerWake, int64(35_000)},
		{"timer_range", "ns of timer_slack that the kernel gives away where timers of a CPU can end together; 0: each ends by itself",
			"Linux, prctl(PR_SET_TIMERSLACK): 50 µs", &c.TimerRange, int64(50_000)},
		{"timer_grid", "ns of which the ends of timers are multiples, so that close ones end together; 0: they end at any time",
			"Linux ends a timer when its slack is over; macOS and Windows gather them", &c.TimerGrid, int64(0)},
		{"stall_every", "ns that a CPU sleeps, in the mean, until its host gives it to others; 0: never", "0, as where nobody shares the host; from some 40 ms to never on the virtual machine of the others, by the minute", &c.StallEvery, int64(0)},
		{"stall", "ns by which a CPU that its host has given to others comes back later", "none, as where nobody shares the host; 3 ms in the mean on the virtual machine of the others", &c.Stall, Spread{}},
		{"yield", "ns that sleep(0) takes", here + ": clock_nanosleep, which CPython 3.11 and later call, took 74 µs",
			&c.Yield, Spread{52_000, 57_000, 70_000, 80_000, 120_000, 400_000}},
		{"send", "ns of the system call that sends", here + ": 3.6 µs for UDP on loopback; TCP takes a little more", &c.Send, int64(4000)},
		{"recv", "ns of the system call that receives what is there", here + ": 1.1 to 1.4 µs", &c.Recv, int64(1200)},
		{"loopback", "ns from the begin of a send until the receiver is woken", "most of a send on loopback is the receiver's half; " + guess, &c.Loopback, int64(3000)},
		{"message", "ns of CPU time that a message costs a receiver who waited, beyond send, recv, wake_call and switch",
			pair + ", each side on a CPU of its own: 6 to 8 µs", &c.Message, int64(7000)},
		{"accept", "ns of the system call that accepts a connection", guess, &c.Accept, int64(5000)},
		{"thread_start", "ns to start a thread", guess, &c.ThreadStart, int64(20_000)},
		{"request", "ns of a request beside fib: reading the number, writing the reply", guess, &c.Request, int64(300)},
		{"fib_call", "ns for a call of fib as compiled", here + ", Go 1.26", &c.FibCall, 2.0},
		{"wobble", "ns by which a millisecond of fib takes longer in the long run than the best of nine", "none on a quiet host with a fixed clock rate", &c.Wobble, int64(0)},
		{"hash_kib", "ns for SHA-256 of 1,024 bytes", "1.7 GB/s with the processor's own instructions; " + guess, &c.HashKiB, int64(600)},
		{"release_take", "ns to let the lock go and take it when nobody else wants it", here + ", in C: 45 ns", &c.ReleaseTake, int64(45)},
		{"noticed", "ns from a request until the holder lets go, beyond the way to its checkpoint",
			here + ", in C with cold caches: 0.3 to 1.5 µs", &c.Noticed, Spread{300, 420, 800, 1300, 1500, 3000}},
		{"user_lock", "ns to take a free lock of the program, or to let it go", "an atomic operation and a call; " + estimate, &c.UserLock, int64(20)},
		{"queue_item", "ns to put an item into a queue of the program, or to take one out", "a lock, a deque and a condition; " + estimate, &c.QueueItem, int64(100)},
		{"yield_step", "ns of a step of a loop of generators", "a switch between coroutines of Go; " + estimate, &c.YieldStep, int64(150)},
		{"asyncio_step", "ns of a handle of an asyncio loop", "the same and a callback; " + estimate, &c.AsyncioStep, int64(250)},
		{"script_step", "ns of a step of a script", "go.starlark.net; " + estimate, &c.ScriptStep, 25.0},
		{"select", "ns of the system call that says what is ready", "0.3 to 1 µs for epoll_wait; " + estimate, &c.Select, int64(600)},
		{"read_mib", "ns to read 1,048,576 bytes that the kernel has in memory", "some 8 GB/s; " + estimate, &c.ReadMiB, int64(125_000)},
		{"pipe_write", "ns of the system call that writes a small message to a pipe", estimate, &c.PipeWrite, int64(1200)},
		{"pipe_read", "ns of the system call that reads a small message from a pipe", estimate, &c.PipeRead, int64(700)},
		{"settle", "ns for which a thread that has queued on the condition variable takes its signal before a sleeper", "as long a way as that of noticed; " + guess, &c.Settle, int64(1000)},
		{"settle_short", "ns that settle is with a switch interval of 1 ms or less, and not of 5", "that of settle; " + guess, &c.SettleShort, int64(1000)},
		{"settle_long", "ns that settle is with a switch interval of 20 ms or more, and not of 5", "that of settle; " + guess, &c.SettleLong, int64(1000)},
		{"settle_warm", "ns that settle is where the CPU has slept for 50 µs or less, and the holder has been alone on its own for 3.2 ms; beyond 5 ms it changes as settle does if settle_warm_long is 0", "that of settle; " + guess, &c.SettleWarm, int64(1000)},
		{"settle_warm_short", "ns that settle_warm is with a switch interval of 1 ms or less; 0: the same", "that of settle_warm", &c.SettleWarmShort, int64(0)},
		{"settle_warm_long", "ns that settle_warm is with a switch interval of 20 ms or more; 0: it changes beyond 5 ms as settle does", "as settle does", &c.SettleWarmLong, int64(0)},
		{"ask_hold", "ns for which a thread that asks for the lock keeps the lock's inner mutex, if it has let it go more than 1.5 intervals ago", "as others do", &c.AskHold, int64(0)},
		{"ask_hold_short", "ns that ask_hold is with a switch interval of 1 ms or less, and not of 5", "as others do", &c.AskHoldShort, int64(0)},
		{"lock_wait", "ns of CPU time of a wait for the lock, or of a sleep, beyond the switch", pair + ", timed waits that time out, 10 to 100 threads: 9 to 14 µs", &c.LockWait, int64(10_000)},
		{"after_wait", "ns of CPU time by which a thread's first work after a wait for the lock takes longer", guess, &c.AfterWait, Spread{}},
		{"after_wait_short", "ns that after_wait is with a switch interval of 1 ms or less, and not of 5", "that of after_wait; " + guess, &c.AfterWaitShort, Spread{}},
		{"after_wait_long", "ns that after_wait is with a switch interval of 20 ms or more, and not of 5", "that of after_wait; " + guess, &c.AfterWaitLong, Spread{}},
	}
}

// Fields lists the costs of an interpreter. Their defaults are those of CPython
// 3.11, which had them where the defaults of Costs are from.
func (i *Interpreter) Fields() []Field {
	return []Field{
		{"fib_call", "ns for a call of fib", here, &i.FibCall, 29.0},
		{"release_take", "ns to let the lock go and take it when nobody else wants it", guess, &i.ReleaseTake, int64(80)},
		{"send", "ns of a send", guess, &i.Send, int64(4500)},
		{"recv", "ns of a recv that finds data", guess, &i.Recv, int64(1700)},
		{"request", "ns of a request beside fib", guess, &i.Request, int64(1000)},
		{"user_lock", "ns to take a free threading.Lock, or to let it go", estimate, &i.UserLock, int64(30)},
		{"yield_step", "ns of popleft, next and append", estimate, &i.YieldStep, int64(150)},
		{"asyncio_step", "ns of a handle of an asyncio loop", "1 to 3 µs; " + estimate, &i.AsyncioStep, int64(2000)},
		{"script_step", "ns of what is a step of Starlark", "fib_call over the 12 steps of a call; " + estimate, &i.ScriptStep, 2.5},
		{"queue_item", "ns of put or get of queue.Queue, which is Python code", "Lib/queue.py; " + estimate, &i.QueueItem, int64(1200)},
	}
}

// Check returns what is wrong with the costs: negative ones, and spreads whose
// quantiles fall.
func (c *Costs) Check() error {
	fields := c.Fields()
	if c.Interpreter != nil {
		for _, f := range c.Interpreter.Fields() {
			f.Name = "interpreter." + f.Name
			fields = append(fields, f)
		}
	}
	for _, f := range fields {
		if err := f.Check(); err != nil {
			return err
		}
	}
	if c.Pack > mostPack {
		return fmt.Errorf("costs: pack must be from 0 to %d ns, which is all of a millisecond, got %d", mostPack, c.Pack)
	}
	return nil
}

const mostPack = 1_000_000

// mostCost is what no cost reaches, in nanoseconds: an hour.
const mostCost = int64(3600e9)

// Check returns what is wrong with the value of a field.
func (f Field) Check() error {
	switch v := f.Value.(type) {
	case *int64:
		return f.inRange(*v)
	case *float64:
		if !(*v >= 0 && *v <= float64(mostCost)) {
			return fmt.Errorf("costs: %s must be from 0 to %d ns, got %g", f.Name, mostCost, *v)
		}
	case *Spread:
		q := v.quantiles()
		for i := range q {
			if err := f.inRange(q[i]); err != nil {
				return err
			}
			if i > 0 && q[i] < q[i-1] {
				return fmt.Errorf("costs: %s: the quantiles must not fall, and %d comes after %d", f.Name, q[i], q[i-1])
			}
		}
	}
	return nil
}

func (f Field) inRange(v int64) error {
	if v < 0 || v > mostCost {
		return fmt.Errorf("costs: %s must be from 0 to %d ns, got %d", f.Name, mostCost, v)
	}
	return nil
}
