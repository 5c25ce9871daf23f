package playground

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/fibsim/fibsim/internal/browsertest"
	"github.com/fibsim/fibsim/internal/playground/engine"
)

// reader is somebody who looks at the page.
type reader struct {
	*browsertest.Page
	t       *testing.T
	address string
	opened  *int
}

// open shows the page anew at an address, such as #step=pool.
func (r *reader) open(hash string) {
	r.t.Helper()
	*r.opened++
	r.Do(chromedp.Navigate(fmt.Sprintf("%s?%d%s", r.address, *r.opened, hash)))
	r.Await(`document.body && document.body.dataset.done > 0 && document.body.dataset.idle === "true"`)
}

// turn leads the page that is shown to another address.
func (r *reader) turn(hash string) {
	r.t.Helper()
	if r.hash() != hash {
		r.after(func() { browsertest.Eval[bool](r.Page, fmt.Sprintf(`(location.hash = %q, true)`, hash)) })
	}
}

// after does something that changes settings, and waits until it is answered.
func (r *reader) after(do func()) {
	r.t.Helper()
	before := browsertest.Eval[int](r.Page, `Number(document.body.dataset.done)`)
	do()
	r.Await(fmt.Sprintf(`document.body.dataset.done > %d && document.body.dataset.idle === "true"`, before))
}

// choose changes a control as a hand does.
func (r *reader) choose(name, value string) {
	r.t.Helper()
	r.after(func() {
		browsertest.Eval[bool](r.Page, fmt.Sprintf(`(() => {
			const e = document.querySelector('#controls [name="%s"]');
			if (e.type === "range") {
				while (e.nextSibling.textContent !== "%[2]s") {
					const at = e.value;
					e.value = Number(at) + 1;
					if (e.value === at) e.value = 0;
					e.dispatchEvent(new Event("input"));
				}
			} else {
				e.value = "%[2]s";
			}
			e.dispatchEvent(new Event("change"));
			return true;
		})()`, name, value))
	})
}

// press clicks on what a selector finds.
func (r *reader) press(selector string) {
	r.t.Helper()
	browsertest.Eval[bool](r.Page, fmt.Sprintf(`(document.querySelector(%q).click(), true)`, selector))
}

// hashes returns those that the page shows.
func (r *reader) hashes() string {
	r.t.Helper()
	return browsertest.Eval[string](r.Page, `[...document.querySelectorAll("#hashes code")].map((e) => e.textContent).join(" ")`)
}

// native returns the hashes that this build finds.
func native(q engine.Request) string {
	var list []string
	for _, b := range engine.Run(context.Background(), q, engine.Watch{}).Backends {
		list = append(list, b.Hash)
	}
	return strings.Join(list, " ")
}

// is checks that the page shows what this build finds.
func (r *reader) is(what string, q engine.Request) {
	r.t.Helper()
	if got, want := r.hashes(), native(q); got != want {
		r.t.Errorf("%s: the page has the hashes %s, this build %s", what, got, want)
	}
}

func (r *reader) hash() string { return browsertest.Eval[string](r.Page, `location.hash`) }

// One browser for all that it can show: its start takes longer than any of it.
func TestBrowser(t *testing.T) {
	if browsertest.Find() != "" {
		program(t) // which skips for its own reasons
	}
	page := browsertest.Open(t)
	r := &reader{page, t, served(t, NewFiles("test", program(t))), new(int)}
	r.Size(1280, 1000)
	r.open("")
	r.is("the first step", stepOf(t, "fib"))
	for _, part := range []struct {
		name string
		test func(*testing.T, *reader)
	}{
		{"Settings", settings}, {"Address", addresses}, {"Steps", everyStep}, {"Editor", editor}, {"Keyboard", keyboard},
		{"Cancel", cancel}, {"Early", early}, {"Response", response}, {"Narrow", narrow},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(t, &reader{page, t, r.address, r.opened}) })
	}
	page.Check()
}

