//go:build !cgo || race || !amd64

// A package whose functions have their bodies elsewhere needs a file in assembly.
