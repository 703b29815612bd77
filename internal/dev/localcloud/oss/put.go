package oss

import (
	"crypto/md5" //nolint:gosec // ETag and Content-MD5 are defined with it
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"hash/crc64"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

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
	createOnly = createOnly && !e.breaks().Overwrites
	if bad := checkMD5(h, wk.body); bad != nil && !e.breaks().Verbatim {
		return nil, bad
	}
	o := newObject(wk.key, wk.body)
	o.described(h)
	if o.Tags, bad = tagsOf(h); bad != nil {
		return nil, bad
	}
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
		Key: key, Size: int64(len(data)), Type: normal,
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
