package report

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strings"
	"testing"
)

// What others wrote is what they published: the files have the checksums that
// VERSIONS tells, and the library states the version.
func TestVendoredFiles(t *testing.T) {
	vendored := map[string]bool{}
	for line := range strings.Lines(asset("VERSIONS")) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) != 5 {
			t.Fatalf("VERSIONS: name, version, file, sum and licence are five fields: %q", line)
		}
		version, file, want, licence := fields[1], fields[2], fields[3], fields[4]
		vendored[file] = true
		sum := sha256.Sum256([]byte(asset(file)))
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("%s: SHA-256 %s, VERSIONS says %s", file, got, want)
		}
		if path.Ext(file) == ".js" && !strings.Contains(asset(file)[:200], "v"+version) {
			t.Errorf("%s does not say that it is version %s", file, version)
		}
		if !strings.Contains(Licences(), licence) {
			t.Errorf("the text of the licence %s of %s is missing", licence, file)
		}
	}
	entries, err := assets.ReadDir("assets")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.Contains(e.Name(), ".min.") && !vendored[e.Name()] {
			t.Errorf("%s is not in VERSIONS", e.Name())
		}
	}
	if len(vendored) == 0 {
		t.Error("VERSIONS names no file")
	}
}

// No part of the page would load another: the only address is that in the licence
// comment of the library.
func TestAssetsLoadNothing(t *testing.T) {
	page := Style() + Script("units.js", "spans.js", "packed.js", "timeline.js", "tables.js", "uPlot.min.js")
	page = strings.Replace(page, "/*! https://github.com/leeoniya/uPlot (v1.6.32) */", "", 1)
	for _, word := range []string{"http://", "https://", "//cdn", "@import", "url(", "import("} {
		if strings.Contains(page, word) {
			t.Errorf("there is %q", word)
		}
	}
}
