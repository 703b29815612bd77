// Package openapi holds the function to its description, docs/openapi.yaml: it checks
// requests and responses of tests against it, and renders it as docs/api.md.
//
// The description lists every member of this version's answers, and permits no others,
// so that a member that is not described fails a test. A client should ignore members
// that it does not know.
package openapi
