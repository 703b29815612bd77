package oss

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	sdk "github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
)

// fail converts any failure to the project's error. ctx is the caller's: its end
// is the only cause that is passed on.
func (s *Store) fail(ctx context.Context, c call, x *exchange, err error) *blob.Error {
	e := &blob.Error{Op: c.op, Bucket: s.name, Key: c.key, Kind: blob.ErrUnavailable, Status: x.status, Err: ctx.Err()}
	if x.header != nil {
		e.RequestID, e.EC = x.header.Get(sdk.HTTPHeaderOssRequestID), x.header.Get(sdk.HTTPHeaderOssEc)
	}
	// The SDK returns a ServiceError, as a value, only if the body was an error
	// document or empty. Anything else (a proxy's HTML page, a truncated document)
	// is a text, and proves nothing.
	if se, ok := errors.AsType[sdk.ServiceError](err); ok {
		e.Code, e.Detail = se.Code, se.Message
		if se.Ec != "" {
			e.EC = se.Ec
		}
		e.Kind = kind(c.op, se.Code, e.EC, x)
		return e
	}
	if x.status/100 == 3 && x.status != 304 {
		e.Kind, e.Detail = blob.ErrMisconfigured, "the endpoint redirects: check that it is the one of the bucket's region"
		return e
	}
	if ue, ok := errors.AsType[*url.Error](err); ok {
		err = ue.Err // without the method and the URL, which the error names already
	}
	e.Detail = err.Error()
	return e
}

// kind maps OSS's error codes, never its message texts. Unknown codes are
// classified by their status.
func kind(op, code, ec string, x *exchange) error {
	switch code {
	case "FileAlreadyExists":
		return blob.ErrExists
	case "FileImmutable": // a retention policy protects the object that is there
		if op == opCreate {
			return blob.ErrExists
		}
		return blob.ErrRefused
	case "PreconditionFailed":
		return blob.ErrChanged
	case "NoSuchKey":
		return blob.ErrNotFound
	case "InvalidObjectState": // class Archive, Cold Archive or Deep Cold Archive
		return blob.ErrArchived
	case "SymlinkTargetNotExist":
		return blob.ErrDangling
	case "SecurityTokenExpired", "InvalidSecurityToken", "AccessKeyIdAndSecurityTokenNotMatch", "InvalidAccessKeyId":
		return blob.ErrCredentials
	case "NoSuchBucket", "InvalidBucketName", "SignatureDoesNotMatch", "SecondLevelDomainForbidden",
		"AbnormalBucketOwnerStatus", "UserDisable", "BucketDisable":
		return blob.ErrMisconfigured
	case "RequestTimeTooSkewed", "RequestTimeout":
		return blob.ErrUnavailable
	}
	switch {
	case ec == "0002-00000080": // signature V1 refused
		return blob.ErrMisconfigured
	case strings.HasPrefix(code, "Kms") && op == opGet && x.status == 403:
		return blob.ErrEncrypted
	case strings.HasPrefix(code, "Kms"):
		return blob.ErrMisconfigured
	case x.status >= 500, x.status == 429:
		return blob.ErrUnavailable
	case x.status == 403:
		return blob.ErrDenied
	case x.status == 404 && code == "" && op == opHead && x.header.Get(sdk.HTTPHeaderOssRequestID) != "":
		return blob.ErrNotFound // answers to HEAD have no body to say more
	case x.status == 404 && code == "":
		return blob.ErrUnavailable // not OSS's own answer
	}
	return blob.ErrRefused
}

// serverTime is the Date of an answer.
func serverTime(x *exchange) (time.Time, bool) {
	t, err := time.Parse(time.RFC1123, x.header.Get("Date"))
	return t.UTC(), err == nil
}
