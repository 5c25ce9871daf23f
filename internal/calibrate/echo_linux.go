package calibrate

import (
	"errors"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/fibsim/fibsim/gil"
)

const (
	echoLinks = 10
	echoTime  = 60 * time.Millisecond
)

// echoes returns how long a message occupies one CPU, both of its sides together, when
// there is always somebody who wants to run: clients on one CPU and servers on another, a
// pair on each link. They call the system as any goroutine does, since what Go's
// runtime adds is part of a message. Time that a CPU is idle counts, too: with ten links
// hardly any.
func echoes(client, server int) (float64, error) {
	before := runtime.GOMAXPROCS(2*echoLinks + procs)
	defer runtime.GOMAXPROCS(before)
	all := make([]int64, rounds)
	for i := range all {
		links, _, err := connect(echoLinks)
		if err != nil {
			return 0, err
		}
		all[i] = echo(links, client, server)
		closeLinks(links)
	}
	return float64(sorted(all).Median()), nil
}

func echo(links []link, client, server int) int64 {
	var over atomic.Bool
	var messages atomic.Int64
	var t threads
	begin := gil.Monotonic()
	for _, l := range links {
		t.on(server, func() {
			for relay(l.far, l.far) {
			}
		})
		t.on(client, func() {
			defer func() { _ = syscall.Shutdown(l.near, syscall.SHUT_RDWR) }() // which ends the server
			n := int64(0)
			if _, err := syscall.Write(l.near, message); err != nil {
				return
			}
			for !over.Load() && relay(l.near, l.near) {
				n += 2
			}
			messages.Add(n)
		})
	}
	time.Sleep(echoTime)
	over.Store(true)
	t.wait()
	return 2 * (gil.Monotonic() - begin) / max(1, messages.Load())
}

// relay receives once from a descriptor and sends what it got to another. It returns
// false when there will be nothing more.
func relay(from, to int) bool {
	var buffer [100]byte
	for {
		n, err := syscall.Read(from, buffer[:])
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if n <= 0 {
			return false
		}
		_, err = syscall.Write(to, buffer[:n])
		return err == nil
	}
}
