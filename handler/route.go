package handler

import (
	"net/http"
	"strings"
)

// otherRoute stands for every request that is for no route. Anybody on the Internet can
// send a request, so that its path is not logged as it is.
const otherRoute = "other"

// route is the route of a request, such as "GET /v1/changes/{id}" or "POST /chat/slack".
func (c *invocation) route(method, path string) string {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for known := range strings.FieldsFuncSeq(strings.ReplaceAll(routes, " and ", ", "), func(r rune) bool { return r == ',' }) {
		known = strings.TrimSpace(known)
		if verb, pattern, _ := strings.Cut(known, " "); verb == method && matches(pattern, path) {
			return known
		}
	}
	if p, ok := c.platform(path); ok && (method == http.MethodGet || method == http.MethodPost) {
		return method + " " + chatPath + p.Name()
	}
	return otherRoute
}

// matches reports whether a path is of a pattern, in which {id} stands for one segment, and
// {path…} for the rest.
func matches(pattern, path string) bool {
	for pattern != "" {
		var want, got string
		want, pattern, _ = strings.Cut(pattern, "/")
		if strings.HasSuffix(want, "…}") {
			return path != ""
		}
		got, path, _ = strings.Cut(path, "/")
		isParameter := strings.HasPrefix(want, "{") && got != ""
		if got != want && !isParameter {
			return false
		}
	}
	return path == ""
}
