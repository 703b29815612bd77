package oss

import (
	"encoding/xml"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
)

func (e *Emulator) copyObject(wk *work) (*reply, *apiError) {
	h := wk.r.Header
	createOnly, bad := forbidOverwrite(h)
	if bad != nil {
		return nil, bad
	}
	name, err := url.QueryUnescape(h.Get("X-Oss-Copy-Source"))
	from, key, ok := strings.Cut(strings.TrimPrefix(name, "/"), "/")
	if err != nil || !ok {
		return nil, fault(400, "InvalidArgument", "", "The copy source is not /bucket/key.")
	}
	source := e.bucket(from)
	if source == nil {
		return nil, errNoSuchBucket()
	}
	src, data, err := source.read(key)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errNoSuchKey()
	case err != nil:
		return nil, errInternal(err)
	}
	// Conditions are on the source; there are none on the destination (documented).
	if bad := checkConditions(h, "X-Oss-Copy-Source-", src); bad != nil {
		return nil, bad
	}
	if src.archived() {
		return nil, errArchived()
	}
	o := newObject(wk.key, data)
	o.ContentType, o.Meta, o.Class = src.ContentType, src.Meta, class(h)
	if strings.EqualFold(h.Get("X-Oss-Metadata-Directive"), "REPLACE") {
		o.ContentType, o.Meta = h.Get("Content-Type"), userMeta(h)
	}
	if bad := e.store(wk, o, data, createOnly, CopyObjectEvent); bad != nil {
		return nil, bad
	}
	return xmlReply(struct {
		XMLName      xml.Name `xml:"CopyObjectResult"`
		ETag         string   `xml:"ETag"`
		LastModified string   `xml:"LastModified"`
	}{ETag: `"` + o.ETag + `"`, LastModified: xmlTime(o.LastModified)}), nil
}

// appendObject succeeds only at the object's end: a compare-and-swap on the
// length (documented).
func (e *Emulator) appendObject(wk *work) (*reply, *apiError) {
	position, err := strconv.ParseInt(wk.query.Get("position"), 10, 64)
	if err != nil || position < 0 {
		return nil, fault(400, "InvalidArgument", "", "position must be a number from 0.")
	}
	if bad := checkMD5(wk.r.Header, wk.body); bad != nil {
		return nil, bad
	}
	old, data, err := wk.b.read(wk.key)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errInternal(err)
	}
	if old != nil && old.Type != "Appendable" {
		return nil, fault(409, "ObjectNotAppendable", "", "The object is not appendable")
	}
	if position != int64(len(data)) {
		return nil, errPosition(int64(len(data)))
	}
	whole := slices.Concat(data, wk.body)
	o := newObject(wk.key, whole)
	o.Type, o.ContentType, o.Meta = "Appendable", wk.r.Header.Get("Content-Type"), userMeta(wk.r.Header)
	if old != nil {
		o.ContentType, o.Meta = old.ContentType, old.Meta // of the first append only (documented)
	}
	tmp, err := wk.b.stage(whole)
	if err != nil {
		return nil, errInternal(err)
	}
	defer func() { _ = os.Remove(tmp) }()
	switch err := wk.b.replace(o, tmp, old); {
	case errors.Is(err, fs.ErrExist):
		_, data, _ := wk.b.read(wk.key) // another append came first
		return nil, errPosition(int64(len(data)))
	case err != nil:
		return nil, errInternal(err)
	}
	e.notify(AppendObjectEvent, wk.b, o, position, wk.who.Principal, wk.requestID, sourceIP(wk.r))
	rep := newReply(http.StatusOK)
	rep.header.Set("X-Oss-Next-Append-Position", strconv.FormatInt(o.Size, 10))
	rep.header.Set("X-Oss-Hash-Crc64ecma", strconv.FormatUint(o.CRC, 10))
	return rep, nil
}

func errPosition(next int64) *apiError {
	bad := fault(409, "PositionNotEqualToLength", "", "Position is not equal to file length")
	bad.header = http.Header{"X-Oss-Next-Append-Position": {strconv.FormatInt(next, 10)}}
	return bad
}
