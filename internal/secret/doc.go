// Package secret has text that cannot be printed by accident.
//
// Every way in which Go renders a value (fmt with any verb, log/slog,
// encoding/json, encoding.TextMarshaler) gives Redacted instead of the text.
// This also holds where fmt does not call methods, such as for an unexported
// field of a struct that is printed with %+v. The only way to the text is
// Text.Reveal, so that a search for Reveal finds every use.
package secret