// What is chosen on the page is what is predicted, and the address leads back to it.
func settings(t *testing.T, r *reader) {
	r.turn("#step=long-beats-short")
	r.choose("interpreter.switch_interval", "1ms")
	r.choose("machine.cpus", "4")
	q := stepOf(t, "long-beats-short", engine.Setting{Path: "interpreter.switch_interval", Value: "1ms"}, engine.Setting{Path: "machine.cpus", Value: "4"})
	r.is("after two changes", q)
	if got, want := r.hash(), "#step=long-beats-short&set=interpreter.switch_interval=1ms&set=machine.cpus=4"; got != want {
		t.Errorf("the address is %s, want %s", got, want)
	}
	back := func() { browsertest.Eval[bool](r.Page, `(history.back(), true)`) }
	r.after(back)
	r.is("after going back", stepOf(t, "long-beats-short", q.Set[0]))
	r.after(func() { browsertest.Eval[bool](r.Page, `(history.forward(), true)`) })
	r.is("after going forward", q)
	r.open(r.hash())
	r.is("in a new window", q)
	// A lock without a switch interval drops it.
	r.choose("interpreter.lock", "none")
	if got, want := r.hash(), "#step=long-beats-short&set=machine.cpus=4&set=interpreter.lock=none"; got != want {
		t.Errorf("the address is %s, want %s", got, want)
	}
	r.after(func() { r.press("#reset") })
	r.is("after the reset", stepOf(t, "long-beats-short"))
}

// Any state comes back from the address that it is written to.
func addresses(t *testing.T, r *reader) {
	type setting struct {
		Path  string `json:"path"`
		Value string `json:"value"`
	}
	type state struct {
		Step    string    `json:"step"`
		Variant string    `json:"variant"`
		Set     []setting `json:"set"`
		Text    *string   `json:"text"`
	}
	text := "name: \"ünï ✓ 𝕏\"\n# a=b&c=d+e%20f\n"
	for _, s := range []state{
		{"long-beats-short", "python3", []setting{}, nil},
		{"os-favours-short", "python2", []setting{}, nil}, // the step has settings of its own
		{"mixed", "", []setting{{"threads.crunch.body", "[{fib: 3}, {sleep: 1ms}] # &=+%"}, {"seed", "9007199254740991"}}, nil},
		{"hang", "", []setting{{"duration", "200ms"}}, &text},
	} {
		var text strings.Builder
		e := json.NewEncoder(&text)
		e.SetEscapeHTML(false)
		if err := e.Encode(s); err != nil {
			t.Fatal(err)
		}
		given := strings.TrimSpace(text.String())
		const there = `JSON.stringify((() => {
			const s = %s, steps = [{name: "fib"}, {name: "mixed"}, {name: "hang", set: [{path: "duration", value: "200ms"}]},
				{name: "long-beats-short", variant: "python3"}, {name: "os-favours-short", variant: "python3", set: [{path: "machine.cpus", value: "1"}]}];
			const {state, wrong} = Address.read(Address.write(s, steps.find((t) => t.name === s.step)), steps);
			return wrong.length > 0 ? wrong : state;
		})())`
		if got := browsertest.Eval[string](r.Page, fmt.Sprintf(there, given)); got != given {
			t.Errorf("%s came back as %s", given, got)
		}
	}
	r.turn("#step=nonsense")
	if got := r.complaint(); !strings.Contains(got, "the address names the step nonsense") {
		t.Errorf("a step that there is not: %q", got)
	}
	r.turn("#step=hang&text=%%%")
	if got := r.complaint(); !strings.Contains(got, "the scenario in the address is damaged") {
		t.Errorf("a text that is none: %q", got)
	}
	r.turn("#step=hang&set=clients.frist.count=2")
	if got := r.complaint(); !strings.Contains(got, "no group is named frist; did you mean first?") {
		t.Errorf("a setting that there is not: %q", got)
	}
	r.after(func() { r.press("#problems li button") })
	if got := r.complaint(); got != "" {
		t.Errorf("after it was taken back: %q", got)
	}
}

func (r *reader) complaint() string {
	return browsertest.Eval[string](r.Page, `document.getElementById("problems").hidden ? "" : document.getElementById("problems").innerText`)
}

