package oss

import (
	"encoding/base64"
	"encoding/xml"
	"strconv"
	"strings"
)

type listedObject struct {
	Key          string `xml:"Key"`
	LastModified string `xml:"LastModified"`
	ETag         string `xml:"ETag"`
	Type         string `xml:"Type"`
	Size         int64  `xml:"Size"`
	StorageClass string `xml:"StorageClass"`
	Owner        *owner `xml:"Owner"` // nil: not asked for
}

type listedPrefix struct {
	Prefix string `xml:"Prefix"`
}

// listResult is the answer of both versions of the listing.
type listResult struct {
	XMLName               xml.Name       `xml:"ListBucketResult"`
	Name                  string         `xml:"Name"`
	Prefix                string         `xml:"Prefix"`
	Marker                string         `xml:"Marker,omitempty"`
	StartAfter            string         `xml:"StartAfter,omitempty"`
	ContinuationToken     string         `xml:"ContinuationToken,omitempty"`
	MaxKeys               int            `xml:"MaxKeys"`
	Delimiter             string         `xml:"Delimiter"`
	EncodingType          string         `xml:"EncodingType,omitempty"`
	IsTruncated           bool           `xml:"IsTruncated"`
	NextMarker            string         `xml:"NextMarker,omitempty"`
	NextContinuationToken string         `xml:"NextContinuationToken,omitempty"`
	KeyCount              *int           `xml:"KeyCount"` // version 2: keys and prefixes
	Contents              []listedObject `xml:"Contents"`
	CommonPrefixes        []listedPrefix `xml:"CommonPrefixes"`

	owner *owner // of every entry
}

func (e *Emulator) listObjects(wk *work) (*reply, *apiError) {
	q := wk.query
	res := listResult{
		Name: wk.bucket, Prefix: q.Get("prefix"), Delimiter: q.Get("delimiter"),
		EncodingType: q.Get("encoding-type"), MaxKeys: 100, // documented
	}
	if s := q.Get("max-keys"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > 1000 {
			return nil, fault(400, "InvalidArgument", "", "max-keys must be from 1 to 1000.")
		}
		res.MaxKeys = n
	}
	if res.EncodingType != "" && res.EncodingType != "url" {
		return nil, fault(400, "InvalidArgument", "", "encoding-type must be url.")
	}
	v2 := wk.op == "ListObjectsV2"
	after, skipped := q.Get("marker"), q.Get("marker")
	if v2 {
		res.StartAfter, res.ContinuationToken = q.Get("start-after"), q.Get("continuation-token")
		token, err := base64.URLEncoding.DecodeString(res.ContinuationToken)
		if err != nil {
			return nil, fault(400, "InvalidArgument", "", "The continuation token is not valid.")
		}
		skipped = string(token)
		after = max(res.StartAfter, skipped)
	} else {
		res.Marker = after
	}
	broken := e.breaks()
	if broken.Restarts {
		after, skipped = "", ""
	}
	if !v2 || q.Get("fetch-owner") == "true" { // documented
		res.owner = e.owner()
	}
	last := res.fill(wk.b.list(res.Prefix, wk.fault.past()), after, skipped)
	broken.disorder(&res)
	if res.IsTruncated && v2 {
		res.NextContinuationToken = base64.URLEncoding.EncodeToString([]byte(last))
	} else if res.IsTruncated {
		res.NextMarker = last
	}
	if v2 {
		count := len(res.Contents) + len(res.CommonPrefixes)
		res.KeyCount = &count
	}
	if res.EncodingType == "url" {
		res.encode()
	}
	return xmlReply(res), nil
}

