package results

import (
	"runtime"
	"testing"
	"testing/fstest"
)

func files(content map[string]string) fstest.MapFS {
	root := fstest.MapFS{}
	for name, text := range content {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return root
}

// The tightest limit on the way from the root to the process's own group holds.
func TestCPUQuota(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  float64
	}{
		"no control groups": {nil, 0},
		"version 2": {map[string]string{
			"proc/self/cgroup":          "0::/a/b\n",
			"sys/fs/cgroup/a/cpu.max":   "150000 100000\n",
			"sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
		}, 1.5},
		"version 2 inside a container": {map[string]string{
			"proc/self/cgroup":      "0::/\n",
			"sys/fs/cgroup/cpu.max": "50000 100000\n",
		}, 0.5},
		"version 2, the inner is tighter": {map[string]string{
			"proc/self/cgroup":          "0::/a/b\n",
			"sys/fs/cgroup/a/cpu.max":   "400000 100000\n",
			"sys/fs/cgroup/a/b/cpu.max": "300000 100000\n",
		}, 3},
		"version 1": {map[string]string{
			"proc/self/cgroup": "9:name=systemd:/\n4:cpu,cpuacct:/x\n0::/\n",
			"sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us":  "200000\n",
			"sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_period_us": "100000\n",
			"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us":    "-1\n",
			"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us":   "100000\n",
		}, 2},
		"nonsense": {map[string]string{
			"proc/self/cgroup":      "0::/\nrubbish\n",
			"sys/fs/cgroup/cpu.max": "many 0",
		}, 0},
	} {
		if got := cpuQuota(files(c.files)); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestUsableCPUs(t *testing.T) {
	for _, c := range []struct {
		cpus  int
		quota float64
		want  int
	}{{4, 0, 4}, {4, 2.5, 2}, {4, 0.5, 1}, {2, 8, 2}, {1, 0, 1}} {
		if got := (Host{CPUs: c.cpus, CPUQuota: c.quota}).UsableCPUs(); got != c.want {
			t.Errorf("%d CPUs with quota %v: got %d, want %d", c.cpus, c.quota, got, c.want)
		}
	}
}

func TestCollectHost(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells of itself in files")
	}
	root := files(map[string]string{
		"proc/cpuinfo":                   "processor\t: 0\nmodel name\t: Fast CPU @ 3 GHz\nflags\t\t: fpu hypervisor sse\n\nprocessor\t: 1\nmodel name\t: other\n",
		"proc/sys/kernel/osrelease":      "6.1.0-13\n",
		"proc/loadavg":                   "1.25 0.5 0.1 2/300 4711\n",
		"sys/class/dmi/id/product_name":  "Standard PC\n",
		"lib/x86_64-linux-gnu/libc.so.6": "\x00GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\nmore",
	})
	h := collectHost(root, func() string { return glibcVersion(root) })
	want := Host{
		OS: "linux", Arch: runtime.GOARCH, CPUModel: "Fast CPU @ 3 GHz", CPUCount: 2, CPUs: runtime.NumCPU(),
		Kernel: "6.1.0-13", Virtualisation: "Standard PC", Glibc: "2.36",
		GoVersion: runtime.Version(), GOMAXPROCS: runtime.GOMAXPROCS(0), Load1: 1.25,
	}
	h.Interpreters, want.Interpreters = nil, nil
	if got, wanted := text(t, h), text(t, want); got != wanted {
		t.Errorf("got\n%s\nwant\n%s", got, wanted)
	}
	if v := virtualisation(files(map[string]string{"sys/class/dmi/id/product_name": "Laptop"}), "flags : fpu"); v != "" {
		t.Errorf("a real machine counts as virtual: %s", v)
	}
}

// A host that tells nothing still gives what the Go runtime knows.
func TestCollectHostWithoutFiles(t *testing.T) {
	if h := collectHost(files(nil), func() string { return "" }); h.CPUs < 1 || h.CPUCount < 1 || h.GoVersion == "" {
		t.Errorf("got %+v", h)
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestInterpretersComeFromTheFacts(t *testing.T) {
	got := interpreters([]BackendInfo{
		{Name: "gil", Facts: factMap{"park": "pthread"}},
		{Name: "python_3_11", Facts: factMap{"version": "3.11.9", "implementation": "CPython", "gil_enabled": true}},
	})
	if len(got) != 1 || got[0] != (Interpreter{"python_3_11", "CPython", "3.11.9", true}) {
		t.Errorf("got %+v", got)
	}
}
