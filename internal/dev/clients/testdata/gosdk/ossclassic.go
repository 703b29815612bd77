package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"
)

// classicOSS drives version 1 of the SDK of OSS with both signatures.
func classicOSS(e environment) {
	for name, auth := range map[client]oss.AuthVersionType{"aliyun-oss-go-sdk (V1)": oss.AuthV1, "aliyun-oss-go-sdk (V4)": oss.AuthV4} {
		c, err := oss.New(e.ossEndpoint, e.keyID, e.keySecret, oss.AuthVersion(auth), oss.Region(region))
		if err != nil {
			panic(err)
		}
		b, err := c.Bucket(e.bucket)
		if err != nil {
			panic(err)
		}
		name.classic(c, b, e, "classic-"+string(auth)+"/")
	}
}

func read(body io.ReadCloser, err error) (string, error) {
	if err != nil {
		return "", err
	}
	defer body.Close()
	data, err := io.ReadAll(body)
	return string(data), err
}

func (n client) classic(c *oss.Client, b *oss.Bucket, e environment, dir string) {
	n.check("list buckets, bucket info, location and ACL", func() error {
		list, err1 := c.ListBuckets()
		info, err2 := c.GetBucketInfo(e.bucket)
		location, err3 := c.GetBucketLocation(e.bucket)
		acl, err4 := c.GetBucketACL(e.bucket)
		return all(err1, err2, err3, err4, same(list.Buckets[0].Name, e.bucket), same(info.BucketInfo.Name, e.bucket), same(location, "oss-"+region), same(acl.ACL, "private"))
	})
	n.check("put, get and head with headers", func() error {
		err := b.PutObject(dir+"中 文+%.txt", strings.NewReader("hello"), oss.ContentType("text/plain"), oss.Meta("by", "mei"), oss.CacheControl("no-cache"))
		text, err2 := read(b.GetObject(dir + "中 文+%.txt"))
		h, err3 := b.GetObjectDetailedMeta(dir + "中 文+%.txt")
		return all(err, err2, err3, same(text, "hello"), same(h.Get("X-Oss-Meta-By")+h.Get("Cache-Control")+h.Get("Content-Type"), "meino-cachetext/plain"))
	})
	n.check("create-only writes", func() error {
		err := b.PutObject(dir+"once", strings.NewReader("1"), oss.ForbidOverWrite(true))
		return all(err, refused(b.PutObject(dir+"once", strings.NewReader("2"), oss.ForbidOverWrite(true)), "FileAlreadyExists"))
	})
	n.check("listings of both versions", func() error {
		one, err := b.ListObjects(oss.Prefix(dir))
		two, err2 := b.ListObjectsV2(oss.Prefix(dir), oss.FetchOwner(true), oss.MaxKeys(1))
		return all(err, err2, same(len(one.Objects), 2), same(one.Objects[0].Owner.ID != "" && two.Objects[0].Owner.ID != "" && two.IsTruncated, true))
	})
	n.check("copy, append, ranges and conditions", func() error {
		_, err := b.CopyObject(dir+"once", dir+"copy")
		_, err2 := b.AppendObject(dir+"log", strings.NewReader("a"), 0)
		_, err3 := b.AppendObject(dir+"log", strings.NewReader("b"), 1)
		text, err4 := read(b.GetObject(dir+"log", oss.Range(1, 1)))
		_, err5 := b.GetObject(dir+"log", oss.IfMatch("other"))
		return all(err, err2, err3, err4, same(text, "b"), refused(err5, "PreconditionFailed"))
	})
	n.check("tags", func() error {
		err := b.PutObjectTagging(dir+"once", oss.Tagging{Tags: []oss.Tag{{Key: "team", Value: "net"}}})
		got, err2 := b.GetObjectTagging(dir + "once")
		return all(err, err2, same(got.Tags[0].Value, "net"), b.DeleteObjectTagging(dir+"once"))
	})
	n.check("files in parts, up, down and copied", func() error {
		folder, err := os.MkdirTemp("", "gosdk")
		if err != nil {
			return err
		}
		defer os.RemoveAll(folder)
		from, to := filepath.Join(folder, "from"), filepath.Join(folder, "to")
		data := bytes.Repeat([]byte("x"), 350<<10)
		if err := os.WriteFile(from, data, 0o600); err != nil {
			return err
		}
		err = all(b.UploadFile(dir+"big", from, 100<<10, oss.Routines(2)), b.DownloadFile(dir+"big", to, 100<<10), b.CopyFile(e.bucket, dir+"big", dir+"big2", 100<<10))
		got, err2 := os.ReadFile(to)
		return all(err, err2, same(len(got), len(data)))
	})
	n.check("uploads are listed and aborted", func() error {
		u, err := b.InitiateMultipartUpload(dir + "never")
		_, err2 := b.UploadPart(u, strings.NewReader("x"), 1, 1)
		parts, err3 := b.ListUploadedParts(u)
		list, err4 := b.ListMultipartUploads(oss.Prefix(dir))
		return all(err, err2, err3, err4, same(len(parts.UploadedParts), 1), same(len(list.Uploads), 1), b.AbortMultipartUpload(u))
	})
	n.check("signed URLs", func() error {
		u, err := b.SignURL(dir+"once", oss.HTTPGet, 60)
		if err != nil {
			return err
		}
		resp, err := http.Get(u)
		if err != nil {
			return err
		}
		text, err := read(resp.Body, nil)
		return all(err, same(text, "1"))
	})
	n.check("what is not there is 501", func() error {
		_, err := c.GetBucketLifecycle(e.bucket)
		_, err2 := c.GetBucketQosInfo(e.bucket)
		return all(refused(err, "NotImplemented"), refused(err2, "NotImplemented"), refused(b.SetObjectACL(dir+"once", oss.ACLPrivate), "NotImplemented"))
	})
	n.check("delete one, several, and a version", func() error {
		res, err := b.DeleteObjects([]string{dir + "log", dir + "copy"})
		err2 := b.DeleteObject(dir+"once", oss.VersionId("null"))
		_, err3 := b.GetObject(dir + "once")
		return all(err, err2, same(len(res.DeletedObjects), 2), refused(err3, "NoSuchKey"))
	})
	n.check("versioning was never on", func() error {
		v, err := c.GetBucketVersioning(e.bucket)
		if err == nil && v.Status != "" {
			return errors.New(v.Status)
		}
		return err
	})
}
