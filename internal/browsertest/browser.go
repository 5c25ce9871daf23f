package browsertest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/fibsim/fibsim/internal/race"
)

// programs are the names under which Chromium is installed.
var programs = []string{"chromium", "chromium-browser", "google-chrome", "chrome"}

// Find returns the path of a Chromium; empty where there is none.
func Find() string {
	for _, name := range programs {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Page is a page of a browser of its own, which ends with the test.
type Page struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	problems []string
	requests []string
}

// patience is how long one step of a test may take on a busy host.
const patience = 60 * time.Second

// Step is something that a page is to do.
type Step = chromedp.Action[chromedp.Void]

// Open starts a browser with an empty page. It skips the test where there is none,
// and under the race detector.
func Open(t *testing.T) *Page {
	t.Helper()
	path := Find()
	if race.Enabled {
		t.Skip("what a page does has no goroutine")
	}
	if path == "" {
		t.Skip("no Chromium is on PATH, and something has to show the page; Debian's package is called chromium")
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.WSURLReadTimeout(patience), // a cold start from a slow disk
		// A request that nobody made: the browser's own looks for news.
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // it refuses to sandbox for root
	}
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(end)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		// The profile is removed once the browser has ended.
		if err := chromedp.Cancel(ctx); err != nil {
			t.Log("the browser: ", err)
		}
		cancel()
	})
	p := &Page{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		t.Fatalf("%s does not start: %v", path, err)
	}
	p.Do(Command(network.Enable, network.EnableParams{}), Command(log.Enable, cdp.Empty{}), Command(runtime.Enable, cdp.Empty{}))
	return p
}

// Command returns the step that sends a command of the DevTools protocol.
func Command[P, R any](c cdp.Command[P, R], params P) Step {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

// hear notes what the page complains of and what it asks for.
func (p *Page) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if thrown := e.ExceptionDetails.Exception; thrown != nil {
			text += " " + thrown.Description
		}
		p.problems = append(p.problems, "exception: "+text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			text := "console:"
			for _, a := range e.Args {
				text += " " + string(a.Value) + a.Description
			}
			p.problems = append(p.problems, text)
		}
	case *log.EventEntryAdded:
		if level := string(e.Entry.Level); level == "error" || level == "warning" {
			p.problems = append(p.problems, fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	}
}

// Do carries out steps and fails the test where one of them does.
func (p *Page) Do(steps ...Step) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("the browser: %v; the page complained of %q", err, p.Problems())
	}
}

// Size makes the window so wide and so high, in CSS pixels.
func (p *Page) Size(width, height int64) {
	p.t.Helper()
	p.Do(chromedp.EmulateViewport(width, height))
}

// Dark makes the reader prefer dark pages, or light ones.
func (p *Page) Dark(dark bool) {
	p.t.Helper()
	value := "light"
	if dark {
		value = "dark"
	}
	p.Do(Command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}},
	}))
}

// Eval returns the value of a JavaScript expression, or of the promise that it is.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("the browser: %v; the page complained of %q", err, p.Problems())
	}
	return out
}

// Await waits until a JavaScript expression is true.
func (p *Page) Await(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(patience))); err != nil {
		p.t.Fatalf("%s never came to be: %v; the page complained of %q", expression, err, p.Problems())
	}
}

// Problems returns the errors and warnings of the page so far.
func (p *Page) Problems() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.problems)
}

// Abroad returns the requests that went to another host.
func (p *Page) Abroad() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.requests), func(address string) bool {
		u, err := url.Parse(address)
		if err != nil {
			return false
		}
		return u.Hostname() == "127.0.0.1" || slices.Contains([]string{"data", "blob", "about", "file"}, strings.ToLower(u.Scheme))
	})
}

// Check fails the test where the page has complained or asked another host.
func (p *Page) Check() {
	p.t.Helper()
	if list := p.Problems(); len(list) > 0 {
		p.t.Errorf("the page complained: %q", list)
	}
	if list := p.Abroad(); len(list) > 0 {
		p.t.Errorf("requests left this host: %q", list)
	}
}