// Every step shows a table, a timeline and no complaint.
func everyStep(t *testing.T, r *reader) {
	names := browsertest.Eval[[]string](r.Page, `[...document.getElementById("step").options].map((o) => o.value)`)
	if len(names) < len(engine.Steps())+len(engine.Others()) {
		t.Errorf("only %d steps: %v", len(names), names)
	}
	r.turn("#step=" + engine.Steps()[0].Name)
	for i := range engine.Steps() {
		if i > 0 {
			r.after(func() { r.press("#next") })
		}
		got := browsertest.Eval[string](r.Page, `[document.querySelectorAll("#table tbody tr").length > 1, document.querySelector("#timeline canvas") !== null,
			document.getElementById("step").value, document.getElementById("title").textContent].join(" ")`)
		if want := "true true " + engine.Steps()[i].Name + " " + engine.Steps()[i].Title; got != want || r.complaint() != "" {
			t.Errorf("got %s, want %s; %s", got, want, r.complaint())
		}
	}
}

const mine = `version: 1
name: mine
warmup: 0s
duration: 20ms
threads:
  - {name: hog, count: 2, body: [{spin: 3ms}]}
`

// A scenario of one's own is predicted as it is typed, and mistakes have their place.
func editor(t *testing.T, r *reader) {
	r.turn("#step=compute")
	fill := func(text string) {
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		r.after(func() {
			browsertest.Eval[bool](r.Page, fmt.Sprintf(`(() => {
				const e = document.getElementById("scenario");
				document.getElementById("edit").open = true;
				e.value = %s;
				e.dispatchEvent(new Event("change"));
				return true;
			})()`, quoted))
		})
	}
	fill(mine)
	r.is("a scenario of one's own", engine.Request{Text: mine})
	address := r.hash()
	fill(strings.Replace(mine, "spin: 3ms", "spin: 3", 1))
	if got := r.complaint(); !strings.Contains(got, "mine.yaml:6:41: threads.hog.body.0.spin: needs a unit") {
		t.Errorf("a mistake: %q", got)
	}
	r.press("#problems li button")
	at := browsertest.Eval[string](r.Page, `(() => {
		const e = document.activeElement;
		return e.id + " " + e.getAttribute("aria-invalid") + " " + e.value.slice(e.selectionStart, e.selectionStart + 2);
	})()`)
	if at != "scenario true 3}" {
		t.Errorf("the way to the mistake leads to %q", at)
	}
	r.open(address)
	r.is("the address of one's own scenario", engine.Request{Text: mine})
	if got := browsertest.Eval[string](r.Page, `document.getElementById("scenario").value`); got != mine {
		t.Errorf("the editor has %q", got)
	}
}

// All that a hand can do, keys can.
func keyboard(t *testing.T, r *reader) {
	r.turn("#step=long-beats-short")
	focus := func(selector string) {
		browsertest.Eval[bool](r.Page, fmt.Sprintf(`(document.querySelector('%s').focus(), true)`, selector))
	}
	focus(`#controls [name="machine.cpus"]`)
	r.after(func() { r.Do(chromedp.KeyEvent(kb.ArrowRight)) })
	r.is("an arrow on a slider", stepOf(t, "long-beats-short", engine.Setting{Path: "machine.cpus", Value: "3"}))
	if got := browsertest.Eval[string](r.Page, `document.activeElement.name`); got != "machine.cpus" {
		t.Errorf("the focus went to %q", got)
	}
	focus("#timeline")
	before := browsertest.Eval[string](r.Page, `document.querySelector(".timeline-window").textContent`)
	r.Do(chromedp.KeyEvent("+"))
	r.Await(fmt.Sprintf(`document.querySelector(".timeline-window").textContent !== %q`, before))
	focus("#next")
	r.after(func() { r.Do(chromedp.KeyEvent(kb.Enter)) })
	if !strings.HasPrefix(r.hash(), "#step=os-favours-short") {
		t.Errorf("the next step is %s", r.hash())
	}
	// Tab reaches everything, in the order of the page.
	focus("#previous")
	var order []string
	for range 8 {
		r.Do(chromedp.KeyEvent(kb.Tab))
		order = append(order, browsertest.Eval[string](r.Page, `document.activeElement.name || document.activeElement.id || document.activeElement.tagName`))
	}
	want := []string{"step", "next", "SUMMARY", "variant", "interpreter.lock", "interpreter.switch_interval", "interpreter.wake_order", "machine.cpus"}
	if !slices.Equal(order, want) {
		t.Errorf("Tab goes to %v, want %v", order, want)
	}
	unnamed := browsertest.Eval[[]string](r.Page, `[...document.querySelectorAll("input, select, textarea, button")]
		.filter((e) => !e.hidden && !e.textContent.trim() && !(e.labels && e.labels.length > 0) && !e.getAttribute("aria-label")).map((e) => e.id || e.name)`)
	if len(unnamed) > 0 {
		t.Errorf("without a name: %v", unnamed)
	}
}

