package engine

import "github.com/fibsim/fibsim/scenarios"

// Step is a place to begin: a built-in scenario with settings, and what it shows.
type Step struct {
	Name     string    `json:"name"` // in the address of the page
	Title    string    `json:"title"`
	Text     string    `json:"text"` // two sentences
	Look     string    `json:"look"` // where the reader sees it
	Scenario string    `json:"scenario"`
	Variant  string    `json:"variant,omitempty"`
	Set      []Setting `json:"set,omitempty"`
}

// Steps returns the story of Hamel Husain, "Python Concurrency: The Tricky Bits"
// (2020), in the order of its text.
func Steps() []Step { return story }

// Others returns the built-in scenarios, each as it is but for its length.
func Others() []Step {
	var list []Step
	for _, s := range scenarios.List() {
		list = append(list, Step{
			Name: s.Name, Title: s.Title, Text: s.Question, Scenario: s.Name, Variant: s.Variants[0].Name, Set: shorter[s.Name],
			Look: busy[s.Name],
		})
	}
	return list
}

// shorter are the windows of scenarios in which so much happens that a page would be
// busy for too long.
var shorter = map[string][]Setting{
	"sleep-zero":     {{"warmup", "1ms"}, {"duration", "12ms"}},
	"perf2-collapse": {{"warmup", "10ms"}, {"duration", "60ms"}},
	"ping-pong":      {{"warmup", "1ms"}, {"duration", "10ms"}},
	"old-lock":       {{"warmup", "50ms"}, {"duration", "1s"}},
}

// busy says of scenarios in which much happens within each millisecond that they do not
// follow at once.
var busy = map[string]string{
	"sleep-zero": "Without the lock the thread gives way many times in a millisecond. So the window is short, and a prediction takes some tenths of a second.",
	"ping-pong":  "A round takes microseconds. So the window is short, and a prediction takes some tenths of a second.",
}

