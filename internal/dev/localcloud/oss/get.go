package oss

import (
	"bytes"
	"cmp"
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
	if wk.r.Header.Get("Range") != "" {
		return nil, errUnsupported("ranges")
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
	h.Set("Last-Modified", o.LastModified.Format(http.TimeFormat))
	h.Set("X-Oss-Object-Type", o.Type)
	h.Set("X-Oss-Storage-Class", o.class())
	h.Set("Content-Type", cmp.Or(o.ContentType, "application/octet-stream"))
	for name, value := range o.Meta {
		h.Set(name, value)
	}
	if o.Type == "Appendable" {
		h.Set("X-Oss-Next-Append-Position", strconv.FormatInt(o.Size, 10))
	}
	if wk.op == "GetObject" && compresses(wk.r.Header, o) {
		h.Set("Content-Encoding", "gzip") // documented: then without ETag
		rep.body = compress(data)
		return rep, nil
	}
	h.Set("ETag", `"`+o.ETag+`"`)
	h.Set("X-Oss-Hash-Crc64ecma", strconv.FormatUint(o.CRC, 10))
	if o.Type == "Normal" {
		h.Set("Content-Md5", base64MD5(data))
	}
	return rep, nil
}

func compresses(h http.Header, o *object) bool {
	kind, _, _ := strings.Cut(o.ContentType, ";")
	return strings.Contains(h.Get("Accept-Encoding"), "gzip") && o.Size >= gzipFrom &&
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
