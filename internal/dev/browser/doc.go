// Package browser drives a headless Chromium, for tests of pages.
//
// It speaks the DevTools protocol over the browser's own pipes: there is no port
// to find and nothing to install but the browser. Waiting is waiting for a
// condition in the page, bounded by the caller's context.
package browser
