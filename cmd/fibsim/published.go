package main

// This file holds what others have published, and nothing else: each figure as it was
// written, with its source. fibsim replicate puts ours beside them.

// experiment is a published measurement, and the scenario that repeats it.
type experiment struct {
	name     string
	scenario string // its path
	host     string // what the figures were measured on
	titles   []string
	unit     string
	group    string
	column   string  // of summary.csv
	scale    float64 // of the unit in that of the column
	figures  []published
}

// published is a figure of an experiment.
type published struct {
	labels  []string // one for each title
	text    string   // the figure, or where there is none what was said; empty: nothing
	source  *source  // nil where nothing was said
	variant string

	times float64 // ours is multiplied by this, where less was done; 0: by nothing
	given bool    // the costs of the predicted host are such that this comes out
	cpus  int     // that measuring it takes at least, or 1 exactly; 0: any number
	lock  string  // under which it was measured; empty: cpython-3
}

// source is where a figure was published.
type source struct {
	text   string
	url    string
	remark string // on how the figures came here
}

var (
	skvortsov = &source{
		text: `V. Skvortsov, "Python behind the scenes #13: the GIL and its effects on Python multithreading", 2021`,
		url:  "https://tenthousandmeters.com/blog/python-behind-the-scenes-13-the-gil-and-its-effects-on-python-multithreading/",
	}
	beazley = &source{
		text:   `D. Beazley, "Understanding the Python GIL", PyCon 2010`,
		url:    "https://speakerdeck.com/dabeaz/understanding-the-python-gil",
		remark: "Python 2.6",
	}
	lincolnLoop = &source{
		text:   `Lincoln Loop, "Concurrency: Python vs Go", 2015`,
		url:    "https://lincolnloop.com/insights/concurrency-python-vs-go/",
		remark: `the scripts of D. Beazley, "Python Concurrency From the Ground Up", PyCon 2015, whose own figures are on its video alone`,
	}
	husain = &source{
		text: `H. Husain, "Python Concurrency: The Tricky Bits", 2020`,
		url:  "https://hamel.dev/concurrency",
	}
)

// Hosts of which more than one experiment tells.
const (
	macbook    = "CPython 3.9 on a MacBook Pro with 2 cores and 4 hardware threads"
	laptop2015 = "Python 3 on a laptop of 2015, of which nothing else is known"
)

