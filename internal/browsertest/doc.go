// Package browsertest opens pages in a headless Chromium, for tests of what only a
// browser can show: that a page draws without an error, and that no request leaves
// this host.
package browsertest
