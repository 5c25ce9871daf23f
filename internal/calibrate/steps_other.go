//go:build !linux

package calibrate

// ofSystem returns nothing: what the operating system costs is measured on Linux
// only.
func ofSystem() []step { return nil }

// raceOfSystem returns nil, for the same reason.
func raceOfSystem() drawnOut { return nil }
