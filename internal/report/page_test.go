package report

import (
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/fibsim/fibsim/internal/race"
	"github.com/fibsim/fibsim/internal/results"
	"github.com/fibsim/fibsim/internal/words"
)

// text returns what a reader sees of a page, without its scripts and styles.
func text(page string) string {
	for _, tag := range []string{"script", "style"} {
		page = regexp.MustCompile(`(?s)<`+tag+`[^>]*>.*?</`+tag+`>`).ReplaceAllString(page, " ")
	}
	page = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")
	return strings.Join(strings.Fields(html.UnescapeString(page)), " ")
}

// A page tells all that its directory holds.
func TestPage(t *testing.T) {
	d := result(t, plain, true)
	page := written(t, d)
	seen := text(page)
	for _, want := range []string{
		"plain: One thread <crunches> & short work waits",
		"What happens to short work while one thread is CPU-bound?",
		words.Style{}.Finding(&d.Set, ""),
		"gil, native, python_3_11 measured on 2 CPUs; sim_gil, sim_native predicted; 1 run each",
		"quick gil measured", "quick sim_gil predicted",
		"✓ holds : Short work waits a whole switch interval or more gil.quick.delay_p50_ns = ",
		"✗ failed : It waits an hour the check is false: ",
		"– not decided : Sixty-four CPUs help skipped: ",
		"favor-CPU-bound index", "Command fibsim run plain", "Seed 1", "Abacus 1, 2 of 4 CPUs", "0.0-test",
		"The MIT License", "switch interval 5.00 ms",
	} {
		if !strings.Contains(seen, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if !strings.Contains(page[:4096], Generator) {
		t.Error("the page does not say at once what made it")
	}
	if page != written(t, d) {
		t.Error("two pages of one directory differ")
	}
}

// The page loads nothing, whatever stands in its directory.
func TestPageLoadsNothing(t *testing.T) {
	race.SkipComputing(t)
	page := written(t, result(t, plain, true), result(t, intervals, false))
	page = strings.Replace(page, "/*! https://github.com/leeoniya/uPlot (v1.6.32) */", "", 1)
	if at := regexp.MustCompile(`https?://`).FindStringIndex(page); at != nil {
		t.Errorf("an address: …%s…", page[max(0, at[0]-60):at[1]+60])
	}
	if found := regexp.MustCompile(`<(link|img|iframe|object|embed)\b|\ssrc=|@import|url\(`).FindString(page); found != "" {
		t.Errorf("loads something: %s", found)
	}
}

// Without states there is a page without the timeline, which says how to get it.
func TestPageWithoutStates(t *testing.T) {
	page := written(t, result(t, plain, false))
	if !strings.Contains(page, "Make it again with --states: fibsim run plain --states") {
		t.Error("it does not say how to get a timeline")
	}
	if strings.Contains(page, `id="lanes"`) {
		t.Error("it carries intervals")
	}
}

// Several directories share a table in which what compares stands together.
func TestPageOfSeveralDirectories(t *testing.T) {
	a, b := result(t, plain, false), result(t, plain, false)
	page := written(t, a, b)
	a.Path, b.Path = "runs/before", "runs/after"
	table := overview([]*results.Dir{a, b})
	if got := strings.Join(table.Titles[:4], " "); got != "group results backend evidence" {
		t.Errorf("titles %s", got)
	}
	for i, want := range []string{"crunch before gil measured", "crunch before native measured"} {
		if got := strings.Join(table.Rows[i].Labels, " "); got != want {
			t.Errorf("row %d: %s, want %s", i, got, want)
		}
	}
	half := len(table.Rows) / 2
	if got := strings.Join(table.Rows[half].Labels, " "); got != "quick before gil measured" || !table.Rows[half].First {
		t.Errorf("the second group begins with %s", got)
	}
	if n := strings.Count(page, `<section class="results"`); n != 2 {
		t.Errorf("%d sections", n)
	}
	if !strings.Contains(text(page), "2 results side by side") {
		t.Error("no title")
	}
}

// What the scripts read: a line for each cell, the interval of each variant, and the
// window of each where it begins.
func TestPageData(t *testing.T) {
	race.SkipComputing(t)
	page := written(t, result(t, intervals, true))
	_, rest, _ := strings.Cut(page, `<script type="application/json" id="data">`)
	raw, _, _ := strings.Cut(rest, "</script>")
	var data pageData
	if err := json.Unmarshal([]byte(raw), &data); err != nil {
		t.Fatal(err)
	}
	s := data.Sections[0]
	if got := len(s.Curves); got != 2*2*5 {
		t.Errorf("%d curves of 2 variants, 2 groups and 5 backends", got)
	}
	if s.Intervals["fast"] != 1e6 || s.Intervals["slow"] != 10e6 {
		t.Errorf("intervals %v", s.Intervals)
	}
	for _, r := range s.Rates {
		want := map[string]int64{"fast": 20e6, "slow": 30e6}[r.Variant]
		if r.Start != want || len(r.Values) < stretchesFew {
			t.Errorf("%s: throughput from %d on, in %d stretches", r.Variant, r.Start, len(r.Values))
		}
	}
	var made []string
	for _, line := range s.Timelines {
		made = append(made, fmt.Sprintf("%s-%d", line.Variant, line.Rep))
		if len(line.Roots) != 4 {
			t.Fatalf("%s: %d timelines; only 4 backends see states", made[len(made)-1], len(line.Roots))
		}
	}
	if got := strings.Join(made, " "); got != "fast-1 slow-1 fast-2 slow-2 fast-3 slow-3" {
		t.Fatalf("timelines of %s", got)
	}
	for _, root := range s.Timelines[0].Roots {
		var names []string
		for _, l := range root.Lanes {
			names = append(names, l.Name)
		}
		want := "lock hog-0 sleeper-0 sleeper-1"
		if strings.Contains(root.Name, "native") {
			want = "hog-0 sleeper-0 sleeper-1"
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: lanes %s, want %s", root.Name, got, want)
		}
	}
	if s.Groups[0] != "hog" || s.Variants[1] != "slow" {
		t.Errorf("groups %v, variants %v", s.Groups, s.Variants)
	}
	if seen := text(page); !strings.Contains(seen, "repetition 1 2 3") || !strings.Contains(seen, "from the lowest to the highest") {
		t.Error("it does not say what it shows of the repetitions")
	}
}

// Where not all repetitions fit into a page, the first ones do, and it says so. Of one
// that does not fit there is as much as there is room for.
func TestPageOfMuch(t *testing.T) {
	race.SkipComputing(t)
	d := result(t, intervals, true)
	whole := func(most int) *section {
		s, _, err := newSection("results-1", d, linesOf([]*results.Dir{d}), &packer{}, most)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	all := whole(mostIntervals)
	first := 0
	for _, line := range all.Timelines[:2] {
		for _, root := range line.Roots {
			for _, lane := range root.Lanes {
				first += lane.Count
			}
		}
	}
	for _, c := range []struct {
		most, reps int
		note       string
	}{
		{mostIntervals, 3, ""}, {2 * first, 1, "Repetitions from 2 on are left out"}, {first / 2, 1, "Only the first "},
	} {
		s := whole(c.most)
		if len(s.TimelineReps) != c.reps || !strings.Contains(s.TimelineNote, c.note) || c.note == "" && s.TimelineNote != all.TimelineNote {
			t.Errorf("%d intervals: repetitions %v; %s", c.most, s.TimelineReps, s.TimelineNote)
		}
	}
}

// A run that is too short for any percentile, and one of nothing, have pages, too.
func TestPageOfLittle(t *testing.T) {
	if seen := text(written(t, result(t, short, true))); !strings.Contains(seen, "Table of percentiles") {
		t.Error("a short run has no charts")
	}
	stopped := result(t, plain, true)
	stopped.Rows = nil // no run ended
	if page := written(t, stopped); strings.Contains(page, "Table of percentiles") || !strings.Contains(page, `data-chart="timeline"`) {
		t.Error("a run that was stopped has charts, or no timeline of what it did")
	}
	none := result(t, plain, false)
	none.Rows, none.Run.Backends = nil, nil
	if page := written(t, none); strings.Contains(page, "Table of percentiles") || strings.Contains(page, `"curves":null`) {
		t.Error("a run of nothing has charts")
	}
}
