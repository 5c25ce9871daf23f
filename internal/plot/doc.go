// Package plot draws the results of a directory as pictures that stand by
// themselves: the title is that of the scenario, every axis has its unit, the legend
// says what was measured and what predicted, and a line below says on what host.
//
// Equal results give equal bytes. Colours are those of package palette, on white.
package plot
