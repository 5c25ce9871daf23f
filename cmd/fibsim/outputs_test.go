package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// No output takes the place of another one, or of what the command reads; nothing is
// written then.
func TestOutputsStayApart(t *testing.T) {
	file := write(t, tiny)
	a, b := twoSides(t, "1")
	dir := filepath.Join(t.TempDir(), "new")
	costs := filepath.Join(filepath.Dir(file), "costs.yaml")
	if err := os.WriteFile(costs, []byte("version: 1\ncosts: {}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(filepath.Dir(file), link); err != nil {
		t.Skip("this system has no symbolic links for everybody")
	}
	const remedy = "which is read here; choose another name"
	for args, want := range map[string]string{
		"run $FILE --csv $FILE":                                      "--csv $FILE: would overwrite the scenario, " + remedy,
		"run $FILE --csv $LINK/tiny.yaml":                            "--csv $LINK/tiny.yaml: would overwrite the scenario, " + remedy,
		"run $FILE --csv $COSTS --set machine.costs=costs.yaml":      "--csv $COSTS: would overwrite the costs, " + remedy,
		"run $FILE -o $DIR --csv $DIR/summary.csv":                   "--csv $DIR/summary.csv: -o writes that file, too; choose another name",
		"run $FILE -o $DIR --csv $DIR/./samples.csv":                 "--csv $DIR/./samples.csv: -o writes that file, too; choose another name",
		"run $FILE -o $DIR --trace $DIR/run.json":                    "--trace $DIR/run.json: -o writes that file, too; choose another name",
		"run $FILE -o $DIR --trace $DIR/x.json --report $DIR/x.json": "--report $DIR/x.json: --trace writes that file, too; choose another name",
		"sweep $FILE --set seed=1,2 --sim=gil --csv $FILE":           "--csv $FILE: would overwrite the scenario, " + remedy,
		"compare $A $B -o $A/summary.csv --force":                    "-o $A/summary.csv: would overwrite a file of $A, " + remedy,
		"report $A -o $A/run.json --force":                           "-o $A/run.json: would overwrite a file of $A, " + remedy,
		"trace $A -o $A/run.json":                                    "-o $A/run.json: would overwrite a file of $A, " + remedy,
		"compare $A $B -o $FILE":                                     "$FILE: is no comparison that compare has made; choose another name, or replace it with --force",
		"compare $A $B --force":                                      "--force needs -o FILE",
		"validate $FILE --csv $FILE --repeat 2":                      "--csv $FILE: would overwrite the scenario, " + remedy,
	} {
		at := func(name string) string {
			return map[string]string{"FILE": file, "LINK": link, "COSTS": costs, "DIR": dir, "A": a, "B": b}[name]
		}
		got := with(background, both(), strings.Fields(os.Expand(args, at))...)
		if got != (output{2, "", "fibsim: " + os.Expand(want, at) + "\n"}) {
			t.Errorf("%s: %+v", args, got)
		}
	}
	if string(read(t, file)) != tiny {
		t.Error("the scenario was changed")
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the directory was made")
	}
}