// fill takes a page and gives its last name. A page that went on after a
// folded prefix (skipped) does not fold it again; a start-after does.
func (l *listResult) fill(objects []*object, after, skipped string) string {
	// The prefix itself can be a key; what ends so beyond it was folded.
	folds := l.Delimiter != "" && strings.HasSuffix(skipped, l.Delimiter) && len(skipped) > len(l.Prefix)
	last := ""
	for _, o := range objects {
		if o.Key <= after || folds && strings.HasPrefix(o.Key, skipped) {
			continue
		}
		prefix := ""
		if l.Delimiter != "" {
			if i := strings.Index(o.Key[len(l.Prefix):], l.Delimiter); i >= 0 {
				prefix = o.Key[:len(l.Prefix)+i+len(l.Delimiter)]
			}
		}
		if prefix != "" && prefix == last {
			continue
		}
		if len(l.Contents)+len(l.CommonPrefixes) == l.MaxKeys {
			l.IsTruncated = true
			return last
		}
		if prefix != "" {
			l.CommonPrefixes = append(l.CommonPrefixes, listedPrefix{prefix})
			last = prefix
			continue
		}
		l.Contents = append(l.Contents, listedObject{
			Key: o.Key, LastModified: xmlTime(o.LastModified), ETag: `"` + o.ETag + `"`, Type: o.Type, Size: o.Size,
			StorageClass: o.class(), Owner: l.owner,
		})
		last = o.Key
	}
	return last
}

// encode escapes what can contain any character (documented for encoding-type=url).
func (l *listResult) encode() {
	for _, s := range []*string{&l.Prefix, &l.Marker, &l.StartAfter, &l.Delimiter, &l.NextMarker} {
		*s = escape(*s)
	}
	for i := range l.Contents {
		l.Contents[i].Key = escape(l.Contents[i].Key)
	}
	for i := range l.CommonPrefixes {
		l.CommonPrefixes[i].Prefix = escape(l.CommonPrefixes[i].Prefix)
	}
}

type listedVersion struct {
	Key          string `xml:"Key"`
	VersionID    string `xml:"VersionId"`
	IsLatest     bool   `xml:"IsLatest"`
	LastModified string `xml:"LastModified"`
	ETag         string `xml:"ETag"`
	Type         string `xml:"Type"`
	Size         int64  `xml:"Size"`
	StorageClass string `xml:"StorageClass"`
	Owner        *owner `xml:"Owner"`
}

// listVersions answers ListObjectVersions: every object has the version null alone.
func (e *Emulator) listVersions(wk *work) (*reply, *apiError) {
	q := wk.query
	limit, bad := number(q.Get("max-keys"), 100, "max-keys")
	if bad != nil {
		return nil, bad
	}
	page := listResult{Prefix: q.Get("prefix"), Delimiter: q.Get("delimiter"), EncodingType: q.Get("encoding-type"), MaxKeys: limit, owner: e.owner()}
	last := page.fill(wk.b.list(page.Prefix, wk.fault.past()), q.Get("key-marker"), q.Get("key-marker"))
	if page.EncodingType == "url" {
		page.encode()
	}
	res := struct {
		XMLName        xml.Name        `xml:"ListVersionsResult"`
		Name           string          `xml:"Name"`
		Prefix         string          `xml:"Prefix"`
		KeyMarker      string          `xml:"KeyMarker"`
		MaxKeys        int             `xml:"MaxKeys"`
		Delimiter      string          `xml:"Delimiter"`
		EncodingType   string          `xml:"EncodingType,omitempty"`
		IsTruncated    bool            `xml:"IsTruncated"`
		NextKeyMarker  string          `xml:"NextKeyMarker,omitempty"`
		NextVersion    string          `xml:"NextVersionIdMarker,omitempty"`
		Versions       []listedVersion `xml:"Version"`
		CommonPrefixes []listedPrefix  `xml:"CommonPrefixes"`
	}{
		Name: wk.bucket, Prefix: page.Prefix, KeyMarker: wk.encoded(q.Get("key-marker")), MaxKeys: limit, Delimiter: page.Delimiter,
		EncodingType: page.EncodingType, IsTruncated: page.IsTruncated, CommonPrefixes: page.CommonPrefixes,
	}
	if page.IsTruncated {
		res.NextKeyMarker, res.NextVersion = wk.encoded(last), "null"
	}
	for _, o := range page.Contents {
		res.Versions = append(res.Versions, listedVersion{o.Key, "null", true, o.LastModified, o.ETag, o.Type, o.Size, o.StorageClass, o.Owner})
	}
	return xmlReply(res), nil
}
