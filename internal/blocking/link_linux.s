//go:build !cgo && !race

// A package whose functions have their bodies elsewhere needs a file in assembly.
