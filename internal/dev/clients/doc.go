// Package clients drives a local cloud with clients that the vendor wrote: the SDKs for
// Go, in the module testdata/gosdk of its own, and for JavaScript. Run it with make clients, which
// prints what passed and what failed of each; what has an explanation in this package
// may fail.
//
// The clients are fetched from the Go module proxy and from npm, so it is no stage of
// .ci/run. ossutil, aliyun-cli and the Terraform provider are run where they are
// installed.
package clients
