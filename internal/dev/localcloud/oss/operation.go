package oss

import (
	"mime"
	"net/http"
	"slices"
	"strings"
)

// operation is the name of the requested operation; "" for one that the emulator
// does not have.
func operation(r *http.Request, t target) string {
	var sub []string
	for name := range t.query {
		if selects(name) {
			sub = append(sub, name)
		}
	}
	slices.Sort(sub)
	what := r.Method + " " + strings.Join(sub, " ")
	switch {
	case t.bucket == "" && t.key == "":
		return serviceOperation(what)
	case t.key == "":
		return bucketOperation(what, r, t)
	}
	copies := r.Header.Get("X-Oss-Copy-Source") != ""
	switch {
	case what == "PUT " && copies:
		return "CopyObject"
	case what == "PUT partNumber uploadId" && copies:
		return "UploadPartCopy"
	}
	return objectOperation(what)
}

func objectOperation(what string) string {
	switch what {
	case "PUT ":
		return "PutObject"
	case "GET ":
		return "GetObject"
	case "HEAD ":
		return "HeadObject"
	case "DELETE ":
		return "DeleteObject"
	case "POST append":
		return "AppendObject"
	case "HEAD objectMeta":
		return "GetObjectMeta"
	case "GET acl":
		return "GetObjectAcl"
	case "GET tagging":
		return "GetObjectTagging"
	case "PUT tagging":
		return "PutObjectTagging"
	case "DELETE tagging":
		return "DeleteObjectTagging"
	case "POST uploads":
		return "InitiateMultipartUpload"
	case "PUT partNumber uploadId":
		return "UploadPart"
	case "POST uploadId":
		return "CompleteMultipartUpload"
	case "DELETE uploadId":
		return "AbortMultipartUpload"
	case "GET uploadId":
		return "ListParts"
	}
	return ""
}

func serviceOperation(what string) string {
	if what == "GET " {
		return "ListBuckets"
	}
	return ""
}

func bucketOperation(what string, r *http.Request, t target) string {
	switch what {
	case "GET versioning":
		return "GetBucketVersioning"
	case "GET versions":
		return "ListObjectVersions"
	case "GET bucketInfo":
		return "GetBucketInfo"
	case "GET location":
		return "GetBucketLocation"
	case "GET stat":
		return "GetBucketStat"
	case "GET acl":
		return "GetBucketAcl"
	case "GET uploads":
		return "ListMultipartUploads"
	case "POST delete":
		return "DeleteMultipleObjects"
	case "PUT ":
		return "PutBucket"
	case "POST ":
		if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "multipart/form-data" {
			return "PostObject"
		}
	case "GET ":
		if t.query.Get("list-type") == "2" {
			return "ListObjectsV2"
		}
		return "ListObjects"
	}
	return ""
}
