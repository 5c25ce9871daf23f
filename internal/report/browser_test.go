package report

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/fibsim/fibsim/internal/browsertest"
)

// example writes a page with all that there is, charts of several groups, variants,
// too short a run, and timelines, and returns its address.
func example(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.html")
	page := written(t, result(t, plain, true), result(t, intervals, true), result(t, short, true))
	if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String()
}

// ready is true once the scripts of a page have done their work.
const ready = `document.documentElement.dataset.ready === "yes"`

// drawn is true once what a change has called for is drawn: two frames later.
const drawn = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`

// In a real browser the page is whole, quiet and legible, and does what hands ask of
// it. One browser shows it for all looks, as windows and tastes change.
func TestInBrowser(t *testing.T) {
	p := browsertest.Open(t)
	address := example(t)
	p.Do(chromedp.Navigate(address))
	p.Await(ready)
	for _, look := range []struct {
		width, height int64
		dark          bool
		background    string
	}{
		{1400, 900, false, "rgb(255, 255, 255)"}, {1400, 900, true, "rgb(21, 24, 29)"},
		{360, 740, false, "rgb(255, 255, 255)"}, {360, 740, true, "rgb(21, 24, 29)"},
	} {
		p.Size(look.width, look.height)
		p.Dark(look.dark)
		browsertest.Eval[bool](p, drawn)
		what := fmt.Sprintf("%d wide, dark %t", look.width, look.dark)
		for _, fault := range browsertest.Eval[[]string](p, faint) {
			t.Errorf("%s: too little contrast: %s", what, fault)
		}
		for _, fault := range browsertest.Eval[[]string](p, blank) {
			t.Errorf("%s: nothing is drawn: %s", what, fault)
		}
		if got := browsertest.Eval[int64](p, `document.documentElement.scrollWidth`); got > look.width {
			t.Errorf("%s: the page is %d wide", what, got)
		}
		if got := browsertest.Eval[string](p, `getComputedStyle(document.body).backgroundColor`); got != look.background {
			t.Errorf("%s: the page is %s, want %s", what, got, look.background)
		}
	}
	p.Size(1200, 900)
	browsertest.Eval[bool](p, drawn)
	moves(t, p)
	reacts(t, p)
	taskLanes(t, p)
	counts(t, p)
	prints(t, p)
	p.Check()
	bare(t, p, address)
	p.Check()
}

// faint lists texts whose contrast with what is behind them is below that of WCAG AA:
// 4.5, or 3 where they are large.
const faint = `(() => {
	const parse = (c) => { const m = c.match(/[\d.]+/g).map(Number); return { rgb: m.slice(0, 3), a: m.length > 3 ? m[3] : 1 }; };
	const luminance = (rgb) => rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const behind = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.a === 1) return c.rgb; } return [255, 255, 255]; };
	const out = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	let seen = 0;
	for (let node = texts.nextNode(); node; node = texts.nextNode()) {
		const e = node.parentElement;
		if (!node.data.trim() || e.closest("script, style, noscript, option") || !e.checkVisibility()) continue;
		seen++;
		const style = getComputedStyle(e), a = luminance(parse(style.color).rgb), b = luminance(behind(e));
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), size = parseFloat(style.fontSize);
		const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
		if (ratio < (large ? 3 : 4.5)) out.push(ratio.toFixed(2) + ": " + node.data.trim().slice(0, 60));
	}
	return seen > 100 ? out : ["only " + seen + " texts were found"];
})()`

// blank lists the pictures that show one colour only, or nothing. Of the timeline,
// those that are out of sight may wait until they are not.
const blank = `[...document.querySelectorAll("canvas")].filter((c) => {
	if (c.width === 0 || c.height === 0) return true;
	if (c.className === "timeline-body" && c.getBoundingClientRect().top > innerHeight) return false;
	const copy = document.createElement("canvas");
	[copy.width, copy.height] = [c.width, c.height];
	const ink = copy.getContext("2d", { willReadFrequently: true }); // the page's own is for drawing
	ink.drawImage(c, 0, 0);
	const p = new Uint32Array(ink.getImageData(0, 0, c.width, c.height).data.buffer);
	return p.every((v) => v === p[0]);
}).map((c) => (c.closest("[data-chart]")?.dataset.chart || "") + " " + c.className)
	.concat(["spectrum", "distribution", "rates", "timeline"].filter((n) => document.querySelectorAll("[data-chart=" + n + "] canvas").length < 2))`

// seen is the window of the first timeline, in ns.
type seen struct{ From, To float64 }

func window(p *browsertest.Page) seen { return browsertest.Eval[seen](p, of("results-1")) }

// of asks for the window of the timeline of a section.
func of(section string) string {
	return `(() => {
		const { from, to } = document.querySelector("#` + section + ` [data-chart=timeline]").view.window();
		return { From: from, To: to };
	})()`
}

// counted is a timeline of three threads whose waits and hand-offs are known.
const counted = `(() => {
	const e = document.createElement("div");
	e.style.width = "500px";
	document.body.append(e);
	const spans = (...list) => ({ start: list.map((s) => s[0]), end: list.map((s) => s[1]), what: Uint8Array.from(list, (s) => s[2]) });
	const view = Timeline(e, { start: 0, end: 1000, roots: [{ name: "gil", note: "", lanes: [
		{ name: "lock", kind: "hold", owners: ["a", "b", "c"], spans: spans([0, 400, 128], [400, 500, 1], [600, 700, 1], [700, 900, 2]) },
		{ name: "a", kind: "state", spans: spans([0, 400, 0], [400, 1000, 1]) },
		{ name: "b", kind: "state", spans: spans([0, 100, 3], [100, 400, 1], [400, 500, 0], [600, 700, 0]) },
		{ name: "c", kind: "state", spans: spans([300, 700, 1], [700, 900, 0]) },
	] }] }, { states: [{ name: "run" }, { name: "wait_gil" }, { name: "nogil" }, { name: "sleep" }] });
	view.draw();
	const tell = () => view.shares().filter((l) => l.kind !== "state").map((l) =>
		l.kind === "hold" ? l.handoffs + " hand-offs, " + l.forced + " forced" : "waiters " + l.mean + ", at most " + l.most);
	const all = tell();
	view.setWindow(0, 300);
	const told = [...all, ...tell()].join("; ");
	view.destroy();
	e.remove();
	return told;
})()`

// counts checks what the timeline counts: of 1000 ns one waits for 500, and two for 400.
func counts(t *testing.T, p *browsertest.Page) {
	want := "2 hand-offs, 1 forced; waiters 1.3, at most 2; 0 hand-offs, 0 forced; waiters 0.6666666666666666, at most 1"
	if got := browsertest.Eval[string](p, counted); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// moves checks that keys, the wheel and a drag change what the timeline shows.
func moves(t *testing.T, p *browsertest.Page) {
	browsertest.Eval[bool](p, `(() => {
		const e = document.querySelector("[data-chart=timeline]");
		e.scrollIntoView({ block: "center" });
		e.focus({ preventScroll: true });
		e.view.draw();
		return true;
	})()`)
	for _, fault := range browsertest.Eval[[]string](p, blank) {
		t.Errorf("in sight nothing is drawn: %s", fault)
	}
	before := window(p)
	length := before.To - before.From
	near := func(got, want float64) bool { return got-want < 1e-6*length && want-got < 1e-6*length }

	p.Do(chromedp.KeyEvent("+"))
	zoomed := window(p)
	if got := zoomed.To - zoomed.From; !near(got, length/1.6) {
		t.Errorf("+: %v of %v is seen", got, length)
	}
	p.Do(chromedp.KeyEvent("\u0303")) // the code that stands for the right arrow
	moved := window(p)
	if !near(moved.From-zoomed.From, (zoomed.To-zoomed.From)/10) {
		t.Errorf("→: from %v to %v", zoomed.From, moved.From)
	}
	at := browsertest.Eval[struct{ X, Y float64 }](p, `(() => {
		const r = document.querySelector(".timeline-body").getBoundingClientRect();
		return { X: r.left + 0.6 * r.width, Y: r.top + 60 };
	})()`)
	mouse := func(e input.DispatchMouseEventParams) browsertest.Step {
		e.Y = at.Y
		return browsertest.Command(input.DispatchMouseEvent, e)
	}
	p.Do(mouse(input.DispatchMouseEventParams{Type: chromedp.MouseWheel, X: at.X, DeltaX: 1, DeltaY: -200}))
	wheel := window(p)
	if wheel.To-wheel.From >= moved.To-moved.From || wheel.From < moved.From || wheel.To > moved.To {
		t.Errorf("wheel: %v, then %v", moved, wheel)
	}
	p.Do(mouse(input.DispatchMouseEventParams{Type: chromedp.MousePressed, X: at.X, Button: input.MouseButtonLeft, ClickCount: 1}),
		mouse(input.DispatchMouseEventParams{Type: chromedp.MouseMoved, X: at.X - 50, Button: input.MouseButtonLeft, Buttons: 1}),
		mouse(input.DispatchMouseEventParams{Type: chromedp.MouseReleased, X: at.X - 50, Button: input.MouseButtonLeft, ClickCount: 1}))
	if dragged := window(p); dragged.From <= wheel.From {
		t.Errorf("a drag to the left: from %v to %v", wheel.From, dragged.From)
	}
	p.Do(chromedp.KeyEvent("0"))
	if all := window(p); all.From != 0 || all.To < before.To {
		t.Errorf("0: from %v to %v", all.From, all.To)
	}
}

// reacts checks that what has the focus is seen, that the choice of a variant changes
// the pictures, and that the table below the timeline tells what is in its window.
func reacts(t *testing.T, p *browsertest.Page) {
	p.Do(chromedp.KeyEvent("\t"))
	if got := browsertest.Eval[string](p, `getComputedStyle(document.activeElement).outlineStyle`); got != "solid" {
		t.Errorf("the outline of the focus is %s", got)
	}
	picture := func(chart string) string {
		return browsertest.Eval[string](p, `(async () => {
			await `+drawn+`;
			return document.querySelector("#results-2 [data-chart=`+chart+`] canvas").toDataURL();
		})()`)
	}
	spectrum, timeline := picture("spectrum"), picture("timeline")
	for _, name := range []string{"variant", "run"} {
		browsertest.Eval[bool](p, `(() => {
			const s = document.querySelector("#results-2 select[name=`+name+`]");
			s.selectedIndex = 1;
			return s.dispatchEvent(new Event("change"));
		})()`)
	}
	if picture("spectrum") == spectrum {
		t.Error("the spectrum of another variant is the same")
	}
	if picture("timeline") == timeline {
		t.Error("the timeline of another variant has the same axis")
	}
	before := browsertest.Eval[seen](p, of("results-2"))
	browsertest.Eval[bool](p, `(() => {
		const s = document.querySelector("#results-2 select[name=rep]");
		s.value = "3";
		return s.dispatchEvent(new Event("change"));
	})()`)
	if after := browsertest.Eval[seen](p, of("results-2")); after != before {
		t.Errorf("another repetition is shown from %v to %v, the one before from %v to %v", after.From, after.To, before.From, before.To)
	}
	// Each other choice, too, is one that the scripts bear.
	browsertest.Eval[bool](p, `document.querySelectorAll("select").forEach((s) => [...s.options].forEach((o) => {
		o.selected = true;
		s.dispatchEvent(new Event("change"));
	})) === undefined`)
	const table = `document.querySelector("#results-1 [data-table=timeline]")`
	browsertest.Eval[bool](p, table+`.parentElement.open = true`)
	p.Await(table + `.querySelectorAll("tbody tr").length > 0`)
	seen := browsertest.Eval[string](p, table+`.innerText`)
	for _, want := range []string{"gil", "lock", "hand-offs", "waiters: ", "crunch-0", "quick-1", "wait_gil", "longest wait", "ms"} {
		if !strings.Contains(seen, want) {
			t.Errorf("the table lacks %s:\n%s", want, seen)
		}
	}
}

// taskLanes checks what is told of tasks: they have lanes like threads, and do not wait for
// the lock themselves.
func taskLanes(t *testing.T, p *browsertest.Page) {
	const table = `document.querySelector("#results-3 [data-table=timeline]")`
	browsertest.Eval[bool](p, table+`.parentElement.open = true`)
	p.Await(table + `.querySelectorAll("tbody tr").length > 0`)
	seen := browsertest.Eval[string](p, table+`.innerText`)
	for _, want := range []string{"asyncio-loop-0", "step-0", "step-1", "behind", "of a task, behind others"} {
		if !strings.Contains(seen, want) {
			t.Errorf("the table lacks %s:\n%s", want, seen)
		}
	}
	legend := `[...document.querySelectorAll("#results-3 .timeline .legend li")].some((e) => e.textContent === "behind")`
	if !browsertest.Eval[bool](p, legend) {
		t.Error("the legend lacks behind")
	}
}

// prints checks what goes to paper: all lanes and charts, no wider than a page, in the
// colours of light pages whatever the reader prefers, and with what was chosen.
func prints(t *testing.T, p *browsertest.Page) {
	p.Do(browsertest.Command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: "print", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
	}))
	browsertest.Eval[bool](p, drawn)
	for _, fault := range browsertest.Eval[[]string](p, blank) {
		t.Errorf("on paper nothing is drawn: %s", fault)
	}
	// The corner of a canvas below the axis shows the page behind it.
	faults := browsertest.Eval[[]string](p, `[...document.querySelectorAll("canvas")].flatMap((c) => {
		const name = c.className + " of " + c.closest(".results").id, wide = c.getBoundingClientRect().width;
		const out = wide > 700 ? [name + " is " + wide + " wide"] : [];
		if (c.className !== "timeline-body") return out;
		const copy = document.createElement("canvas");
		[copy.width, copy.height] = [c.width, c.height];
		const ink = copy.getContext("2d", { willReadFrequently: true });
		ink.drawImage(c, 0, 0);
		const last = c.height - 10 * devicePixelRatio, corner = ink.getImageData(c.width - 1, 2, 1, 1).data.join();
		if (corner !== "255,255,255,255") out.push(name + " has the corner " + corner);
		if (ink.getImageData(0, last, c.width, 1).data.every((v) => v === 0)) out.push(name + " ends before its last lane");
		return out;
	}).concat([...document.querySelectorAll(".choices")].filter((e) => !e.checkVisibility()).map(() => "what was chosen is not told"))`)
	if len(faults) > 0 {
		t.Errorf("on paper: %q", faults)
	}
	p.Do(browsertest.Command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{}))
	browsertest.Eval[bool](p, drawn)
}

// bare checks that without scripts there are the tables and a picture. Nodes are counted
// by what runs outside the page: the numbers that the browser gives them end with the
// document, and the news of a new one may come after the page has loaded.
func bare(t *testing.T, p *browsertest.Page, address string) {
	p.Do(browsertest.Command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}),
		chromedp.Navigate(address))
	if browsertest.Eval[bool](p, ready) {
		t.Error("the page's scripts ran")
	}
	for selector, least := range map[string]int{"noscript svg polyline": 8, "table.shares tbody tr": 8, "details table": 9} {
		if got := browsertest.Eval[int](p, fmt.Sprintf("document.querySelectorAll(%q).length", selector)); got < least {
			t.Errorf("%d of %s, want %d or more", got, selector, least)
		}
	}
}
