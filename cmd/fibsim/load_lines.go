package main

import (
	"context"
	"io"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/fibsim/fibsim/internal/live"
)

// loadLines prints what the article's clients print. Who has something to print
// never waits for the one who reads it.
type loadLines struct {
	out    io.Writer
	cancel context.CancelFunc // of the load, when nobody reads any more
	lines  chan loadLine
	lost   atomic.Int64 // lines of requests that were left out
	ended  chan struct{}
	err    error // of out; belongs to the printer until it has ended
}

// loadLine is what one line tells: a request, or a second.
type loadLine struct {
	request int64 // nanoseconds that it took
	second  *live.LoadSecond
}

// lineBacklog is how many lines may wait for their reader.
const lineBacklog = 4096

// newLoadLines starts the printer, which lives until close.
func newLoadLines(out io.Writer, cancel context.CancelFunc) *loadLines {
	l := &loadLines{out: out, cancel: cancel, lines: make(chan loadLine, lineBacklog), ended: make(chan struct{})}
	go l.print()
	return l
}

// request takes a request to the printer, unless that is behind by too much.
func (l *loadLines) request(latencyNS int64) {
	select {
	case l.lines <- loadLine{request: latencyNS}:
	default:
		l.lost.Add(1)
	}
}

// second takes a second to the printer. Where that is behind by thousands of lines,
// one more would tell nothing.
func (l *loadLines) second(s live.LoadSecond) {
	select {
	case l.lines <- loadLine{second: &s}:
	default:
	}
}

// print prints until close. After an error nothing more is printed.
func (l *loadLines) print() {
	defer close(l.ended)
	for line := range l.lines {
		if l.err != nil {
			continue
		}
		if _, l.err = io.WriteString(l.out, line.text()); l.err != nil {
			l.cancel()
		}
	}
}

// close prints what is left, once nobody has anything to print any more, and returns
// how many requests have no line and the error of out.
func (l *loadLines) close() (lost int64, err error) {
	close(l.lines)
	<-l.ended
	return l.lost.Load(), l.err
}

// text is the line as the article's clients write it: the seconds of a request, or
// the requests of a second. Failed ones, which those do not know, follow.
func (l loadLine) text() string {
	if l.second == nil {
		return strconv.FormatFloat(float64(l.request)/float64(time.Second), 'f', 6, 64) + "\n"
	}
	text := strconv.FormatInt(l.second.Good, 10) + " reqs/sec"
	if l.second.Failed > 0 {
		text += ", " + strconv.FormatInt(l.second.Failed, 10) + " failed"
	}
	return text + "\n"
}
