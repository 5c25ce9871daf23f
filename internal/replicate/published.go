package replicate

// This file holds what others have published, and nothing else: each figure as it was
// written, with its source.

var (
	skvortsov = &Source{
		Text: `V. Skvortsov, "Python behind the scenes #13: the GIL and its effects on Python multithreading", 2021`,
		URL:  "https://tenthousandmeters.com/blog/python-behind-the-scenes-13-the-gil-and-its-effects-on-python-multithreading/",
	}
	beazley = &Source{
		Text:   `D. Beazley, "Understanding the Python GIL", PyCon 2010`,
		URL:    "https://speakerdeck.com/dabeaz/understanding-the-python-gil",
		Remark: "Python 2.6",
	}
	lincolnLoop = &Source{
		Text:   `Lincoln Loop, "Concurrency: Python vs Go", 2015`,
		URL:    "https://lincolnloop.com/insights/concurrency-python-vs-go/",
		Remark: `the scripts of D. Beazley, "Python Concurrency From the Ground Up", PyCon 2015, whose own figures are on its video alone`,
	}
	husain = &Source{
		Text: `H. Husain, "Python Concurrency: The Tricky Bits", 2020`,
		URL:  "https://hamel.dev/concurrency",
	}
)

// Hosts of which more than one experiment tells.
const (
	macbook    = "CPython 3.9 on a MacBook Pro with 2 cores and 4 hardware threads"
	laptop2015 = "Python 3 on a laptop of 2015, of which nothing else is known"
)

