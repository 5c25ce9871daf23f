// Command bench measures fibsim's event engine beside event queues in C++ and other
// engines, and says how far it is from its goals:
//
//	go run ./sim/bench [-rounds 5] [-only TEXT] [-python python3] [-simcpp20 DIR]
//
// It builds everything anew in a temporary folder, runs each model in a process of its
// own on one CPU, the competitors in turns, and reports medians. What it cannot build or run
// it names, with the reason. The figures of a machine mean little; the ratios
// of one run mean more.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 5, "how many times each figure is measured")
	only := flag.String("only", "", "measure only the lines that contain this text")
	python := flag.String("python", "python3", "a Python that may have SimPy")
	simcpp20 := flag.String("simcpp20", "", "a folder with the source of SimCpp20")
	flag.Parse()
	if err := bench(*rounds, *only, *python, *simcpp20); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(rounds int, only, python, simcpp20 string) error {
	dir, err := os.MkdirTemp("", "fibsim-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := newBuilder(dir)
	b.models()
	b.anchors()
	b.peers(python, simcpp20)
	fmt.Printf("%s, %s/%s, %s; %s\n", time.Now().Format("2006-01-02"), runtime.GOOS, runtime.GOARCH, runtime.Version(), b.compiler)
	r := newRuns(b)
	for _, g := range goals {
		r.want(only, g.name, g.ours, g.anchor)
	}
	for _, p := range peers {
		r.want(only, p.name, p.ours, p.peer)
	}
	for _, c := range scale {
		r.want(only, "scale", c, cell{})
	}
	r.measure(rounds)
	r.printGoals(only)
	r.printPeers(only)
	r.printScale(only)
	err = r.printChecks()
	r.printMissing()
	return err
}
