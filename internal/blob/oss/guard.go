package oss

import (
	"context"
	"encoding/xml"
	"errors"
	"net/http"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
)

// Preflight checks that create-only writes work in the bucket: OSS ignores
// x-oss-forbid-overwrite in a bucket whose versioning is enabled or suspended,
// and nothing else distinguishes a suspended bucket from a safe one. It succeeds
// only if the bucket never had versioning; every other outcome is an error whose
// text says what to do. It needs the permission oss:GetBucketVersioning.
func (s *Store) Preflight(ctx context.Context) error {
	c := call{op: opPreflight, method: http.MethodGet, params: map[string]any{"versioning": nil}, limit: documentLimit}
	a, err := s.do(ctx, c)
	if err != nil {
		if e, ok := errors.AsType[*blob.Error](err); ok {
			e.Detail += hint(e)
		}
		return err
	}
	var doc struct {
		XMLName xml.Name `xml:"VersioningConfiguration"`
		Status  string   `xml:"Status"`
	}
	if err := xml.Unmarshal(a.data, &doc); err != nil {
		return s.fail(ctx, c, a.exchange, errors.New("whether the bucket has versioning cannot be read from the answer"))
	}
	if doc.Status != "" {
		e := s.fail(ctx, c, a.exchange, errors.New(
			"versioning is "+doc.Status+", so create-only writes would overwrite: use a new bucket that never had versioning (suspending it is not enough)"))
		e.Kind = blob.ErrMisconfigured
		return e
	}
	return nil
}

func hint(e *blob.Error) string {
	switch {
	case errors.Is(e, blob.ErrDenied):
		return "; grant the function's role oss:GetBucketVersioning on the bucket"
	case e.Code == "NoSuchBucket":
		return "; create the bucket in the function's region, or correct its name"
	case errors.Is(e, blob.ErrMisconfigured):
		return "; check the bucket's name, region and owner, and the endpoint"
	case errors.Is(e, blob.ErrCredentials):
		return "; the function's role or its credentials are not valid"
	}
	return "; it is not known whether the bucket ever had versioning, so nothing is done"
}
