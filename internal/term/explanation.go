package term

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/fibsim/fibsim/gil/trace"
	"github.com/fibsim/fibsim/gil/trace/explain"
)

// Explanation says where the time of some iterations of one group went.
type Explanation struct {
	Style   Style
	History *explain.History
	Group   explain.Group
	Slowest int // how many are told one by one
}

// mostExplained bounds how many iterations the figures over all of them rest on.
const mostExplained = 20_000

// partsInLine is how many causes a line names, and partLeast what part of the latency
// each has to have, one in so many; the rest is summed up. A race that was lost is
// always named, since it costs what comes after it.
const (
	partsInLine = 6
	partLeast   = 1000
)

// slowPart is the part of all iterations that counts as slow, for the table: one
// in so many.
const slowPart = 100

// Write writes what dominates, a line for each of the slowest iterations, and a
// table of the causes. The error is that of out.
func (e Explanation) Write(out io.Writer) error {
	var b strings.Builder
	all := e.Group.Iterations
	if len(all) == 0 {
		why := "no iteration ended in the window"
		if e.Group.Untold {
			why = "cannot be told: its server's threads take one connection after the other"
		}
		fmt.Fprintf(&b, "%s: %s.\n", e.Group.Name, why)
		_, err := io.WriteString(out, b.String())
		return err
	}
	slow := e.Slow()
	shares := e.History.Shares(slow)
	e.heading(&b, slow, shares)
	for _, it := range slow[:min(e.Slowest, len(slow))] {
		e.line(&b, &it)
	}
	e.shares(&b, slow, shares)
	_, err := io.WriteString(out, b.String())
	return err
}

// Slow returns the iterations that the heading and the table speak of: the slowest
// 1 %, and all that are told one by one.
func (e Explanation) Slow() []explain.Iteration {
	n := len(e.Group.Iterations)
	return explain.Slowest(e.Group.Iterations, max(e.Slowest, (n+slowPart-1)/slowPart))
}

// Sample returns evenly chosen iterations of all, at most 20000.
func (e Explanation) Sample() []explain.Iteration {
	all := e.Group.Iterations
	every := (len(all) + mostExplained - 1) / mostExplained
	if every <= 1 {
		return all
	}
	var some []explain.Iteration
	for i := 0; i < len(all); i += every {
		some = append(some, all[i])
	}
	return some
}

