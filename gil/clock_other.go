//go:build !linux

package gil

import "time"

const clockOffset = 0

func sleepThread(until int64, stop func() bool) { sleepGoroutine(until, stop) }

func yieldThread() { time.Sleep(0) }
