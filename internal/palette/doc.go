// Package palette holds the colours that mean something in fibsim's pictures: what
// a thread is doing, and which backend a line belongs to. Pages, plots and traces
// take them from here, so that a colour means the same everywhere.
//
// Each colour has two values, for a light and for a dark page. Every one of them
// stands out from both backgrounds of its page by the contrast that WCAG 2.2 asks of
// graphics (3 to 1) or, where it is text, of text (4.5 to 1). States also differ from
// each other in lightness, so that they can be told apart without seeing hues and in
// a grey print.
package palette
