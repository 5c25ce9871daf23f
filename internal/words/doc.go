// Package words says in words what figures say: in the unit that suits them, with
// the digits that they deserve, and as a finding in a sentence. The terminal and the
// page say the same, as both take it from here.
package words
