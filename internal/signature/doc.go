// Package signature signs requests to Alibaba Cloud's APIs with version 3 of
// their signature, ACS3-HMAC-SHA256 (vendor page "Request syntax and signature
// method V3"). It is the same for APIs whose parameters are in the query (RPC)
// and for those with paths and bodies (ROA).
//
// What is signed are the method, the path, the query, a digest of the body, and
// the headers Content-Type, Host and X-Acs-*, sorted by name. Other headers are
// not signed.
package signature
