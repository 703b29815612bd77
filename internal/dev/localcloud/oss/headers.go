package oss

import (
	"cmp"
	"net/http"
	"strings"
	"unicode/utf8"
)

// storedHeaders are those that an object keeps as they were sent (documented).
func storedHeaders() []string {
	return []string{"Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Expires"}
}

// described gives an object what the headers of a request say about it.
func (o *object) described(h http.Header) {
	o.ContentType, o.Meta, o.Class = h.Get("Content-Type"), userMeta(h), class(h)
	o.Headers = nil
	for _, name := range storedHeaders() {
		if v := h.Get(name); v != "" {
			if o.Headers == nil {
				o.Headers = map[string]string{}
			}
			o.Headers[name] = v
		}
	}
}

// show writes the headers that say what an object is.
func (o *object) show(h http.Header) {
	h.Set("Last-Modified", o.LastModified.Format(http.TimeFormat))
	h.Set("X-Oss-Object-Type", o.Type)
	h.Set("X-Oss-Storage-Class", o.class())
	h.Set("Content-Type", cmp.Or(o.ContentType, "application/octet-stream"))
	for name, value := range o.Headers {
		h.Set(name, value)
	}
	for name, value := range o.Meta {
		h.Set(name, value)
	}
}

// overrides replaces headers of a successful answer by what the query asks for
// (documented).
func overrides(wk *work, h http.Header) {
	for name := range wk.query {
		if header, ok := strings.CutPrefix(name, "response-"); ok && wk.query.Get(name) != "" {
			switch header {
			case "content-type", "content-language", "expires", "cache-control", "content-disposition", "content-encoding":
				h.Set(header, wk.query.Get(name))
			}
		}
	}
}

func userMeta(h http.Header) map[string]string {
	meta := map[string]string{}
	for name := range h {
		if name := strings.ToLower(name); strings.HasPrefix(name, "x-oss-meta-") {
			meta[name] = h.Get(name)
		}
	}
	return meta
}

// checkVersion refuses versions that the bucket does not have: an object has the version
// null alone.
func checkVersion(version string, given bool) *apiError {
	if given && version != "null" {
		return fault(404, "NoSuchVersion", "", "The specified version does not exist.")
	}
	return nil
}

func runes(s string) int { return utf8.RuneCountInString(s) }
