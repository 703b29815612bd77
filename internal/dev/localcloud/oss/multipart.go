package oss

import (
	"bytes"
	"cmp"
	"crypto/md5" //nolint:gosec // ETag is defined with it
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Limits of multipart uploads (documented).
const (
	maxPart    = 10_000
	leastPart  = 100 << 10 // bytes of a part that is not the last
	inParts    = "Multipart"
	normal     = "Normal"
	appendable = "Appendable"
)

func (e *Emulator) initiate(wk *work) (*reply, *apiError) {
	h := wk.r.Header
	createOnly, bad := forbidOverwrite(h)
	if bad != nil {
		return nil, bad
	}
	if createOnly && wk.b.get(wk.key) != nil && wk.b.versioningStatus() == "" {
		return nil, errFileAlreadyExists()
	}
	o := &object{Key: wk.key, Type: inParts}
	o.described(h)
	if o.Tags, bad = tagsOf(h); bad != nil {
		return nil, bad
	}
	u, err := wk.b.beginUpload(o, createOnly, e.Now())
	if err != nil {
		return nil, errInternal(err)
	}
	return xmlReply(struct {
		XMLName      xml.Name `xml:"InitiateMultipartUploadResult"`
		EncodingType string   `xml:"EncodingType,omitempty"`
		Bucket       string   `xml:"Bucket"`
		Key          string   `xml:"Key"`
		UploadID     string   `xml:"UploadId"`
	}{EncodingType: wk.query.Get("encoding-type"), Bucket: wk.bucket, Key: wk.encoded(wk.key), UploadID: u.ID}), nil
}

// encoded escapes a key where the request asks for encoding-type=url.
func (wk *work) encoded(key string) string {
	if wk.query.Get("encoding-type") == "url" {
		return escape(key)
	}
	return key
}

func errNoSuchUpload() *apiError {
	return fault(404, "NoSuchUpload", "0042-00000002", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.")
}

// upload finds the upload that a request is about.
func (wk *work) upload() (*upload, *apiError) {
	u := wk.b.upload(wk.query.Get("uploadId"))
	if u == nil || u.Object.Key != wk.key {
		return nil, errNoSuchUpload()
	}
	return u, nil
}

func (e *Emulator) uploadPart(wk *work) (*reply, *apiError) {
	n, err := strconv.Atoi(wk.query.Get("partNumber"))
	if err != nil || n < 1 || n > maxPart {
		return nil, fault(400, "InvalidArgument", "", "Part number must be an integer between 1 and 10000, inclusive.")
	}
	u, bad := wk.upload()
	if bad != nil {
		return nil, bad
	}
	data, copied := wk.body, wk.op == "UploadPartCopy"
	if copied {
		data, bad = e.copiedPart(wk)
	} else {
		bad = checkMD5(wk.r.Header, wk.body)
	}
	if bad != nil {
		return nil, bad
	}
	p, err := wk.b.addPart(u, n, data, e.Now())
	if err != nil {
		return nil, errInternal(err)
	}
	if p == nil {
		return nil, errNoSuchUpload() // completed or aborted since
	}
	var rep *reply
	if copied {
		rep = xmlReply(struct {
			XMLName      xml.Name `xml:"CopyPartResult"`
			LastModified string   `xml:"LastModified"`
			ETag         string   `xml:"ETag"`
		}{LastModified: xmlTime(p.modified), ETag: `"` + p.eTag + `"`})
	} else {
		rep = newReply(http.StatusOK)
		rep.header.Set("Content-Md5", base64MD5(data))
	}
	rep.header.Set("ETag", `"`+p.eTag+`"`)
	rep.header.Set("X-Oss-Hash-Crc64ecma", strconv.FormatUint(p.crc, 10))
	return rep, nil
}

// copiedPart is the content of a part that is copied from an object, or from a range of
// it.
func (e *Emulator) copiedPart(wk *work) ([]byte, *apiError) {
	src, data, bad := e.copySource(wk)
	if bad != nil {
		return nil, bad
	}
	text := wk.r.Header.Get("X-Oss-Copy-Source-Range")
	if text == "" {
		return data, nil
	}
	s, ok, bad := rangeOf(http.Header{"Range": {text}, "X-Oss-Range-Behavior": {"standard"}}, src.Size)
	if bad == nil && !ok {
		bad = fault(400, "InvalidArgument", "", "The x-oss-copy-source-range value must be of the form bytes=first-last.")
	}
	if bad != nil {
		return nil, bad
	}
	return data[s.from:s.to], nil
}

type listedPart struct {
	PartNumber   int    `xml:"PartNumber"`
	LastModified string `xml:"LastModified"`
	ETag         string `xml:"ETag"`
	Size         int64  `xml:"Size"`
	CRC          uint64 `xml:"HashCrc64ecma"`
}

func (e *Emulator) listParts(wk *work) (*reply, *apiError) {
	limit, bad := number(wk.query.Get("max-parts"), 1000, "max-parts")
	if bad != nil {
		return nil, bad
	}
	marker, err := strconv.Atoi(cmp.Or(wk.query.Get("part-number-marker"), "0"))
	if err != nil || marker < 0 {
		return nil, fault(400, "InvalidArgument", "", "part-number-marker must be a number from 0.")
	}
	u, bad := wk.upload()
	if bad != nil {
		return nil, bad
	}
	res := struct {
		XMLName      xml.Name     `xml:"ListPartsResult"`
		EncodingType string       `xml:"EncodingType,omitempty"`
		Bucket       string       `xml:"Bucket"`
		Key          string       `xml:"Key"`
		UploadID     string       `xml:"UploadId"`
		StorageClass string       `xml:"StorageClass"`
		Marker       int          `xml:"PartNumberMarker"`
		Next         int          `xml:"NextPartNumberMarker"`
		MaxParts     int          `xml:"MaxParts"`
		IsTruncated  bool         `xml:"IsTruncated"`
		Parts        []listedPart `xml:"Part"`
	}{
		EncodingType: wk.query.Get("encoding-type"), Bucket: wk.bucket, Key: wk.encoded(wk.key), UploadID: u.ID,
		StorageClass: u.Object.class(), Marker: marker, MaxParts: limit,
	}
	for _, p := range wk.b.partsOf(u) {
		if p.number <= marker {
			continue
		}
		if len(res.Parts) == limit {
			res.IsTruncated = true
			break
		}
		res.Parts = append(res.Parts, listedPart{p.number, xmlTime(p.modified), `"` + p.eTag + `"`, p.size, p.crc})
		res.Next = p.number
	}
	return xmlReply(res), nil
}

// wantedPart is a part in the document that completes an upload.
type wantedPart struct {
	Number int    `xml:"PartNumber"`
	ETag   string `xml:"ETag"`
}

func (e *Emulator) complete(wk *work) (*reply, *apiError) {
	createOnly, bad := forbidOverwrite(wk.r.Header)
	if bad != nil {
		return nil, bad
	}
	u, bad := wk.upload()
	if bad != nil {
		return nil, bad
	}
	parts, bad := wk.chosen(u)
	if bad != nil {
		return nil, bad
	}
	if !wk.b.takeUpload(u) {
		return nil, errNoSuchUpload() // another request completes or aborts it
	}
	rep, bad := e.assemble(wk, u, parts, createOnly)
	if bad != nil {
		wk.b.returnUpload(u)
		return nil, bad
	}
	if err := os.RemoveAll(u.dir); err != nil {
		return nil, errInternal(err)
	}
	return rep, nil
}

// assemble makes the object of an upload.
func (e *Emulator) assemble(wk *work, u *upload, parts []part, createOnly bool) (*reply, *apiError) {
	var whole bytes.Buffer
	sums := md5.New() //nolint:gosec // see the import
	for _, p := range parts {
		data, err := os.ReadFile(p.file)
		if err != nil {
			return nil, errInternal(err)
		}
		whole.Write(data)
		sum, _ := hex.DecodeString(p.eTag) // made here
		sums.Write(sum)
	}
	o := newObject(wk.key, whole.Bytes())
	o.Type, o.ContentType, o.Meta, o.Class, o.Headers, o.Tags = inParts, u.Object.ContentType, u.Object.Meta, u.Object.Class, u.Object.Headers, u.Object.Tags
	o.ETag = strings.ToUpper(hex.EncodeToString(sums.Sum(nil))) + "-" + strconv.Itoa(len(parts)) // documented: no MD5 of the content
	createOnly = (createOnly || u.CreateOnly) && !e.breaks().Overwrites
	if bad := e.store(wk, o, whole.Bytes(), createOnly, MultipartEvent); bad != nil {
		return nil, bad
	}
	rep := xmlReply(struct {
		XMLName      xml.Name `xml:"CompleteMultipartUploadResult"`
		EncodingType string   `xml:"EncodingType,omitempty"`
		Location     string   `xml:"Location"`
		Bucket       string   `xml:"Bucket"`
		Key          string   `xml:"Key"`
		ETag         string   `xml:"ETag"`
	}{
		EncodingType: wk.query.Get("encoding-type"), Location: "http://" + wk.r.Host + wk.r.URL.EscapedPath(), Bucket: wk.bucket,
		Key: wk.encoded(wk.key), ETag: `"` + o.ETag + `"`,
	})
	rep.header.Set("ETag", `"`+o.ETag+`"`)
	rep.header.Set("X-Oss-Hash-Crc64ecma", strconv.FormatUint(o.CRC, 10))
	return rep, nil
}

// chosen gives the parts of which the object is made, in their order.
func (wk *work) chosen(u *upload) ([]part, *apiError) {
	uploaded := wk.b.partsOf(u)
	if strings.EqualFold(wk.r.Header.Get("X-Oss-Complete-All"), "yes") {
		if len(bytes.TrimSpace(wk.body)) > 0 {
			return nil, fault(400, "InvalidArgument", "", "x-oss-complete-all must be without a body.")
		}
		return checkSizes(uploaded)
	}
	var doc struct {
		XMLName xml.Name     `xml:"CompleteMultipartUpload"`
		Parts   []wantedPart `xml:"Part"`
	}
	if err := xml.Unmarshal(wk.body, &doc); err != nil || len(doc.Parts) == 0 || len(doc.Parts) > maxPart {
		return nil, errMalformedXML()
	}
	var parts []part
	for i, want := range doc.Parts {
		if i > 0 && want.Number <= doc.Parts[i-1].Number {
			return nil, fault(400, "InvalidPartOrder", "", "The list of parts was not in ascending order. Parts list must specified in order by part number.")
		}
		n := slices.IndexFunc(uploaded, func(p part) bool { return p.number == want.Number })
		if n < 0 || !strings.EqualFold(strings.Trim(want.ETag, `"`), uploaded[n].eTag) {
			return nil, fault(400, "InvalidPart", "", fmt.Sprintf("One or more of the specified parts could not be found or the specified entity tag might not have matched the part's entity tag: part %d.", want.Number))
		}
		parts = append(parts, uploaded[n])
	}
	return checkSizes(parts)
}

func checkSizes(parts []part) ([]part, *apiError) {
	if len(parts) == 0 {
		return nil, fault(400, "InvalidPart", "", "The upload has no parts.")
	}
	for _, p := range parts[:len(parts)-1] {
		if p.size < leastPart {
			return nil, fault(400, "EntityTooSmall", "", "Your proposed upload smaller than the minimum allowed size.")
		}
	}
	return parts, nil
}

func (e *Emulator) abort(wk *work) (*reply, *apiError) {
	u, bad := wk.upload()
	if bad != nil {
		return nil, bad
	}
	if !wk.b.takeUpload(u) {
		return nil, errNoSuchUpload()
	}
	if err := os.RemoveAll(u.dir); err != nil {
		return nil, errInternal(err)
	}
	return newReply(http.StatusNoContent), nil
}

type listedUpload struct {
	Key       string `xml:"Key"`
	UploadID  string `xml:"UploadId"`
	Initiated string `xml:"Initiated"`
}

type uploadsResult struct {
	XMLName            xml.Name       `xml:"ListMultipartUploadsResult"`
	EncodingType       string         `xml:"EncodingType,omitempty"`
	Bucket             string         `xml:"Bucket"`
	KeyMarker          string         `xml:"KeyMarker"`
	UploadIDMarker     string         `xml:"UploadIdMarker"`
	NextKeyMarker      string         `xml:"NextKeyMarker"`
	NextUploadIDMarker string         `xml:"NextUploadIdMarker"`
	Delimiter          string         `xml:"Delimiter"`
	Prefix             string         `xml:"Prefix"`
	MaxUploads         int            `xml:"MaxUploads"`
	IsTruncated        bool           `xml:"IsTruncated"`
	Uploads            []listedUpload `xml:"Upload"`
	CommonPrefixes     []listedPrefix `xml:"CommonPrefixes"`
}

func (e *Emulator) listUploads(wk *work) (*reply, *apiError) {
	limit, bad := number(wk.query.Get("max-uploads"), 1000, "max-uploads")
	if bad != nil {
		return nil, bad
	}
	get := wk.query.Get
	res := uploadsResult{
		EncodingType: get("encoding-type"), Bucket: wk.bucket, KeyMarker: wk.encoded(get("key-marker")), UploadIDMarker: get("upload-id-marker"),
		Delimiter: wk.encoded(get("delimiter")), Prefix: wk.encoded(get("prefix")), MaxUploads: limit,
	}
	lastKey, lastID := get("key-marker"), get("upload-id-marker")
	for _, u := range wk.b.listUploads() {
		key := u.Object.Key
		later := key > lastKey || key == lastKey && lastID != "" && u.ID > lastID
		if !strings.HasPrefix(key, get("prefix")) || !later || lastID == "" && get("delimiter") != "" && strings.HasSuffix(lastKey, get("delimiter")) && strings.HasPrefix(key, lastKey) {
			continue
		}
		if len(res.Uploads)+len(res.CommonPrefixes) == limit {
			res.IsTruncated, res.NextKeyMarker, res.NextUploadIDMarker = true, wk.encoded(lastKey), lastID
			break
		}
		if i := strings.Index(key[len(get("prefix")):], get("delimiter")); get("delimiter") != "" && i >= 0 {
			folded := key[:len(get("prefix"))+i+len(get("delimiter"))]
			res.CommonPrefixes = append(res.CommonPrefixes, listedPrefix{wk.encoded(folded)})
			lastKey, lastID = folded, ""
			continue
		}
		res.Uploads = append(res.Uploads, listedUpload{wk.encoded(key), u.ID, xmlTime(u.Initiated)})
		lastKey, lastID = key, u.ID
	}
	return xmlReply(res), nil
}
