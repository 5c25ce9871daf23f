package cpython

import _ "embed"

// driverSource is the driver, valid for every interpreter that is supported.
//
//go:embed driver.py
var driverSource string

// bootstrap reads the driver from standard input and executes it. On a command
// line the driver would be in the way of everybody who lists processes, and too
// long for Windows.
const bootstrap = `import sys;f=getattr(sys.stdin,"buffer",sys.stdin);n=int(f.readline());exec(compile(f.read(n),"fibsim-driver.py","exec"))`