// A long prediction can be given up, and the page goes on.
func cancel(t *testing.T, r *reader) {
	r.turn("#step=compute")
	slow := "#step=compute&set=duration=1s&text=" +
		base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(mine, "spin: 3ms", "spin: 100ns", 1)+"seed: 3\n"))
	browsertest.Eval[bool](r.Page, fmt.Sprintf(`(location.hash = %q, true)`, slow))
	r.Await(`!document.getElementById("waiting").hidden`)
	r.press("#cancel")
	r.Await(`document.getElementById("waiting").hidden && document.getElementById("status").textContent.startsWith("Stopped")`)
	r.after(func() { r.press("#next") })
	r.is("after giving up", stepOf(t, "long-beats-short"))
}

// What the program does is shown before its groups have run alone, where that takes long,
// and stays when the rest is given up.
func early(t *testing.T, r *reader) {
	r.turn("#step=compute")
	slow := "#step=compute&text=" + base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(mine, "spin: 3ms", "spin: 1us", 1)))
	browsertest.Eval[bool](r.Page, fmt.Sprintf(`(location.hash = %q, true)`, slow))
	r.Await(`!document.getElementById("follows").hidden`)
	table := browsertest.Eval[string](r.Page, `document.querySelector("#table").textContent`)
	if !strings.Contains(table, "slowdown") || !strings.Contains(table, "…") || !strings.Contains(table, "hog") {
		t.Errorf("the table while slowdowns are missing: %s", table)
	}
	if wide := browsertest.Eval[int](r.Page, `document.querySelectorAll("#timeline canvas").length`); wide == 0 {
		t.Error("no timeline")
	}
	r.press("#cancel")
	r.Await(`document.getElementById("status").textContent === "Stopped. The slowdowns are missing."`)
	r.after(func() { r.press("#next") })
	r.is("after giving up", stepOf(t, "long-beats-short"))
	r.Await(`document.getElementById("follows").hidden`)
}

// response logs how long it takes from a change to what it leads to; a test that
// measured it would fail on a busy host.
func response(t *testing.T, r *reader) {
	for _, name := range []string{"long-beats-short", "slow-each-other"} {
		r.turn("#step=" + name)
		var all []int
		for _, cpus := range []string{"3", "4", "1"} {
			r.choose("machine.cpus", cpus)
			all = append(all, browsertest.Eval[int](r.Page, `Number(document.body.dataset.ms)`))
		}
		slices.Sort(all)
		t.Logf("%s: median %d ms, most %d ms, from a change of CPUs to the picture", name, all[len(all)/2], all[len(all)-1])
	}
}

// In a narrow window nothing sticks out.
func narrow(t *testing.T, r *reader) {
	r.Size(380, 800)
	r.turn("#step=long-beats-short")
	if wide := browsertest.Eval[int64](r.Page, `document.documentElement.scrollWidth`); wide > 380 {
		t.Errorf("%d of 380 pixels", wide)
	}
	if *shots != "" {
		photograph(r)
	}
}

// photograph takes pictures of the page, to be looked at.
func photograph(r *reader) {
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"narrow", 380, 1500}, {"wide", 1280, 1500}} {
		r.Size(size.width, size.height)
		for _, dark := range []bool{false, true} {
			r.Dark(dark)
			for _, name := range []string{"long-beats-short", "c-code"} {
				r.open("#step=" + name)
				path := filepath.Join(*shots, fmt.Sprintf("%s-%s-dark-%t.png", name, size.name, dark))
				r.Do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
					picture, err := chromedp.FullScreenshot(100)(ctx, target)
					if err != nil {
						return err
					}
					return os.WriteFile(path, picture, 0o644)
				}))
			}
		}
	}
}
