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
	src, data, bad := e.copySource(wk)
	if bad != nil {
		return nil, bad
	}
	o := newObject(wk.key, data)
	replace, bad := directive(h, "X-Oss-Metadata-Directive")
	if bad != nil {
		return nil, bad
	}
	o.described(h)
	if !replace {
		o.ContentType, o.Meta, o.Headers = src.ContentType, src.Meta, src.Headers
	}
	if replace, bad = directive(h, "X-Oss-Tagging-Directive"); bad != nil {
		return nil, bad
	}
	if o.Tags = src.Tags; replace {
		if o.Tags, bad = tagsOf(h); bad != nil {
			return nil, bad
		}
	}
	createOnly = createOnly && !e.breaks().Overwrites
	if bad := e.store(wk, o, data, createOnly, CopyObjectEvent); bad != nil {
		return nil, bad
	}
	rep := xmlReply(struct {
		XMLName      xml.Name `xml:"CopyObjectResult"`
		ETag         string   `xml:"ETag"`
		LastModified string   `xml:"LastModified"`
	}{ETag: `"` + o.ETag + `"`, LastModified: xmlTime(o.LastModified)})
	rep.header.Set("ETag", `"`+o.ETag+`"`)
	rep.header.Set("X-Oss-Hash-Crc64ecma", strconv.FormatUint(o.CRC, 10))
	return rep, nil
}

// directive reads COPY, which is the default, or REPLACE (documented).
func directive(h http.Header, name string) (replace bool, bad *apiError) {
	switch strings.ToUpper(h.Get(name)) {
	case "", "COPY":
		return false, nil
	case "REPLACE":
		return true, nil
	}
	return false, fault(400, "InvalidArgument", "", name+" must be COPY or REPLACE.")
}

// copySource reads the object that the header x-oss-copy-source names, if the
// conditions about it hold. There are none about the destination (documented).
func (e *Emulator) copySource(wk *work) (*object, []byte, *apiError) {
	h := wk.r.Header
	name, version, versioned := strings.Cut(h.Get("X-Oss-Copy-Source"), "?versionId=")
	name, err := url.QueryUnescape(name)
	from, key, ok := strings.Cut(strings.TrimPrefix(name, "/"), "/")
	if err != nil || !ok || key == "" {
		return nil, nil, fault(400, "InvalidArgument", "", "The copy source is not /bucket/key.")
	}
	if bad := checkVersion(version, versioned); bad != nil {
		return nil, nil, bad
	}
	source := e.bucket(from)
	if source == nil {
		return nil, nil, errNoSuchBucket()
	}
	src, data, err := source.read(key)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, errNoSuchKey()
	case err != nil:
		return nil, nil, errInternal(err)
	}
	if bad := checkConditions(h, "X-Oss-Copy-Source-", src); bad != nil {
		return nil, nil, bad
	}
	if src.archived() {
		return nil, nil, errArchived()
	}
	return src, data, nil
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
	if old != nil && old.Type != appendable {
		return nil, fault(409, "ObjectNotAppendable", "", "The object is not appendable")
	}
	if position != int64(len(data)) {
		return nil, errPosition(int64(len(data)))
	}
	whole := slices.Concat(data, wk.body)
	o := newObject(wk.key, whole)
	o.described(wk.r.Header)
	var bad *apiError
	if o.Tags, bad = tagsOf(wk.r.Header); bad != nil {
		return nil, bad
	}
	if o.Type = appendable; old != nil { // of the first append only (documented)
		o.ContentType, o.Meta, o.Class, o.Headers, o.Tags = old.ContentType, old.Meta, old.Class, old.Headers, old.Tags
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
