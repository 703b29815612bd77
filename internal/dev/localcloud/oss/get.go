package oss

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
)

// gzipFrom is the size from which OSS compresses text (documented: 1 KB).
const gzipFrom = 1024

func (e *Emulator) getObject(wk *work) (*reply, *apiError) {
	if bad := wk.version(); bad != nil {
		return nil, bad
	}
	o, data, err := wk.b.read(wk.key)
	if err == nil {
		err = e.hidden(wk.b, wk.key)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errNoSuchKey()
	case err != nil:
		return nil, errInternal(err)
	}
	if bad := checkConditions(wk.r.Header, "", o); bad != nil {
		return nil, bad
	}
	if wk.op == "GetObject" && o.archived() {
		return nil, errArchived()
	}
	rep := newReply(http.StatusOK)
	rep.body, rep.length = data, o.Size
	h := rep.header
	if wk.op == "GetObjectMeta" { // documented: nothing else
		h.Set("Last-Modified", o.LastModified.Format(http.TimeFormat))
		h.Set("ETag", `"`+o.ETag+`"`)
		return rep, nil
	}
	o.show(h)
	o.countTags(h)
	if o.Type == appendable {
		h.Set("X-Oss-Next-Append-Position", strconv.FormatInt(o.Size, 10))
	}
	overrides(wk, h)
	return rep, wk.content(rep, o, data)
}

// content gives an answer the content that it is to have: all of it, a range, or all of
// it compressed.
func (wk *work) content(rep *reply, o *object, data []byte) *apiError {
	h := rep.header
	s, partial, bad := rangeOf(wk.r.Header, o.Size)
	switch {
	case wk.op != "GetObject":
	case bad != nil:
		return bad
	case partial:
		rep.status, rep.body = http.StatusPartialContent, data[s.from:s.to]
		h.Set("Content-Range", s.contentRange(o.Size))
	case compresses(wk.r.Header, o):
		h.Set("Content-Encoding", "gzip") // documented: then without ETag
		rep.body = compress(data)
		return nil
	}
	if wk.op == "GetObject" {
		h.Set("Accept-Ranges", "bytes")
	}
	h.Set("ETag", `"`+o.ETag+`"`)
	h.Set("X-Oss-Hash-Crc64ecma", strconv.FormatUint(o.CRC, 10)) // of the whole object (documented)
	if o.Type == normal {
		h.Set("Content-Md5", base64MD5(data))
	}
	return nil
}

func compresses(h http.Header, o *object) bool {
	kind, _, _ := strings.Cut(o.ContentType, ";")
	return strings.Contains(h.Get("Accept-Encoding"), "gzip") && o.Size >= gzipFrom && o.Headers["Content-Encoding"] == "" &&
		(kind == "application/json" || strings.HasPrefix(kind, "text/"))
}

func compress(data []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(data) // writing to a buffer does not fail
	_ = z.Close()
	return out.Bytes()
}

// checkConditions checks If-Match and the like. prefix is that of the
// conditions of a copy's source, which answers 412 to all.
func checkConditions(h http.Header, prefix string, o *object) *apiError {
	notModified := fault(http.StatusNotModified, "NotModified", "", "")
	if prefix != "" {
		notModified = errPrecondition()
	}
	if tag := h.Get(prefix + "If-Match"); tag != "" && !sameTag(tag, o) {
		return errPrecondition()
	}
	if tag := h.Get(prefix + "If-None-Match"); tag != "" && sameTag(tag, o) {
		return notModified
	}
	if at, err := http.ParseTime(h.Get(prefix + "If-Unmodified-Since")); err == nil && o.LastModified.After(at) {
		return errPrecondition()
	}
	if at, err := http.ParseTime(h.Get(prefix + "If-Modified-Since")); err == nil && !o.LastModified.After(at) {
		return notModified
	}
	return nil
}

func sameTag(tag string, o *object) bool {
	return strings.EqualFold(strings.Trim(tag, `"`), o.ETag)
}
