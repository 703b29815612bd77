// Package browser drives a headless Chromium, for tests of pages.
//
// It uses the DevTools protocol over the browser's own pipes, so it needs no port
// and no installation but the browser. Page.Wait waits for a condition in the
// page, bounded by the caller's context.
package browser
