package scenarios

import (
	"embed"
	"slices"
	"strings"
)

//go:embed *.yaml article/*.yaml published/*.yaml
var files embed.FS

//go:embed costs/*.yaml
var costFiles embed.FS

// CostSource returns the text of a cost file that comes with the program, by the path
// that the built-in scenarios have for it, such as costs/NAME.yaml.
func CostSource(path string) (data []byte, ok bool) {
	data, err := costFiles.ReadFile(path)
	return data, err == nil
}

// Names returns the names of the built-in scenarios, sorted, without the chapters of
// the article and those of published measurements.
func Names() []string { return namesIn(".") }

// The folders of the article and of published measurements.
const (
	chapters     = "article"
	measurements = "published"
)

// Chapters returns the names of the scenarios that check the article, in its order.
func Chapters() []string { return pathsIn(chapters) }

// Measurements returns the names of the scenarios that repeat published measurements,
// sorted.
func Measurements() []string { return pathsIn(measurements) }

// pathsIn returns the names of the scenarios in a folder, with the folder.
func pathsIn(folder string) []string {
	names := namesIn(folder)
	for i, name := range names {
		names[i] = folder + "/" + name
	}
	return names
}

func namesIn(folder string) []string {
	entries, err := files.ReadDir(folder)
	if err != nil {
		panic("scenarios: the built-in files cannot be listed: " + err.Error())
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
		}
	}
	slices.Sort(names)
	return names
}

// Source returns the text of a built-in scenario, also of one in a folder.
func Source(name string) (data []byte, ok bool) {
	data, err := files.ReadFile(name + ".yaml")
	return data, err == nil
}

// List returns the built-in scenarios, sorted by name. It panics if one of them
// is wrong, which the tests exclude.
func List() []*Scenario { return parsed(Names()) }

// Article returns the scenarios that check the article, in its order. It panics as
// List does.
func Article() []*Scenario { return parsed(Chapters()) }

// Published returns the scenarios that repeat published measurements, sorted by name.
// It panics as List does.
func Published() []*Scenario { return parsed(Measurements()) }

func parsed(names []string) []*Scenario {
	var list []*Scenario
	for _, name := range names {
		data, _ := Source(name)
		s, err := Parse(name+".yaml", data)
		if err != nil {
			panic("scenarios: a built-in scenario is wrong: " + err.Error())
		}
		s.Path = name
		list = append(list, s)
	}
	return list
}
