package sslvpn

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

const (
	apiVersion = "2016-04-28"
	// emptySHA256 is the digest of the empty body that every request has: the
	// parameters are in the query.
	emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	scheme      = "ACS3-HMAC-SHA256"
)

// param is one parameter of a request, not yet encoded.
type param struct{ name, value string }

// header is one header of a request, its name in net/http's spelling.
type header struct{ name, value string }

// authorization returns the Authorization of signature version 3 for a POST
// without a body. The headers to sign are the host and every X-Acs-* header,
// sorted by name; User-Agent and Accept are not signed (vendor page "Request
// syntax and signature method V3").
func authorization(path, query string, signed []header, creds Credentials) string {
	buf := make([]byte, 0, 640+len(creds.SecurityToken.Reveal()))
	buf = append(buf, http.MethodPost+"\n"...)
	buf = append(append(buf, path...), '\n')
	buf = append(append(buf, query...), '\n')
	for _, h := range signed {
		buf = append(appendLower(buf, h.name), ':')
		buf = append(append(buf, strings.TrimSpace(h.value)...), '\n')
	}
	buf = append(appendNames(append(buf, '\n'), signed), '\n')
	buf = append(buf, emptySHA256...)
	digest := sha256.Sum256(buf)
	mac := hmac.New(sha256.New, []byte(creds.AccessKeySecret.Reveal()))
	mac.Write(hex.AppendEncode(append(buf[:0], scheme+"\n"...), digest[:]))
	buf = append(buf[:0], scheme+" Credential="...)
	buf = append(append(buf, creds.AccessKeyID...), ",SignedHeaders="...)
	buf = append(appendNames(buf, signed), ",Signature="...)
	return string(hex.AppendEncode(buf, mac.Sum(digest[:0])))
}

// appendNames appends the names, in lower case and separated by semicolons.
func appendNames(buf []byte, headers []header) []byte {
	for i, h := range headers {
		if i > 0 {
			buf = append(buf, ';')
		}
		buf = appendLower(buf, h.name)
	}
	return buf
}

func appendLower(buf []byte, s string) []byte {
	for _, c := range []byte(s) {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf = append(buf, c)
	}
	return buf
}

// encodeQuery sorts the parameters and encodes them after RFC 3986, as the
// signature requires: package net/url would encode a blank as "+".
func encodeQuery(params []param) string {
	for i := range params { // there are a dozen: the standard library's sort is 10 kB of code
		for ; i > 0 && params[i].name < params[i-1].name; i-- {
			params[i], params[i-1] = params[i-1], params[i]
		}
	}
	buf := make([]byte, 0, 256)
	for i, p := range params {
		if i > 0 {
			buf = append(buf, '&')
		}
		buf = append(appendEscaped(buf, p.name), '=')
		buf = appendEscaped(buf, p.value)
	}
	return string(buf)
}

func appendEscaped(buf []byte, s string) []byte {
	const hexDigits = "0123456789ABCDEF"
	for _, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.', c == '_', c == '~':
			buf = append(buf, c)
		default:
			buf = append(buf, '%', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return buf
}
