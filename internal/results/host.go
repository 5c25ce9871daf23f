package results

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"runtime"
	"strconv"
	"strings"
	"sync"
)

// Host is the machine that figures were measured on. A field that the host does
// not tell is empty or 0.
type Host struct {
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	CPUModel string `json:"cpu_model,omitempty"`
	CPUCount int    `json:"cpu_count"` // of the machine
	CPUs     int    `json:"cpus"`      // that this process may use (affinity)

	// CPUQuota is the share of CPUs that control groups allow; 0: no limit.
	CPUQuota float64 `json:"cpu_quota,omitempty"`

	Kernel         string  `json:"kernel,omitempty"`
	Virtualisation string  `json:"virtualisation,omitempty"` // name of the machine as its firmware or kernel tells; empty: none seen
	Glibc          string  `json:"glibc,omitempty"`
	GoVersion      string  `json:"go_version"`
	GOMAXPROCS     int     `json:"gomaxprocs"`
	Load1          float64 `json:"load_1m"` // load average over one minute when it was read

	Interpreters []Interpreter `json:"interpreters,omitempty"`
}

// Interpreter is a real interpreter that took part.
type Interpreter struct {
	Backend        string `json:"backend"`
	Implementation any    `json:"implementation"`
	Version        any    `json:"version"`
	GILEnabled     any    `json:"gil_enabled"` // null where the interpreter does not say
}

// UsableCPUs returns how many CPUs can be counted on all the time: those that
// the process may use, cut by the quota.
func (h Host) UsableCPUs() int {
	if h.CPUQuota > 0 && h.CPUQuota < float64(h.CPUs) {
		return max(1, int(h.CPUQuota))
	}
	return h.CPUs
}

// CollectHost reads what the host says of itself. On Linux that is in files;
// elsewhere only the Go runtime is asked.
func CollectHost() Host { return collectHost(os.DirFS("/"), glibcHere) }

// glibcHere reads the C library once: it is a large file, and this process keeps the one
// that it has loaded.
var glibcHere = sync.OnceValue(func() string { return glibcVersion(os.DirFS("/")) })

func collectHost(root fs.FS, glibc func() string) Host {
	h := Host{
		OS: runtime.GOOS, Arch: runtime.GOARCH,
		CPUCount: runtime.NumCPU(), CPUs: runtime.NumCPU(),
		GoVersion: runtime.Version(), GOMAXPROCS: runtime.GOMAXPROCS(0),
	}
	if h.OS != "linux" {
		return h
	}
	cpuinfo := readText(root, "proc/cpuinfo")
	h.CPUModel = field(cpuinfo, "model name")
	if n := strings.Count("\n"+cpuinfo, "\nprocessor"); n > 0 {
		h.CPUCount = n
	}
	h.CPUQuota = cpuQuota(root)
	h.Kernel = readText(root, "proc/sys/kernel/osrelease")
	h.Virtualisation = virtualisation(root, cpuinfo)
	h.Glibc = glibc()
	load, _, _ := strings.Cut(readText(root, "proc/loadavg"), " ")
	h.Load1, _ = strconv.ParseFloat(load, 64)
	return h
}

// readText returns a file without white space around it, empty where there is
// none.
func readText(root fs.FS, name string) string {
	b, err := fs.ReadFile(root, name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// field returns the value of the first line "key : value".
func field(text, key string) string {
	for line := range strings.Lines(text) {
		name, value, found := strings.Cut(line, ":")
		if found && strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// virtualisation names the virtual machine, as far as it shows.
func virtualisation(root fs.FS, cpuinfo string) string {
	if !strings.Contains(" "+field(cpuinfo, "flags")+" ", " hypervisor ") {
		return ""
	}
	for _, name := range []string{"sys/hypervisor/type", "sys/class/dmi/id/product_name", "sys/class/dmi/id/sys_vendor"} {
		if s := readText(root, name); s != "" {
			return s
		}
	}
	return "unnamed hypervisor"
}

// glibcVersion finds the version that the C library carries in its text, which
// costs less than to run a program that prints it.
func glibcVersion(root fs.FS) string {
	for _, pattern := range []string{"lib/*/libc.so.6", "usr/lib/*/libc.so.6", "lib64/libc.so.6", "usr/lib64/libc.so.6", "usr/lib/libc.so.6"} {
		names, err := fs.Glob(root, pattern)
		if err != nil || len(names) == 0 {
			continue
		}
		b, err := fs.ReadFile(root, names[0])
		if err != nil {
			continue
		}
		if version, ok := bannerVersion(b); ok {
			return version
		}
	}
	return ""
}

func bannerVersion(library []byte) (string, bool) {
	const banner = "GNU C Library "
	start := bytes.Index(library, []byte(banner))
	if start < 0 {
		return "", false
	}
	line, _, _ := bytes.Cut(library[start:], []byte("\n"))
	_, version, found := bytes.Cut(line, []byte("release version "))
	return strings.TrimRight(string(version), "."), found
}

// cpuQuota returns the tightest CPU quota over this process's control groups
// and those above it, of either version; 0 without one.
func cpuQuota(root fs.FS) float64 {
	quota := 0.0
	tighten := func(q float64) {
		if q > 0 && (quota == 0 || q < quota) {
			quota = q
		}
	}
	for line := range strings.Lines(readText(root, "proc/self/cgroup")) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		controllers, group := parts[1], parts[2]
		if controllers == "" {
			upwards("sys/fs/cgroup", group, func(dir string) { tighten(quotaV2(readText(root, dir+"/cpu.max"))) })
			continue
		}
		for _, c := range strings.Split(controllers, ",") {
			if c == "cpu" {
				upwards("sys/fs/cgroup/"+controllers, group, func(dir string) { tighten(quotaV1(root, dir)) })
				upwards("sys/fs/cgroup/cpu", group, func(dir string) { tighten(quotaV1(root, dir)) })
			}
		}
	}
	return quota
}

// upwards calls f with the directory of a control group and of each above it.
func upwards(mount, group string, f func(dir string)) {
	for g := path.Clean("/" + group); ; g = path.Dir(g) {
		f(strings.TrimSuffix(mount+g, "/"))
		if g == "/" {
			return
		}
	}
}

// quotaV2 reads "quota period" or "max period".
func quotaV2(text string) float64 {
	fields := strings.Fields(text)
	if len(fields) != 2 {
		return 0
	}
	return quotient(fields[0], fields[1])
}

func quotaV1(root fs.FS, dir string) float64 {
	return quotient(readText(root, dir+"/cpu.cfs_quota_us"), readText(root, dir+"/cpu.cfs_period_us"))
}

// quotient returns quota ÷ period, 0 where that is no limit: a quota of max or
// -1, or a file that is not there.
func quotient(quota, period string) float64 {
	q, err := strconv.ParseFloat(quota, 64)
	p, perr := strconv.ParseFloat(period, 64)
	if err != nil || perr != nil || q <= 0 || p <= 0 {
		return 0
	}
	return q / p
}
