package oss

import (
	"html"
)

// permit checks whether the policies of a request's credentials allow it. Documented:
// the actions and the form of resources. Own choice: the message, and that a deletion
// of several objects is refused as a whole.
func (e *Emulator) permit(wk *work) *apiError {
	if e.opts.Permits == nil || wk.op == "" {
		return nil
	}
	bucket := "acs:oss:*:" + e.opts.AccountID + ":" + wk.bucket
	resources := []string{bucket}
	if wk.bucket == "" {
		resources = []string{bucket + "*"}
	}
	if wk.key != "" {
		resources = []string{bucket + "/" + wk.key}
	}
	if wk.op == "DeleteMultipleObjects" {
		resources = nil
		for _, m := range keyElement.FindAllSubmatch(wk.body, -1) {
			resources = append(resources, bucket+"/"+html.UnescapeString(string(m[1])))
		}
	}
	for _, resource := range resources {
		if !e.opts.Permits(wk.who.AccessKeyID, actionOf(wk.op), resource) {
			return fault(403, "AccessDenied", "", "You have no right to access this object.")
		}
	}
	return nil
}

// actionOf is the action of RAM that an operation needs.
func actionOf(op string) string {
	switch op {
	case "CopyObject", "AppendObject", "InitiateMultipartUpload", "UploadPart", "UploadPartCopy", "CompleteMultipartUpload", "PostObject":
		return "oss:PutObject"
	case "HeadObject", "GetObjectMeta":
		return "oss:GetObject"
	case "DeleteMultipleObjects":
		return "oss:DeleteObject"
	case "ListObjectsV2":
		return "oss:ListObjects"
	}
	return "oss:" + op
}
