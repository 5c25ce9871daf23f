package others

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tick is the unit of /proc/stat: USER_HZ, 100 on every architecture that Go runs on
// (proc_stat(5)).
const tick = 10 * time.Millisecond

// Read reads what has been used; false where that is not known.
func Read() (Used, bool) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return Used{}, false
	}
	u := Used{At: time.Now()}
	line, _, _ := strings.Cut(string(text), "\n")
	fields := strings.Fields(line)
	// user, nice, system, idle, iowait, irq, softirq, steal; what guests use is in user.
	if len(fields) < 9 || fields[0] != "cpu" {
		return Used{}, false
	}
	for i, field := range fields[1:9] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return Used{}, false
		}
		if idle := i == 3 || i == 4; !idle {
			u.All += time.Duration(n) * tick
		}
	}
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var r syscall.Rusage
		if err := syscall.Getrusage(who, &r); err != nil {
			return Used{}, false
		}
		u.Own += time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	return u, true
}