var story = []Step{
	{
		Name: "fib", Title: "Work for the CPU", Scenario: "article/01-fib-grows", Variant: "n26",
		Text: "The article needs something that keeps a CPU busy, and takes the recursive fib. Each step of its number takes 1.618 times as long, so that fib(30) is long and fib(1) is nothing.",
		Look: "Move fib by one and watch the mean latency; the lock has no part in it, as one thread alone never waits.",
	},
	{
		Name: "hang", Title: "The second client hangs", Scenario: "article/02-second-client-hangs",
		Set:  []Setting{{"duration", "300ms"}, {"clients.first.request.fib", "25"}},
		Text: "A server that serves one connection until it ends is all that the article begins with. While the first client stays connected, the second gets no reply at all.",
		Look: "The rate of second is 0, with the lock and without. Choose the model threads, and it is served.",
	},
	{
		Name: "threads", Title: "A thread for each connection", Scenario: "article/03-threads-answer-both",
		Text: "With a thread for each connection both clients are served. They ask for fib(1), which takes no time, so that nobody waits for the lock.",
		Look: "Both rates are the 50 requests a second that were asked for, under the lock and without.",
	},
	{
		Name: "slow-each-other", Title: "Long requests slow each other down", Scenario: "article/04-perf1-slows-perf1", Variant: "two",
		Text: "Two clients ask for much, and each request takes twice as long as alone. Threads add nothing where the CPU is what they need: one runs while the other waits for the lock.",
		Look: "The slowdown grows with the number of clients, and the rate stays. Without the lock it stays 1 up to the number of CPUs.",
	},
	{
		Name: "sleep", Title: "Threads that sleep", Scenario: "article/05-sleep-in-threads", Variant: "three",
		Text: "Three threads sleep, and take as long as one. Who sleeps has let go of the lock.",
		Look: "All lanes sleep at the same time. Add threads: nothing changes.",
	},
	{
		Name: "compute", Title: "Threads that compute", Scenario: "article/06-fib-in-threads", Variant: "three",
		Text: "The same threads compute instead of sleeping, and three take three times as long as one. They take turns, each for a switch interval.",
		Look: "Under the lock one lane runs at a time; without it, as many as there are CPUs.",
	},
	{
		Name: "long-beats-short", Title: "The lock favours long work", Scenario: "article/07-long-beats-short", Variant: "python3",
		Text: "One client asks for fib(30) all the time, the other now and then for fib(1), which takes microseconds. The long request hardly notices; the short one waits for a whole switch interval, because the thread that computes gives the lock up only when it was asked to and the interval is over.",
		Look: "The favor-CPU-bound index: far above 1 under the lock. Zoom in on one wait_gil of short: it is as long as the switch interval.",
	},
	{
		Name: "os-favours-short", Title: "The operating system does the opposite", Scenario: "article/07-long-beats-short", Variant: "python3",
		Set:  []Setting{{"machine.cpus", "1"}, {"machine.native_scheduler", "eevdf"}},
		Text: "The same requests on one CPU, and without the lock the threads are scheduled as Linux does it. The short request goes first there and the long one pays for it, as it should be.",
		Look: "Compare the p50 of short in sim_gil and sim_native, although both have one CPU alone.",
	},
	{
		Name: "python-2", Title: "Python 2 was kinder", Scenario: "article/07-long-beats-short", Variant: "python2",
		Text: "The lock of Python 2 is let go every 100 ticks, whoever waits. Short work gets in quickly; what that costs, the thread that computes pays.",
		Look: "The index is near 1. Raise the check interval, and short work waits again.",
	},
	{
		Name: "interval", Title: "A shorter switch interval", Scenario: "switch-interval", Variant: "fast",
		Text: "sys.setswitchinterval is the remedy within CPython: short work waits for as long as that and a little. It costs switches, and each of them time.",
		Look: "Move the switch interval: the delay of sleeper follows it.",
	},
	{
		Name: "monitor", Title: "Threads are not just for speed", Scenario: "article/08-monitor-undisturbed", Variant: "prints",
		Text: "One thread wakes up now and then and prints while another sends requests. It works, because the monitor hardly needs the CPU.",
		Look: "The rate of sender. Choose the variant computes, in which the monitor does fib(30), and most of it is gone.",
	},
	{
		Name: "pool", Title: "A pool of processes", Scenario: "article/09-pool-keeps-fast-safe", Variant: "pool",
		Text: "The server hands each request to a worker process, which has an interpreter and a lock of its own. A short request alone takes longer, for the way through two pipes; but next to a long one it no longer waits for the lock.",
		Look: "The p50 of short, here and in the variant threads.",
	},
	{
		Name: "memory", Title: "Threads share, processes copy", Scenario: "article/10-threads-share-memory", Variant: "process",
		Set:  []Setting{{"warmup", "1ms"}, {"duration", "10ms"}},
		Text: "A thread hands a reference to another through a queue in memory that both see. To a process goes a copy, through a pipe.",
		Look: "The mean latency of asker in both variants. Alone it asks so often that the slowdown takes a moment to follow.",
	},
	{
		Name: "downloads", Title: "For downloads, threads", Scenario: "article/12-downloads", Variant: "eight",
		Text: "A download is a wait for the network and a little work. Eight threads do it eight times as fast as one, under the lock, too.",
		Look: "The lanes are asleep nearly all the time: there is nothing that the lock could delay.",
	},
	{
		Name: "transforms", Title: "For computing, processes", Scenario: "article/13-transforms", Variant: "processes",
		Text: "Work on data needs the CPU, so that threads take turns. Two worker processes use two CPUs.",
		Look: "The rate, here and in the variant threads.",
	},
	{
		Name: "files", Title: "For files, either", Scenario: "article/14-file-loads", Variant: "threads",
		Text: "Whoever reads a file has let go of the lock. Threads do as well as processes.",
		Look: "The lanes read side by side; in the variant processes they take no less time.",
	},
	{
		Name: "both", Title: "Threads within processes", Scenario: "article/15-threads-in-processes", Variant: "both",
		Text: "Each item is a wait and a computation. Threads overlap the waits, worker processes behind them the computations.",
		Look: "The rate in the variants one, threads and both.",
	},
	{
		Name: "coroutines", Title: "Coroutines take turns where they say", Scenario: "article/16-coroutines-interleave",
		Text: "Three countdowns share one thread and give way after each step. Nobody interrupts them, and nothing is faster than one after the other.",
		Look: "The shortest ends first, though it was not the first to start; the thread runs all the time.",
	},
	{
		Name: "c-code", Title: "C code that lets go of the lock", Scenario: "article/17-c-code-scales", Variant: "released",
		Text: "NumPy and other C code computes with the lock released. Two such threads use two CPUs, and ticker is on time.",
		Look: "The lanes of ext are nogil and overlap. Choose the variant held: code that keeps the lock stops everybody, for longer than a switch interval.",
	},
	{
		Name: "no-lock", Title: "And without a lock?", Scenario: "article/07-long-beats-short", Variant: "python3",
		Set:  []Setting{{"interpreter.lock", "none"}},
		Text: "A free-threaded build has no interpreter lock. The short request waits no more, as long as there is a CPU for it.",
		Look: "The index is near 1, as in sim_native. Leave one CPU, and it is the scheduler of the operating system that decides.",
	},
}
