package main

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
)

// ossV2 drives version 2 of the SDK of OSS, on which ossutil is built, with both
// signatures.
func ossV2(e environment) {
	for name, version := range map[client]oss.SignatureVersionType{
		"alibabacloud-oss-go-sdk-v2 (V1)": oss.SignatureVersionV1, "alibabacloud-oss-go-sdk-v2 (V4)": oss.SignatureVersionV4,
	} {
		cfg := oss.LoadDefaultConfig().WithCredentialsProvider(credentials.NewStaticCredentialsProvider(e.keyID, e.keySecret)).
			WithRegion(region).WithEndpoint(e.ossEndpoint).WithSignatureVersion(version)
		dir := "v2/"
		if version == oss.SignatureVersionV1 {
			dir = "v2-1/"
		}
		name.v2(oss.NewClient(cfg), e, dir)
	}
}

func (n client) v2(c *oss.Client, e environment, dir string) {
	ctx, bucket := context.Background(), oss.Ptr(e.bucket)
	key := func(name string) *string { return oss.Ptr(dir + name) }
	get := func(r *oss.GetObjectRequest) (string, error) {
		res, err := c.GetObject(ctx, r)
		if err != nil {
			return "", err
		}
		return read(res.Body, nil)
	}
	put := func(name, text string, more func(*oss.PutObjectRequest)) error {
		r := &oss.PutObjectRequest{Bucket: bucket, Key: key(name), Body: strings.NewReader(text)}
		if more != nil {
			more(r)
		}
		_, err := c.PutObject(ctx, r)
		return err
	}
	n.check("list buckets, bucket info, location, stat and ACL", func() error {
		list, err := c.ListBuckets(ctx, &oss.ListBucketsRequest{})
		info, err2 := c.GetBucketInfo(ctx, &oss.GetBucketInfoRequest{Bucket: bucket})
		location, err3 := c.GetBucketLocation(ctx, &oss.GetBucketLocationRequest{Bucket: bucket})
		_, err4 := c.GetBucketStat(ctx, &oss.GetBucketStatRequest{Bucket: bucket})
		exists, err5 := c.IsBucketExist(ctx, e.bucket)
		none, err6 := c.IsBucketExist(ctx, "nobody-has-it")
		return all(err, err2, err3, err4, err5, err6, same(*list.Buckets[0].Name, e.bucket), same(*info.BucketInfo.Name, e.bucket),
			same(*location.LocationConstraint, "oss-"+region), same(exists, true), same(none, false))
	})
	n.check("put, get and head with headers", func() error {
		err := put("中 文+%.txt", "hello", func(r *oss.PutObjectRequest) {
			r.ContentType, r.CacheControl, r.Metadata, r.Tagging = oss.Ptr("text/plain"), oss.Ptr("no-cache"), map[string]string{"by": "mei"}, oss.Ptr("team=net")
		})
		text, err2 := get(&oss.GetObjectRequest{Bucket: bucket, Key: key("中 文+%.txt")})
		h, err3 := c.HeadObject(ctx, &oss.HeadObjectRequest{Bucket: bucket, Key: key("中 文+%.txt")})
		return all(err, err2, err3, same(text, "hello"), same(*h.CacheControl+h.Metadata["by"]+*h.StorageClass, "no-cachemeiStandard"), same(h.TaggingCount, 1))
	})
	n.check("create-only writes", func() error {
		only := func(r *oss.PutObjectRequest) { r.ForbidOverwrite = oss.Ptr("true") }
		return all(put("once", "1", only), refused(put("once", "2", only), "FileAlreadyExists"))
	})
	n.check("listings by pages, with owners and prefixes", func() error {
		var keys []string
		pages := c.NewListObjectsV2Paginator(&oss.ListObjectsV2Request{Bucket: bucket, Prefix: oss.Ptr(dir), MaxKeys: 1, FetchOwner: true})
		for pages.HasNext() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			for _, o := range page.Contents {
				if o.Owner == nil || *o.Owner.ID == "" {
					return same("no owner", "an owner")
				}
				keys = append(keys, *o.Key)
			}
		}
		one, err := c.ListObjects(ctx, &oss.ListObjectsRequest{Bucket: bucket, Delimiter: oss.Ptr("/")})
		versions, err2 := c.ListObjectVersions(ctx, &oss.ListObjectVersionsRequest{Bucket: bucket, Prefix: oss.Ptr(dir)})
		return all(err, err2, same(len(keys), 2), same(len(one.CommonPrefixes) > 0, true), same(len(versions.ObjectVersions), 2))
	})
	n.check("copy, append, ranges and conditions", func() error {
		_, err := c.CopyObject(ctx, &oss.CopyObjectRequest{Bucket: bucket, Key: key("copy"), SourceKey: key("once")})
		_, err2 := c.AppendObject(ctx, &oss.AppendObjectRequest{Bucket: bucket, Key: key("log"), Position: oss.Ptr(int64(0)), Body: strings.NewReader("ab")})
		text, err3 := get(&oss.GetObjectRequest{Bucket: bucket, Key: key("log"), Range: oss.Ptr("bytes=1-9"), RangeBehavior: oss.Ptr("standard")})
		_, err4 := get(&oss.GetObjectRequest{Bucket: bucket, Key: key("log"), IfMatch: oss.Ptr("other")})
		return all(err, err2, err3, same(text, "b"), refused(err4, "PreconditionFailed"))
	})
	n.check("tags", func() error {
		_, err := c.PutObjectTagging(ctx, &oss.PutObjectTaggingRequest{Bucket: bucket, Key: key("once"), Tagging: &oss.Tagging{TagSet: &oss.TagSet{Tags: []oss.Tag{{Key: oss.Ptr("a"), Value: oss.Ptr("b")}}}}})
		got, err2 := c.GetObjectTagging(ctx, &oss.GetObjectTaggingRequest{Bucket: bucket, Key: key("once")})
		_, err3 := c.DeleteObjectTagging(ctx, &oss.DeleteObjectTaggingRequest{Bucket: bucket, Key: key("once")})
		return all(err, err2, err3, same(*got.Tags[0].Value, "b"))
	})
	n.check("the uploader, the downloader and the copier", func() error {
		data := bytes.Repeat([]byte("x"), 350<<10)
		_, err := c.NewUploader(func(o *oss.UploaderOptions) { o.PartSize = 100 << 10 }).UploadFrom(ctx, &oss.PutObjectRequest{Bucket: bucket, Key: key("big")}, bytes.NewReader(data))
		if err != nil {
			return err
		}
		_, err = c.NewCopier(func(o *oss.CopierOptions) { o.PartSize = 100 << 10; o.MultipartCopyThreshold = 200 << 10 }).
			Copy(ctx, &oss.CopyObjectRequest{Bucket: bucket, Key: key("big2"), SourceKey: key("big")})
		text, err2 := get(&oss.GetObjectRequest{Bucket: bucket, Key: key("big2")})
		f, err3 := c.OpenFile(ctx, e.bucket, dir+"big")
		if err := all(err, err2, err3, same(len(text), len(data))); err != nil {
			return err
		}
		defer f.Close()
		_, err = f.Seek(-5, 2)
		tail := make([]byte, 5)
		_, err2 = f.Read(tail)
		return all(err, err2, same(string(tail), "xxxxx"))
	})
	n.check("uploads are listed and aborted", func() error {
		u, err := c.InitiateMultipartUpload(ctx, &oss.InitiateMultipartUploadRequest{Bucket: bucket, Key: key("never")})
		if err != nil {
			return err
		}
		_, err = c.UploadPart(ctx, &oss.UploadPartRequest{Bucket: bucket, Key: key("never"), UploadId: u.UploadId, PartNumber: 1, Body: strings.NewReader("x")})
		parts, err2 := c.ListParts(ctx, &oss.ListPartsRequest{Bucket: bucket, Key: key("never"), UploadId: u.UploadId})
		list, err3 := c.ListMultipartUploads(ctx, &oss.ListMultipartUploadsRequest{Bucket: bucket, Prefix: oss.Ptr(dir)})
		_, err4 := c.AbortMultipartUpload(ctx, &oss.AbortMultipartUploadRequest{Bucket: bucket, Key: key("never"), UploadId: u.UploadId})
		return all(err, err2, err3, err4, same(len(parts.Parts), 1), same(len(list.Uploads), 1))
	})
	n.check("signed URLs", func() error {
		res, err := c.Presign(ctx, &oss.GetObjectRequest{Bucket: bucket, Key: key("once")}, oss.PresignExpires(time.Minute))
		if err != nil {
			return err
		}
		resp, err := http.Get(res.URL)
		if err != nil {
			return err
		}
		text, err := read(resp.Body, nil)
		return all(err, same(text, "1"))
	})
	n.check("what is not there is 501", func() error {
		_, err := c.GetBucketLifecycle(ctx, &oss.GetBucketLifecycleRequest{Bucket: bucket})
		_, err2 := c.GetBucketPublicAccessBlock(ctx, &oss.GetBucketPublicAccessBlockRequest{Bucket: bucket})
		_, err3 := c.PutSymlink(ctx, &oss.PutSymlinkRequest{Bucket: bucket, Key: key("link"), Target: key("once")})
		return all(refused(err, "NotImplemented"), refused(err2, "NotImplemented"), refused(err3, "NotImplemented"))
	})
	n.check("delete one and several", func() error {
		_, err := c.DeleteMultipleObjects(ctx, &oss.DeleteMultipleObjectsRequest{Bucket: bucket, Objects: []oss.DeleteObject{{Key: key("log")}, {Key: key("copy"), VersionId: oss.Ptr("null")}}})
		_, err2 := c.DeleteObject(ctx, &oss.DeleteObjectRequest{Bucket: bucket, Key: key("once")})
		exists, err3 := c.IsObjectExist(ctx, e.bucket, dir+"copy")
		return all(err, err2, err3, same(exists, false))
	})
}
