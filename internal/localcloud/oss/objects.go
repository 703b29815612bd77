package oss

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/md5" //nolint:gosec // ETag and Content-MD5 are defined with it
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"hash/crc64"
	"html"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// gzipFrom is the size from which OSS compresses text (documented: 1 KB).
const gzipFrom = 1024

var keyElement = regexp.MustCompile(`(?s)<Key>(.*?)</Key>`)

func (e *Emulator) putObject(wk *work) (*reply, *apiError) {
	h := wk.r.Header
	// Observed: OSS has no conditional writes but x-oss-forbid-overwrite, and
	// says so.
	for _, name := range []string{"If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"} {
		if h.Get(name) != "" {
			return nil, errNotImplementedHeader()
		}
	}
	createOnly, bad := forbidOverwrite(h)
	if bad != nil {
		return nil, bad
	}
	if bad := checkMD5(h, wk.body); bad != nil {
		return nil, bad
	}
	o := newObject(wk.key, wk.body)
	o.ContentType, o.Meta = h.Get("Content-Type"), userMeta(h)
	if bad := e.store(wk, o, wk.body, createOnly, PutObjectEvent); bad != nil {
		return nil, bad
	}
	rep := newReply(http.StatusOK)
	rep.header.Set("ETag", `"`+o.ETag+`"`)
	rep.header.Set("Content-Md5", base64MD5(wk.body))
	rep.header.Set("X-Oss-Hash-Crc64ecma", strconv.FormatUint(o.CRC, 10))
	return rep, nil
}

func (e *Emulator) store(wk *work, o *object, data []byte, createOnly bool, event string) *apiError {
	var size int64
	if before := wk.b.get(o.Key); before != nil {
		size = before.Size
	}
	tmp, err := wk.b.stage(data)
	if err != nil {
		return errInternal(err)
	}
	defer func() { _ = os.Remove(tmp) }() // gone already after a rename
	switch err := wk.b.put(o, tmp, createOnly); {
	case errors.Is(err, fs.ErrExist):
		return errFileAlreadyExists()
	case err != nil:
		return errInternal(err)
	}
	e.notify(event, wk.b, o, size, wk.who.Principal, wk.requestID, sourceIP(wk.r))
	return nil
}

// stage writes content to a file of its own, on the file system of the bucket.
func (b *bucket) stage(data []byte) (string, error) {
	f, err := os.CreateTemp(filepath.Join(b.own, "tmp"), "put-*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	return f.Name(), errors.Join(err, f.Close())
}

func newObject(key string, data []byte) *object {
	sum := md5.Sum(data) //nolint:gosec // see the import
	return &object{
		Key: key, Size: int64(len(data)), Type: "Normal",
		ETag: strings.ToUpper(hex.EncodeToString(sum[:])),
		CRC:  crc64.Checksum(data, crc64.MakeTable(crc64.ECMA)),
	}
}

func forbidOverwrite(h http.Header) (bool, *apiError) {
	switch v := h.Get("X-Oss-Forbid-Overwrite"); v {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, fault(400, "InvalidArgument", "0017-00000279", "x-oss-forbid-overwrite must be true or false.")
}

// checkMD5 runs before anything is stored (documented).
func checkMD5(h http.Header, body []byte) *apiError {
	if want := h.Get("Content-Md5"); want != "" && want != base64MD5(body) {
		return fault(400, "InvalidDigest", "", "The Content-MD5 you specified was invalid.")
	}
	return nil
}

func base64MD5(data []byte) string {
	sum := md5.Sum(data) //nolint:gosec // see the import
	return base64.StdEncoding.EncodeToString(sum[:])
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

func (e *Emulator) getObject(wk *work) (*reply, *apiError) {
	if wk.r.Header.Get("Range") != "" {
		return nil, errUnsupported("ranges")
	}
	o, data, err := wk.b.read(wk.key)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errNoSuchKey()
	case err != nil:
		return nil, errInternal(err)
	}
	if bad := checkConditions(wk.r.Header, "", o); bad != nil {
		return nil, bad
	}
	rep := newReply(http.StatusOK)
	rep.body, rep.length = data, o.Size
	h := rep.header
	h.Set("Last-Modified", o.LastModified.Format(http.TimeFormat))
	h.Set("X-Oss-Object-Type", o.Type)
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
	_, _ = z.Write(data) // a buffer takes everything
	_ = z.Close()
	return out.Bytes()
}

// checkConditions judges If-Match and its kin. prefix is that of the
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

func (e *Emulator) deleteObject(wk *work) (*reply, *apiError) {
	if err := wk.b.delete(wk.key); err != nil {
		return nil, errInternal(err)
	}
	return newReply(http.StatusNoContent), nil // whether it existed or not (documented)
}

// deleteObjects takes XML that no parser would: control characters as
// references (observed).
func (e *Emulator) deleteObjects(wk *work) (*reply, *apiError) {
	if wk.r.Header.Get("Content-Md5") == "" {
		return nil, fault(400, "MissingArgument", "", "Missing Some Required Arguments: Content-MD5.")
	}
	if bad := checkMD5(wk.r.Header, wk.body); bad != nil {
		return nil, bad
	}
	matches := keyElement.FindAllSubmatch(wk.body, -1)
	if len(matches) == 0 || len(matches) > 1000 {
		return nil, fault(400, "MalformedXML", "", "The XML you provided was not well-formed or did not validate against our published schema.")
	}
	type deleted struct {
		Key string `xml:"Key"`
	}
	doc := struct {
		XMLName      xml.Name  `xml:"DeleteResult"`
		EncodingType string    `xml:"EncodingType,omitempty"`
		Deleted      []deleted `xml:"Deleted"`
	}{EncodingType: wk.query.Get("encoding-type")}
	for _, m := range matches {
		key := html.UnescapeString(string(m[1]))
		if err := wk.b.delete(key); err != nil {
			return nil, errInternal(err)
		}
		if doc.EncodingType == "url" {
			key = escape(key)
		}
		doc.Deleted = append(doc.Deleted, deleted{key})
	}
	if bytes.Contains(wk.body, []byte("<Quiet>true</Quiet>")) {
		return newReply(http.StatusOK), nil // no document (documented)
	}
	return xmlReply(doc), nil
}

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
	o := newObject(wk.key, data)
	o.ContentType, o.Meta = src.ContentType, src.Meta
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

func getVersioning(wk *work) (*reply, *apiError) {
	return xmlReply(struct {
		XMLName xml.Name `xml:"VersioningConfiguration"`
		Status  string   `xml:"Status,omitempty"` // absent for never (documented)
	}{Status: wk.b.versioningStatus()}), nil
}

func xmlTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func sourceIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
