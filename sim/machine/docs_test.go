package machine

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The model card lists every cost with its meaning, its default and the source of
// that, in the words of Fields. UPDATE=1 rewrites its tables.
func TestModelCardListsEveryCost(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "model-card.md")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	for _, table := range []struct {
		head   string
		fields []Field
	}{
		{"| cost | ns | default | source of the default |\n|---|---|---|---|", (&Costs{}).Fields()},
		{"| cost of an interpreter | ns | default | source of the default |\n|---|---|---|---|", (&Interpreter{}).Fields()},
	} {
		rows := ""
		for _, f := range table.fields {
			rows += fmt.Sprintf("\n| `%s` | %s | %s | %s |", f.Name, strings.TrimPrefix(f.Doc, "ns "), inWords(f.Default), f.Source)
		}
		before, body, found := strings.Cut(page, table.head)
		if !found {
			t.Fatalf("no table begins with %s", table.head)
		}
		old, after, _ := strings.Cut(body, "\n\n")
		if old == rows {
			continue
		}
		if os.Getenv("UPDATE") == "" {
			t.Errorf("the table of costs differs; UPDATE=1 go test rewrites it. It should be%s", rows)
			continue
		}
		page = before + table.head + rows + "\n\n" + after
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// inWords writes a default as the model card has it: of a spread all its quantiles.
func inWords(value any) string {
	s, spread := value.(Spread)
	if !spread {
		return fmt.Sprint(value)
	}
	var all []string
	for _, q := range s.quantiles() {
		all = append(all, fmt.Sprint(q))
	}
	return strings.Join(all, " · ")
}
