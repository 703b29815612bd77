package oss

import (
	"encoding/xml"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// owner is the account, to which all buckets and objects belong.
type owner struct {
	ID          string `xml:"ID"`
	DisplayName string `xml:"DisplayName"`
}

func (e *Emulator) owner() *owner { return &owner{e.opts.AccountID, e.opts.AccountID} }

type listedBucket struct {
	CreationDate     string `xml:"CreationDate"`
	ExtranetEndpoint string `xml:"ExtranetEndpoint"`
	IntranetEndpoint string `xml:"IntranetEndpoint"`
	Location         string `xml:"Location"`
	Name             string `xml:"Name"`
	Region           string `xml:"Region"`
	StorageClass     string `xml:"StorageClass"`
}

func (e *Emulator) listed(b *bucket) listedBucket {
	return listedBucket{
		CreationDate: xmlTime(b.created), Name: b.name, Region: e.opts.Region, Location: "oss-" + e.opts.Region, StorageClass: standard,
		ExtranetEndpoint: "oss-" + e.opts.Region + ".aliyuncs.com", IntranetEndpoint: "oss-" + e.opts.Region + "-internal.aliyuncs.com",
	}
}

// listBuckets answers GetService, also known as ListBuckets (documented).
func (e *Emulator) listBuckets(wk *work) (*reply, *apiError) {
	limit, bad := number(wk.query.Get("max-keys"), 100, "max-keys")
	if bad != nil {
		return nil, bad
	}
	res := struct {
		XMLName     xml.Name       `xml:"ListAllMyBucketsResult"`
		Prefix      string         `xml:"Prefix,omitempty"`
		Marker      string         `xml:"Marker,omitempty"`
		MaxKeys     string         `xml:"MaxKeys,omitempty"`
		IsTruncated bool           `xml:"IsTruncated"`
		NextMarker  string         `xml:"NextMarker,omitempty"`
		Owner       *owner         `xml:"Owner"`
		Buckets     []listedBucket `xml:"Buckets>Bucket"`
	}{Prefix: wk.query.Get("prefix"), Marker: wk.query.Get("marker"), MaxKeys: wk.query.Get("max-keys"), Owner: e.owner()}
	for _, b := range e.all() {
		if !strings.HasPrefix(b.name, res.Prefix) || b.name <= res.Marker {
			continue
		}
		if len(res.Buckets) == limit {
			res.IsTruncated, res.NextMarker = true, res.Buckets[limit-1].Name
			break
		}
		res.Buckets = append(res.Buckets, e.listed(b))
	}
	return xmlReply(res), nil
}

// number reads a count from 1 to 1000.
func number(text string, absent int, name string) (int, *apiError) {
	if text == "" {
		return absent, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 1000 {
		return 0, fault(400, "InvalidArgument", "", name+" must be from 1 to 1000.")
	}
	return n, nil
}

type grants struct {
	Grant string `xml:"Grant"`
}

func (e *Emulator) bucketInfo(wk *work) (*reply, *apiError) {
	type info struct {
		listedBucket

		Owner              *owner `xml:"Owner"`
		AccessControlList  grants `xml:"AccessControlList"`
		DataRedundancyType string `xml:"DataRedundancyType"`
		Versioning         string `xml:"Versioning,omitempty"`
	}
	return xmlReply(struct {
		XMLName xml.Name `xml:"BucketInfo"`
		Bucket  info     `xml:"Bucket"`
	}{Bucket: info{e.listed(wk.b), e.owner(), grants{"private"}, "LRS", wk.b.versioningStatus()}}), nil
}

func (e *Emulator) bucketLocation(*work) (*reply, *apiError) {
	return xmlReply(struct {
		XMLName xml.Name `xml:"LocationConstraint"`
		Text    string   `xml:",chardata"`
	}{Text: "oss-" + e.opts.Region}), nil
}

func (e *Emulator) bucketStat(wk *work) (*reply, *apiError) {
	var bytes int64
	objects := wk.b.list("", past{})
	for _, o := range objects {
		bytes += o.Size
	}
	return xmlReply(struct {
		XMLName     xml.Name `xml:"BucketStat"`
		Storage     int64    `xml:"Storage"`
		ObjectCount int      `xml:"ObjectCount"`
		Uploads     int      `xml:"MultipartUploadCount"`
	}{Storage: bytes, ObjectCount: len(objects), Uploads: len(wk.b.listUploads())}), nil
}

// acl answers the ACL of the bucket, which is private, or of an object, which inherits it.
func (e *Emulator) acl(wk *work) (*reply, *apiError) {
	grant := "private"
	if wk.op == "GetObjectAcl" {
		if wk.b.get(wk.key) == nil {
			return nil, errNoSuchKey()
		}
		grant = "default"
	}
	return xmlReply(struct {
		XMLName           xml.Name `xml:"AccessControlPolicy"`
		Owner             *owner   `xml:"Owner"`
		AccessControlList grants   `xml:"AccessControlList"`
	}{Owner: e.owner(), AccessControlList: grants{grant}}), nil
}

// createdAt is when a bucket was made, as a file beside its journal says.
func createdAt(own string, now time.Time) (time.Time, error) {
	path := filepath.Join(own, "created")
	text, err := os.ReadFile(path) //nolint:gosec // below the directory given to New
	if err == nil {
		if at, err := time.Parse(time.RFC3339, strings.TrimSpace(string(text))); err == nil {
			return at, nil
		}
	}
	return now, os.WriteFile(path, []byte(now.UTC().Format(time.RFC3339)+"\n"), 0o600)
}

func (e *Emulator) putBucket(wk *work) (*reply, *apiError) {
	if err := e.CreateBucket(wk.bucket); err != nil {
		return nil, fault(400, "InvalidBucketName", "", err.Error())
	}
	return newReply(http.StatusOK), nil
}