// WriteOne writes one iteration, a line for each part.
func (e Explanation) WriteOne(out io.Writer, it *explain.Iteration) error {
	var b strings.Builder
	b.WriteString(e.Style.paint(bold, e.title(it)) + ": " + e.Style.nanoseconds(float64(it.Latency())) + failed(it) + "\n")
	for _, p := range e.History.Parts(it) {
		fmt.Fprintf(&b, "%*s  %s\n", 4+columnWidth, e.Style.nanoseconds(float64(p.NS)), e.phrase(p))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func failed(it *explain.Iteration) string {
	if it.Err == "" {
		return ""
	}
	return " (failed: " + it.Err + ")"
}

// heading says how many there are, and what most of their time went into.
func (e Explanation) heading(b *strings.Builder, slow []explain.Iteration, shares []explain.Share) {
	total := int64(0)
	for _, s := range shares {
		total += s.NS
	}
	text := fmt.Sprintf("%s: the slowest %d of %d iterations", e.Group.Name, len(slow), len(e.Group.Iterations))
	if len(slow) == len(e.Group.Iterations) {
		text = fmt.Sprintf("%s: all %d iterations", e.Group.Name, len(slow))
	}
	if len(shares) > 0 && total > 0 {
		text += fmt.Sprintf(" spent %s of their time%s on: %s.", percent(shares[0].NS, total), beyond(slow), phrase(shares[0].Cause, shares[0].Group))
	}
	for _, l := range wrap(text, e.Style.Width) {
		b.WriteString(e.Style.paint(bold, l) + "\n")
	}
	if e.Group.ServerSide {
		b.WriteString(e.Style.paint(dim, "  seen from the server, from recv to send: not every row of the clients was kept") + "\n")
	}
}

// beyond says that the sleep that was asked for is left out, where there was any.
func beyond(list []explain.Iteration) string {
	for i := range list {
		if list[i].Planned > 0 {
			return " beyond the sleep they asked for"
		}
	}
	return ""
}

// line writes one iteration: how long it took, and the largest parts of that.
func (e Explanation) line(b *strings.Builder, it *explain.Iteration) {
	unit, name := e.unit(it.Latency())
	var texts []string
	rest, others := int64(0), 0
	for i, p := range e.History.Parts(it) {
		if i >= partsInLine || p.NS*partLeast < it.Latency() && p.Cause != explain.LostRace {
			rest += p.NS
			others++
			continue
		}
		texts = append(texts, amount(p.NS, unit)+" "+e.phrase(p))
	}
	if others > 0 {
		texts = append(texts, fmt.Sprintf("%s in %d other %s", amount(rest, unit), others, plural(others, "cause")))
	}
	text := amount(it.Latency(), unit) + " " + name + ", " + e.title(it) + failed(it) + ": " + strings.Join(texts, ", ")
	for i, l := range wrap(text, e.Style.Width-4) {
		indent := "  "
		if i > 0 {
			indent = "    "
		}
		b.WriteString(indent + l + "\n")
	}
}

// title names an iteration and when it began.
func (e Explanation) title(it *explain.Iteration) string {
	return fmt.Sprintf("%s:%d at %s", threadName(e.History.Threads()[it.Thread]), it.Seq, e.Style.nanoseconds(float64(it.Start)))
}

func threadName(t trace.Thread) string { return t.Group + "-" + strconv.Itoa(t.Worker) }

// unit returns the unit that suits a length of time, in nanoseconds and by name.
func (e Explanation) unit(ns int64) (int64, string) {
	text := e.Style.nanoseconds(float64(ns))
	_, name, _ := strings.Cut(text, " ")
	switch name {
	case "s":
		return 1e9, name
	case "ms":
		return 1e6, name
	case "ns", "":
		return 1, "ns"
	}
	return 1e3, name
}

// amount writes a time in a unit with two digits after the point, or, below a
// tenth of the unit, with three.
func amount(ns, unit int64) string {
	if unit == 1 {
		return strconv.FormatInt(ns, 10)
	}
	decimals := 2
	if ns < unit/10 {
		decimals = 3
	}
	return strconv.FormatFloat(float64(ns)/float64(unit), 'f', decimals, 64)
}

// phrase says what a part is: its cause, the thread behind it, how often.
func (e Explanation) phrase(p explain.Part) string {
	culprit := ""
	if p.Culprit >= 0 {
		culprit = threadName(e.History.Threads()[p.Culprit])
	}
	text := phrase(p.Cause, culprit)
	if p.Count > 1 && p.Cause != explain.Work && p.Cause != explain.Loop {
		text += fmt.Sprintf(" (%d times)", p.Count)
	}
	return text
}

// phrases are the causes as people read them: without a culprit, and with one.
var phrases = [...]struct{ alone, with string }{
	explain.Work:       {"work", ""},
	explain.Interval:   {"interval", "interval against %s"},
	explain.Notice:     {"request unseen", "request unseen by %s"},
	explain.Held:       {"until the lock was let go", "until %s let go"},
	explain.Queue:      {"in line", "in line behind %s"},
	explain.PassedOver: {"passed over", "passed over for %s"},
	explain.LostRace:   {"lost race", "lost race to %s"},
	explain.WakeUp:     {"wake-up", ""},
	explain.Shake:      {"hand-shake", "hand-shake with %s"},
	explain.Lock:       {"in the lock itself", ""},
	explain.Ready:      {"without a CPU", ""},
	explain.NoGIL:      {"work without the lock", ""},
	explain.IO:         {"I/O", ""},
	explain.Sleep:      {"sleep as asked", ""},
	explain.Oversleep:  {"oversleep", ""},
	explain.Yield:      {"sleep(0)", ""},
	explain.Network:    {"network and client", ""},
	explain.Behind:     {"behind another task", "behind %s"},
	explain.Loop:       {"the loop itself", ""},
}

func phrase(c explain.Cause, culprit string) string {
	p := phrases[c]
	if culprit == "" || p.with == "" {
		return p.alone
	}
	return fmt.Sprintf(p.with, culprit)
}

// columnWidth is that of a time or a share.
const columnWidth = 8

// leastShare is the smallest share of the slow ones or of all that gets a line, in
// thousandths.
const leastShare = 1

// shares writes the table of the causes, of the slow ones beside all.
func (e Explanation) shares(b *strings.Builder, slow []explain.Iteration, shares []explain.Share) {
	some := e.Sample()
	all := e.History.Shares(some)
	title := "all"
	if len(some) < len(e.Group.Iterations) {
		title = fmt.Sprintf("%d of all", len(some))
	}
	ofAll := map[string]int64{}
	slowTotal, allTotal := int64(0), int64(0)
	for _, s := range all {
		ofAll[phrase(s.Cause, s.Group)] += s.NS
		allTotal += s.NS
	}
	for _, s := range shares {
		slowTotal += s.NS
	}
	head := fmt.Sprintf("  %*s  %*s  cause", columnWidth, fmt.Sprintf("slow %d", len(slow)), max(columnWidth, width(title)), title)
	b.WriteString(e.Style.paint(dim, head) + "\n")
	row := func(text string, slowNS, allNS int64) {
		if 1000*slowNS < leastShare*slowTotal && 1000*allNS < leastShare*allTotal {
			return
		}
		fmt.Fprintf(b, "  %*s  %*s  %s\n", columnWidth, percent(slowNS, slowTotal), max(columnWidth, width(title)), percent(allNS, allTotal), text)
	}
	for _, s := range shares {
		text := phrase(s.Cause, s.Group)
		row(text, s.NS, ofAll[text])
		delete(ofAll, text)
	}
	for _, s := range all {
		if text := phrase(s.Cause, s.Group); ofAll[text] > 0 {
			row(text, 0, ofAll[text])
		}
	}
}

// percent writes a share of a total that is not zero.
func percent(part, total int64) string {
	if total == 0 {
		return "0 %"
	}
	return strconv.FormatFloat(100*float64(part)/float64(total), 'f', 1, 64) + " %"
}