// experiments are all of them.
var experiments = []experiment{
	{
		name: "perf1", scenario: "published/talk", host: laptop2015,
		titles: []string{"clients"}, unit: "ms", group: "perf1", column: "latency_mean_ns", scale: 1e6,
		figures: []published{
			{labels: []string{"1"}, text: "231", source: lincolnLoop, variant: "perf1_1", given: true},
			{labels: []string{"2"}, text: "twice that", source: husain, variant: "perf1_2"},
			{labels: []string{"4"}, text: "four times that", source: husain, variant: "perf1_4"},
		},
	},
	{
		name: "perf2", scenario: "published/talk", host: laptop2015,
		titles: []string{"server", "next to"}, unit: "requests/s", group: "perf2", column: "throughput_per_s", scale: 1,
		figures: []published{
			{labels: []string{"sequential", "nothing"}, text: "17,000", source: lincolnLoop, variant: "sequential", given: true},
			{labels: []string{"threads", "nothing"}, variant: "threads"},
			{labels: []string{"threads", "perf1"}, text: "a halt", source: husain, variant: "threads_perf1", cpus: 2},
			{labels: []string{"processes", "nothing"}, text: "fewer than threads", source: husain, variant: "processes"},
			{labels: []string{"processes", "perf1"}, text: "hardly fewer", source: husain, variant: "processes_perf1", cpus: 2},
			{labels: []string{"coroutines+processes", "two more, each"}, text: "275", source: lincolnLoop, variant: "coroutines_3", times: 1.0 / 3, cpus: 2},
		},
	},
	{
		name: "echo-hogs", scenario: "published/echo-hogs", host: macbook,
		titles: []string{"interval", "hogs"}, unit: "requests/s", group: "echo", column: "throughput_per_s", scale: 1,
		figures: []published{
			{labels: []string{"any", "0"}, text: "30,000", source: skvortsov, variant: "nobody", given: true},
			{labels: []string{"100 ms", "1"}, text: "5", source: skvortsov, variant: "i100ms_1", cpus: 2},
			{labels: []string{"100 ms", "2"}, text: "2", source: skvortsov, variant: "i100ms_2", cpus: 2},
			{labels: []string{"100 ms", "4"}, text: "0", source: skvortsov, variant: "i100ms_4", cpus: 2},
			{labels: []string{"10 ms", "1"}, text: "50", source: skvortsov, variant: "i10ms_1", cpus: 2},
			{labels: []string{"10 ms", "2"}, text: "30", source: skvortsov, variant: "i10ms_2", cpus: 2},
			{labels: []string{"10 ms", "4"}, text: "15", source: skvortsov, variant: "i10ms_4", cpus: 2},
			{labels: []string{"5 ms", "1"}, text: "100", source: skvortsov, variant: "i5ms_1", cpus: 2},
			{labels: []string{"5 ms", "2"}, text: "50", source: skvortsov, variant: "i5ms_2", given: true, cpus: 2},
			{labels: []string{"5 ms", "4"}, text: "30", source: skvortsov, variant: "i5ms_4", cpus: 2},
			{labels: []string{"1 ms", "1"}, text: "500", source: skvortsov, variant: "i1ms_1", cpus: 2},
			{labels: []string{"1 ms", "2"}, text: "280", source: skvortsov, variant: "i1ms_2", cpus: 2},
			{labels: []string{"1 ms", "4"}, text: "200", source: skvortsov, variant: "i1ms_4", cpus: 2},
			{labels: []string{"100 µs", "1"}, text: "3,200", source: skvortsov, variant: "i100us_1", cpus: 2},
			{labels: []string{"100 µs", "2"}, text: "1,700", source: skvortsov, variant: "i100us_2", cpus: 2},
			{labels: []string{"100 µs", "4"}, text: "1000", source: skvortsov, variant: "i100us_4", cpus: 2},
			{labels: []string{"10 µs", "1"}, text: "11,000", source: skvortsov, variant: "i10us_1", cpus: 2},
			{labels: []string{"10 µs", "2"}, text: "5,500", source: skvortsov, variant: "i10us_2", cpus: 2},
			{labels: []string{"10 µs", "4"}, text: "2,800", source: skvortsov, variant: "i10us_4", cpus: 2},
			{labels: []string{"1 µs", "1"}, text: "10,000", source: skvortsov, variant: "i1us_1", cpus: 2},
			{labels: []string{"1 µs", "2"}, text: "4,500", source: skvortsov, variant: "i1us_2", cpus: 2},
			{labels: []string{"1 µs", "4"}, text: "2,500", source: skvortsov, variant: "i1us_4", cpus: 2},
		},
	},
	{
		name: "countdown-threads", scenario: "published/countdown-threads", host: macbook,
		titles: []string{"interval", "threads"}, unit: "s", group: "countdown", column: "elapsed_ns", scale: 1e9,
		figures: []published{
			{labels: []string{"100 ms", "1"}, text: "7.29", source: skvortsov, variant: "i100ms_1", times: 10},
			{labels: []string{"100 ms", "2"}, text: "6.80", source: skvortsov, variant: "i100ms_2", times: 10},
			{labels: []string{"100 ms", "4"}, text: "6.50", source: skvortsov, variant: "i100ms_4", times: 10},
			{labels: []string{"100 ms", "8"}, text: "6.61", source: skvortsov, variant: "i100ms_8", times: 10},
			{labels: []string{"10 ms", "1"}, text: "6.62", source: skvortsov, variant: "i10ms_1", times: 10},
			{labels: []string{"10 ms", "2"}, text: "6.61", source: skvortsov, variant: "i10ms_2", times: 10},
			{labels: []string{"10 ms", "4"}, text: "7.15", source: skvortsov, variant: "i10ms_4", times: 10},
			{labels: []string{"10 ms", "8"}, text: "6.71", source: skvortsov, variant: "i10ms_8", times: 10},
			{labels: []string{"5 ms", "1"}, text: "6.53", source: skvortsov, variant: "i5ms_1", times: 10, given: true},
			{labels: []string{"5 ms", "2"}, text: "6.58", source: skvortsov, variant: "i5ms_2", times: 10},
			{labels: []string{"5 ms", "4"}, text: "7.20", source: skvortsov, variant: "i5ms_4", times: 10},
			{labels: []string{"5 ms", "8"}, text: "7.19", source: skvortsov, variant: "i5ms_8", times: 10},
			{labels: []string{"1 ms", "1"}, text: "7.02", source: skvortsov, variant: "i1ms_1", times: 10},
			{labels: []string{"1 ms", "2"}, text: "7.36", source: skvortsov, variant: "i1ms_2", times: 10},
			{labels: []string{"1 ms", "4"}, text: "7.56", source: skvortsov, variant: "i1ms_4", times: 10},
			{labels: []string{"1 ms", "8"}, text: "7.12", source: skvortsov, variant: "i1ms_8", times: 10},
			{labels: []string{"100 µs", "1"}, text: "6.77", source: skvortsov, variant: "i100us_1", times: 100},
			{labels: []string{"100 µs", "2"}, text: "9.20", source: skvortsov, variant: "i100us_2", times: 100},
			{labels: []string{"100 µs", "4"}, text: "9.36", source: skvortsov, variant: "i100us_4", times: 100},
			{labels: []string{"100 µs", "8"}, text: "9.84", source: skvortsov, variant: "i100us_8", times: 100},
			{labels: []string{"10 µs", "1"}, text: "6.68", source: skvortsov, variant: "i10us_1", times: 100},
			{labels: []string{"10 µs", "2"}, text: "12.29", source: skvortsov, variant: "i10us_2", times: 100},
			{labels: []string{"10 µs", "4"}, text: "19.15", source: skvortsov, variant: "i10us_4", times: 100},
			{labels: []string{"10 µs", "8"}, text: "30.53", source: skvortsov, variant: "i10us_8", times: 100},
			{labels: []string{"1 µs", "1"}, text: "6.89", source: skvortsov, variant: "i1us_1", times: 100},
			{labels: []string{"1 µs", "2"}, text: "17.16", source: skvortsov, variant: "i1us_2", times: 100},
			{labels: []string{"1 µs", "4"}, text: "31.68", source: skvortsov, variant: "i1us_4", times: 100},
			{labels: []string{"1 µs", "8"}, text: "86.44", source: skvortsov, variant: "i1us_8", times: 100},
		},
	},
	{
		name: "countdown-2010", scenario: "published/countdown-2010", host: "a Mac Pro with 4 cores",
		titles: []string{"CPUs", "threads"}, unit: "s", group: "countdown", column: "elapsed_ns", scale: 1e9,
		figures: []published{
			{labels: []string{"4", "1"}, text: "7.8", source: beazley, variant: "old_4cpus_1", times: 10, given: true, lock: "cpython-2"},
			{labels: []string{"4", "2"}, text: "15.4", source: beazley, variant: "old_4cpus_2", times: 10, cpus: 2, lock: "cpython-2"},
			{labels: []string{"4", "4"}, text: "15.7", source: beazley, variant: "old_4cpus_4", times: 10, cpus: 4, lock: "cpython-2"},
			{labels: []string{"1", "2"}, text: "11.3", source: beazley, variant: "old_1cpu_2", times: 10, cpus: 1, lock: "cpython-2"},
			{labels: []string{"1", "4"}, text: "11.6", source: beazley, variant: "old_1cpu_4", times: 10, cpus: 1, lock: "cpython-2"},
		},
	},
}
