//go:build !linux

package calibrate

// ofSystem returns nothing: what the operating system costs is measured on Linux
// only.
func ofSystem() []step { return nil }

// restOfSystem returns nothing, for the same reason.
func restOfSystem() []step { return nil }
