// Package arch holds no code: its tests hold the whole module against the rules
// of its layout, those that a machine can check.
package arch
