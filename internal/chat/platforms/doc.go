// Package platforms lists the chat platforms that the function supports. Its
// tests name what a platform lacks: a package, a conformance fixture, an
// emulator, or a page.
package platforms
