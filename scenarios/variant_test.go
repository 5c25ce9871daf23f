package scenarios

import (
	"reflect"
	"strings"
	"testing"
)

// One variant of a scenario is the program that it is among the others.
func TestParseVariantIsTheSameProgram(t *testing.T) {
	for _, name := range append(Names(), Chapters()...) {
		data, _ := Source(name)
		all, err := Parse(name, data)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range all.Variants {
			one, names, err := ParseVariant(name, data, v.Name)
			if err != nil {
				t.Errorf("%s, %s: %v", name, v.Name, err)
				continue
			}
			if !reflect.DeepEqual(one.Variants[0].Program, v.Program) || one.Name != all.Name || one.Repeat != all.Repeat {
				t.Errorf("%s, %s: another program", name, v.Name)
			}
			if v.Name != "" && len(names) != len(all.Variants) {
				t.Errorf("%s: variants %v", name, names)
			}
		}
	}
}

// A change that makes no sense in the other variants is one all the same.
func TestParseVariantLooksAtOneAlone(t *testing.T) {
	const text = `
version: 1
name: x
duration: 1s
server: {model: threads}
clients: [{name: c, request: {fib: 1}}]
variants:
  - {name: plain, set: {}}
  - {name: pool, set: {server.model: processes}}
`
	set, err := ParseSet("server.workers=7")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse("x", []byte(text), set); err == nil {
		t.Error("the plain server has no workers")
	}
	s, names, err := ParseVariant("x", []byte(text), "pool", set)
	if err != nil || s.Variants[0].Program.Server.Workers != 7 || strings.Join(names, " ") != "plain pool" {
		t.Errorf("%v, %v", names, err)
	}
	if s, _, err = ParseVariant("x", []byte(text), ""); err != nil || s.Variants[0].Program.Server.Workers != 0 {
		t.Errorf("the first: %v", err)
	}
	for name, want := range map[string]string{
		"pol": "there is no variant pol; there are plain, pool",
	} {
		if _, _, err := ParseVariant("x", []byte(text), name); err == nil || err.Error() != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	plain := text[:strings.Index(text, "variants")]
	if _, _, err := ParseVariant("x", []byte(plain), "pool"); err == nil || !strings.HasSuffix(err.Error(), "has no variants") {
		t.Errorf("without variants: %v", err)
	}
	if _, _, err := ParseVariant("x", []byte("- 1"), ""); err == nil || !strings.HasPrefix(err.Error(), "x:1:1: must be a mapping") {
		t.Errorf("no mapping: %v", err)
	}
	unused := plain + "pools: {spare: {}}\n"
	if _, _, err := ParseVariant("x", []byte(unused), ""); err == nil {
		t.Error("a pool that nobody uses")
	}
}
