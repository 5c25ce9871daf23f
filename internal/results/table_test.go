package results

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

var tableColumns = []Column{{"name", "string", "A name."}, {"wait_ns", "integer", "A time."}, {"x_ratio", "number", "A ratio."}}

func TestTable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.csv")
	table, err := CreateTable(path, nil, tableColumns)
	if err != nil {
		t.Fatal(err)
	}
	if got := mustRead(t, path); got != "name,wait_ns,x_ratio\n" {
		t.Errorf("before the first row: %q", got)
	}
	table.Row([]any{"a, b", Int(5), Float(2)})
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	table.Row([]any{"c", Cell{}, Cell{}})
	if err := table.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := mustRead(t, path), "name,wait_ns,x_ratio\n\"a, b\",5,2.0\nc,,\n"; got != want {
		t.Errorf("got %q", got)
	}
}

func TestTableOnStandardOutput(t *testing.T) {
	var out strings.Builder
	table, err := CreateTable("-", &out, tableColumns)
	if err != nil {
		t.Fatal(err)
	}
	table.Row([]any{"a", Int(1), Float(0.5)})
	if err := table.Close(); err != nil || out.String() != "name,wait_ns,x_ratio\na,1,0.5\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

func TestTableWithoutAPlace(t *testing.T) {
	_, err := CreateTable(filepath.Join(t.TempDir(), "missing", "t.csv"), nil, tableColumns)
	var bad *OutputError
	if !errors.As(err, &bad) {
		t.Errorf("got %v", err)
	}
}
