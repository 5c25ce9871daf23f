// Package playground makes the page in which readers change the settings of a scenario
// and see at once what the simulator predicts: static files, which any web server can
// serve, and a server on loopback.
//
// The page's own files are in page; the look and the timeline are those of package
// report. What computes is package engine, compiled to WebAssembly by [Compile] from
// the module's own source: a compiled program is no source, and is not kept in it. A
// build with the tag playground carries it along, for hosts without Go:
//
//	go generate ./internal/playground
//	go build -tags playground ./cmd/fibsim
package playground
