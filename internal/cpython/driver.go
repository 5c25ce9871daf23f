package cpython

import (
	"embed"
	"strings"
)

// driverFiles are the parts of the driver.
//
//go:embed driver/*.py
var driverFiles embed.FS

// driverParts are their names, in the order in which they make one program.
var driverParts = []string{
	"start", "clocks", "messages", "work", "costs", "bodies", "threads", "tasks", "deadlock", "children",
	"interpreters", "servers", "run",
}

// driverSource is the driver, valid for every interpreter that is supported.
var driverSource = joined(driverParts)

func joined(parts []string) string {
	var b strings.Builder
	for _, name := range parts {
		text, err := driverFiles.ReadFile("driver/" + name + ".py")
		if err != nil {
			panic("cpython: a part of the driver is missing: " + err.Error())
		}
		b.Write(text)
	}
	return b.String()
}

// bootstrap reads the driver from standard input and executes it. On a command
// line the driver would be in the way of everybody who lists processes, and too
// long for Windows.
const bootstrap = `import sys;f=getattr(sys.stdin,"buffer",sys.stdin);n=int(f.readline());exec(compile(f.read(n),"fibsim-driver.py","exec"))`
