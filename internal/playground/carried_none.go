//go:build !playground

//go:generate go run ./generate

package playground

// carried is nil: this build has no simulator for a browser in it.
var carried func() (*Program, error)
