//go:build host

package report

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/fibsim/fibsim/internal/browsertest"
)

// many is a scenario whose run has more than a million intervals.
const many = `
version: 1
name: many
warmup: 100ms
duration: 6500ms
interpreter: {lock: cpython-3, switch_interval: 5ms, pace: 25}
threads:
  - {name: sleeper, count: 30, body: [{sleep: {exponential: 1ms}}, {fib: 3}]}
`

// A page of a million intervals opens in 3 s, moves with 30 pictures a second, and has
// less than 10 MB. These are figures of one host, and of one that does nothing else.
func TestMillion(t *testing.T) {
	p := browsertest.Open(t)
	d := result(t, many, true)
	began := time.Now()
	page := written(t, d)
	t.Logf("made in %v; %.1f MB", time.Since(began).Round(time.Millisecond), float64(len(page))/1e6)
	if len(page) > 10e6 {
		t.Errorf("the page has %d bytes", len(page))
	}
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	p.Size(1400, 900)
	p.Do(chromedp.Navigate((&url.URL{Scheme: "file", Path: file}).String()))
	p.Await(ready)
	intervals := browsertest.Eval[int](p, `JSON.parse(document.getElementById("data").textContent).sections[0].timelines[0].roots
		.flatMap((r) => r.lanes).reduce((n, l) => n + l.count, 0)`)
	opened := browsertest.Eval[float64](p, `performance.getEntriesByName("ready")[0].startTime`)
	t.Logf("%d intervals, open after %.2f s", intervals, opened/1e3)
	if intervals < 1_000_000 {
		t.Errorf("%d intervals are no million", intervals)
	}
	if opened > 3000 {
		t.Errorf("opens in %.0f ms", opened)
	}
	for _, part := range []float64{0.9, 0.3, 0.01, 0.0001} {
		rate := browsertest.Eval[float64](p, fmt.Sprintf(pan, part))
		t.Logf("a window of %g of the run: %.0f pictures a second", part, rate)
		if rate < 30 {
			t.Errorf("a window of %g of the run moves with %.1f pictures a second", part, rate)
		}
	}
	p.Check()
}

// pan moves a window of a part of the run for 60 frames and returns how many there were
// each second.
const pan = `(async () => {
	const e = document.querySelector("[data-chart=timeline]"), view = e.view;
	e.scrollIntoView();
	view.all();
	const all = view.window(), length = (all.to - all.from) * %g, frame = () => new Promise(requestAnimationFrame);
	await frame();
	const begin = performance.now();
	for (let i = 0; i < 60; i++) {
		const from = all.from + ((all.to - all.from - length) * i) / 60;
		view.setWindow(from, from + length);
		await frame();
	}
	return 60 / ((performance.now() - begin) / 1000);
})()`
