package main

import (
	"strings"
	"testing"
	"time"

	"github.com/fibsim/fibsim/gil"
	"github.com/fibsim/fibsim/internal/cpython"
	"github.com/fibsim/fibsim/internal/results"
)

func TestDiagnosis(t *testing.T) {
	d := diagnosis{
		host: results.Host{
			OS: "linux", Arch: "amd64", Kernel: "6.1.0", CPUModel: "EPYC", CPUCount: 8, CPUs: 4, CPUQuota: 1.5,
			Virtualisation: "KVM", GoVersion: "go1.26.0", GOMAXPROCS: 4, Load1: 2.5,
		},
		parks: []gil.Park{gil.ParkFutex, gil.ParkGoroutine},
		interpreters: []cpython.Interpreter{
			{Name: "python_3_11", Path: "/usr/bin/python3", Implementation: "CPython", Version: "3.11.7", GILEnabled: true, SwitchInterval: 5 * time.Millisecond, Default: true},
			{Name: "python_3_13t", Path: "/opt/python3.13t", Implementation: "CPython", Version: "3.13.0", SwitchInterval: 5 * time.Millisecond},
			{Name: "python_2_7", Path: "/usr/bin/python2.7", Implementation: "CPython", Version: "2.7.18", GILEnabled: true, CheckInterval: 100},
		},
	}
	golden(t, "doctor.txt", d.String())
}

// Advice is given where there is reason to, and only there.
func TestAdvice(t *testing.T) {
	fine := diagnosis{
		host:         results.Host{OS: "linux", CPUs: 4, Load1: 0.5},
		parks:        []gil.Park{gil.ParkPthread, gil.ParkFutex},
		interpreters: []cpython.Interpreter{{}},
	}
	if got := strings.Join(fine.advice(), "|"); got != "none: this host is fine" {
		t.Errorf("got %s", got)
	}
	for want, change := range map[string]func(*diagnosis){
		"fewer than 2 CPUs": func(d *diagnosis) { d.host.CPUs = 1 },
		"a CPU quota":       func(d *diagnosis) { d.host.CPUQuota = 3 },
		"the load is 1.00":  func(d *diagnosis) { d.host.Load1 = 1 },
		"in a virtual":      func(d *diagnosis) { d.host.Virtualisation = "KVM" },
		"this build has no": func(d *diagnosis) { d.parks = d.parks[1:] },
		"on darwin threads": func(d *diagnosis) { d.host.OS = "darwin" },
		"no Python was":     func(d *diagnosis) { d.interpreters = nil },
	} {
		d := fine
		change(&d)
		if got := d.advice(); len(got) != 1 || !strings.HasPrefix(got[0], want) {
			t.Errorf("got %q, want %s", got, want)
		}
	}
}