var experiments = []Experiment{
	{
		Name: "perf1", Scenario: "published/talk", Host: laptop2015,
		Titles: []string{"clients"}, Unit: "ms", Group: "perf1", Column: "latency_mean_ns", Scale: 1e6,
		Figures: []Figure{
			{Labels: []string{"1"}, Text: "231", Source: lincolnLoop, Variant: "perf1_1", Given: true},
			{Labels: []string{"2"}, Text: "twice that", Source: husain, Variant: "perf1_2"},
			{Labels: []string{"4"}, Text: "four times that", Source: husain, Variant: "perf1_4"},
		},
	},
	{
		Name: "perf2", Scenario: "published/talk", Host: laptop2015,
		Titles: []string{"server", "next to"}, Unit: "requests/s", Group: "perf2", Column: "throughput_per_s", Scale: 1,
		Figures: []Figure{
			{Labels: []string{"sequential", "nothing"}, Text: "17,000", Source: lincolnLoop, Variant: "sequential", Given: true},
			{Labels: []string{"threads", "nothing"}, Variant: "threads"},
			{Labels: []string{"threads", "perf1"}, Text: "a halt", Source: husain, Variant: "threads_perf1", CPUs: 2},
			{Labels: []string{"processes", "nothing"}, Text: "fewer than threads", Source: husain, Variant: "processes"},
			{Labels: []string{"processes", "perf1"}, Text: "hardly fewer", Source: husain, Variant: "processes_perf1", CPUs: 2},
			{Labels: []string{"coroutines+processes", "two more, each"}, Text: "275", Source: lincolnLoop, Variant: "coroutines_3", Times: 1.0 / 3, CPUs: 2},
		},
	},
	{
		Name: "echo-hogs", Scenario: "published/echo-hogs", Host: macbook,
		Titles: []string{"interval", "hogs"}, Unit: "requests/s", Group: "echo", Column: "throughput_per_s", Scale: 1,
		Figures: []Figure{
			{Labels: []string{"any", "0"}, Text: "30,000", Source: skvortsov, Variant: "nobody", Given: true},
			{Labels: []string{"100 ms", "1"}, Text: "5", Source: skvortsov, Variant: "i100ms_1", CPUs: 2},
			{Labels: []string{"100 ms", "2"}, Text: "2", Source: skvortsov, Variant: "i100ms_2", CPUs: 2},
			{Labels: []string{"100 ms", "4"}, Text: "0", Source: skvortsov, Variant: "i100ms_4", CPUs: 2},
			{Labels: []string{"10 ms", "1"}, Text: "50", Source: skvortsov, Variant: "i10ms_1", CPUs: 2},
			{Labels: []string{"10 ms", "2"}, Text: "30", Source: skvortsov, Variant: "i10ms_2", CPUs: 2},
			{Labels: []string{"10 ms", "4"}, Text: "15", Source: skvortsov, Variant: "i10ms_4", CPUs: 2},
			{Labels: []string{"5 ms", "1"}, Text: "100", Source: skvortsov, Variant: "i5ms_1", CPUs: 2},
			{Labels: []string{"5 ms", "2"}, Text: "50", Source: skvortsov, Variant: "i5ms_2", Given: true, CPUs: 2},
			{Labels: []string{"5 ms", "4"}, Text: "30", Source: skvortsov, Variant: "i5ms_4", CPUs: 2},
			{Labels: []string{"1 ms", "1"}, Text: "500", Source: skvortsov, Variant: "i1ms_1", CPUs: 2},
			{Labels: []string{"1 ms", "2"}, Text: "280", Source: skvortsov, Variant: "i1ms_2", CPUs: 2},
			{Labels: []string{"1 ms", "4"}, Text: "200", Source: skvortsov, Variant: "i1ms_4", CPUs: 2},
			{Labels: []string{"100 µs", "1"}, Text: "3,200", Source: skvortsov, Variant: "i100us_1", CPUs: 2},
			{Labels: []string{"100 µs", "2"}, Text: "1,700", Source: skvortsov, Variant: "i100us_2", CPUs: 2},
			{Labels: []string{"100 µs", "4"}, Text: "1000", Source: skvortsov, Variant: "i100us_4", CPUs: 2},
			{Labels: []string{"10 µs", "1"}, Text: "11,000", Source: skvortsov, Variant: "i10us_1", CPUs: 2},
			{Labels: []string{"10 µs", "2"}, Text: "5,500", Source: skvortsov, Variant: "i10us_2", CPUs: 2},
			{Labels: []string{"10 µs", "4"}, Text: "2,800", Source: skvortsov, Variant: "i10us_4", CPUs: 2},
			{Labels: []string{"1 µs", "1"}, Text: "10,000", Source: skvortsov, Variant: "i1us_1", CPUs: 2},
			{Labels: []string{"1 µs", "2"}, Text: "4,500", Source: skvortsov, Variant: "i1us_2", CPUs: 2},
			{Labels: []string{"1 µs", "4"}, Text: "2,500", Source: skvortsov, Variant: "i1us_4", CPUs: 2},
		},
	},
	{
		Name: "countdown-threads", Scenario: "published/countdown-threads", Host: macbook,
		Titles: []string{"interval", "threads"}, Unit: "s", Group: "countdown", Column: "elapsed_ns", Scale: 1e9,
		Figures: []Figure{
			{Labels: []string{"100 ms", "1"}, Text: "7.29", Source: skvortsov, Variant: "i100ms_1", Times: 10},
			{Labels: []string{"100 ms", "2"}, Text: "6.80", Source: skvortsov, Variant: "i100ms_2", Times: 10},
			{Labels: []string{"100 ms", "4"}, Text: "6.50", Source: skvortsov, Variant: "i100ms_4", Times: 10},
			{Labels: []string{"100 ms", "8"}, Text: "6.61", Source: skvortsov, Variant: "i100ms_8", Times: 10},
			{Labels: []string{"10 ms", "1"}, Text: "6.62", Source: skvortsov, Variant: "i10ms_1", Times: 10},
			{Labels: []string{"10 ms", "2"}, Text: "6.61", Source: skvortsov, Variant: "i10ms_2", Times: 10},
			{Labels: []string{"10 ms", "4"}, Text: "7.15", Source: skvortsov, Variant: "i10ms_4", Times: 10},
			{Labels: []string{"10 ms", "8"}, Text: "6.71", Source: skvortsov, Variant: "i10ms_8", Times: 10},
			{Labels: []string{"5 ms", "1"}, Text: "6.53", Source: skvortsov, Variant: "i5ms_1", Times: 10, Given: true},
			{Labels: []string{"5 ms", "2"}, Text: "6.58", Source: skvortsov, Variant: "i5ms_2", Times: 10},
			{Labels: []string{"5 ms", "4"}, Text: "7.20", Source: skvortsov, Variant: "i5ms_4", Times: 10},
			{Labels: []string{"5 ms", "8"}, Text: "7.19", Source: skvortsov, Variant: "i5ms_8", Times: 10},
			{Labels: []string{"1 ms", "1"}, Text: "7.02", Source: skvortsov, Variant: "i1ms_1", Times: 10},
			{Labels: []string{"1 ms", "2"}, Text: "7.36", Source: skvortsov, Variant: "i1ms_2", Times: 10},
			{Labels: []string{"1 ms", "4"}, Text: "7.56", Source: skvortsov, Variant: "i1ms_4", Times: 10},
			{Labels: []string{"1 ms", "8"}, Text: "7.12", Source: skvortsov, Variant: "i1ms_8", Times: 10},
			{Labels: []string{"100 µs", "1"}, Text: "6.77", Source: skvortsov, Variant: "i100us_1", Times: 100},
			{Labels: []string{"100 µs", "2"}, Text: "9.20", Source: skvortsov, Variant: "i100us_2", Times: 100},
			{Labels: []string{"100 µs", "4"}, Text: "9.36", Source: skvortsov, Variant: "i100us_4", Times: 100},
			{Labels: []string{"100 µs", "8"}, Text: "9.84", Source: skvortsov, Variant: "i100us_8", Times: 100},
			{Labels: []string{"10 µs", "1"}, Text: "6.68", Source: skvortsov, Variant: "i10us_1", Times: 100},
			{Labels: []string{"10 µs", "2"}, Text: "12.29", Source: skvortsov, Variant: "i10us_2", Times: 100},
			{Labels: []string{"10 µs", "4"}, Text: "19.15", Source: skvortsov, Variant: "i10us_4", Times: 100},
			{Labels: []string{"10 µs", "8"}, Text: "30.53", Source: skvortsov, Variant: "i10us_8", Times: 100},
			{Labels: []string{"1 µs", "1"}, Text: "6.89", Source: skvortsov, Variant: "i1us_1", Times: 100},
			{Labels: []string{"1 µs", "2"}, Text: "17.16", Source: skvortsov, Variant: "i1us_2", Times: 100},
			{Labels: []string{"1 µs", "4"}, Text: "31.68", Source: skvortsov, Variant: "i1us_4", Times: 100},
			{Labels: []string{"1 µs", "8"}, Text: "86.44", Source: skvortsov, Variant: "i1us_8", Times: 100},
		},
	},
	{
		Name: "countdown-2010", Scenario: "published/countdown-2010", Host: "a Mac Pro with 4 cores",
		Titles: []string{"CPUs", "threads"}, Unit: "s", Group: "countdown", Column: "elapsed_ns", Scale: 1e9,
		Figures: []Figure{
			{Labels: []string{"4", "1"}, Text: "7.8", Source: beazley, Variant: "old_4cpus_1", Times: 10, Given: true, Lock: "cpython-2"},
			{Labels: []string{"4", "2"}, Text: "15.4", Source: beazley, Variant: "old_4cpus_2", Times: 10, CPUs: 2, Lock: "cpython-2"},
			{Labels: []string{"4", "4"}, Text: "15.7", Source: beazley, Variant: "old_4cpus_4", Times: 10, CPUs: 4, Lock: "cpython-2"},
			{Labels: []string{"1", "2"}, Text: "11.3", Source: beazley, Variant: "old_1cpu_2", Times: 10, CPUs: 1, Lock: "cpython-2"},
			{Labels: []string{"1", "4"}, Text: "11.6", Source: beazley, Variant: "old_1cpu_4", Times: 10, CPUs: 1, Lock: "cpython-2"},
		},
	},
}
