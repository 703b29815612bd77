package ui

import (
	"crypto/subtle"
	"net"
	"net/http"
	"strings"
)

// refusal is why a request is not answered.
type refusal struct {
	status int
	kind   string
	title  string
}

// protection is the header of every answer.
func protection() map[string]string {
	return map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
			"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY",
		"Referrer-Policy":              "no-referrer",
		"Cache-Control":                "no-store",
	}
}

// refuse returns why a request must not be answered, nil if it may be.
func (s *Server) refuse(r *http.Request) *refusal {
	asks := strings.HasPrefix(r.URL.Path, "/api/")
	site := r.Header.Get("Sec-Fetch-Site") // which page made the browser ask; "" of another program
	switch {
	case !loopback(r.Host):
		return &refusal{http.StatusMisdirectedRequest, "host", "This page is for 127.0.0.1 and localhost."}
	case !asks:
		return nil // the page's files are the same for everybody
	case site != "" && site != "same-origin" && site != "none":
		return &refusal{http.StatusForbidden, "origin", "Another page may not ask here."}
	case r.Method == http.MethodPost && r.Header.Get("Origin") != "http://"+r.Host:
		return &refusal{http.StatusForbidden, "origin", "Only the page itself may write."}
	case s.opts.Open || r.URL.Path == "/api/session":
		return nil
	case !s.knows(r.Header.Get("Authorization")):
		return &refusal{http.StatusUnauthorized, "token", "Open the page with the URL that vpnctl ui printed."}
	default:
		return nil
	}
}

func (s *Server) knows(header string) bool {
	token, ok := strings.CutPrefix(header, "Bearer ")
	return ok && subtle.ConstantTimeCompare([]byte(token), []byte(s.token)) == 1
}

// loopback reports whether a Host names this machine, and is not a name that somebody
// else can have resolved to it.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Local reports whether an address to listen on is this machine's own, such as
// 127.0.0.1:0.
func Local(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}
