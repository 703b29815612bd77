package oss

import (
	"errors"
	"net/http"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
)

func TestObjectsThatCannotBeReadAsTheyAreStored(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		op, code string
		status   int
		want     error
	}{
		{opGet, "InvalidObjectState", 403, blob.ErrArchived},
		{opGet, "KmsServiceNotEnabled", 403, blob.ErrEncrypted},
		{opGet, "KmsForbidden", 403, blob.ErrEncrypted},
		{opGet, "KmsInternalError", 500, blob.ErrMisconfigured},
		{opPut, "KmsServiceNotEnabled", 403, blob.ErrMisconfigured},
		{opGet, "SymlinkTargetNotExist", 404, blob.ErrDangling},
		{opGet, "AccessDenied", 403, blob.ErrDenied},
	} {
		if got := kind(test.op, test.code, "", &exchange{status: test.status, header: http.Header{}}); !errors.Is(got, test.want) {
			t.Errorf("%s %s %d is %v, want %v", test.op, test.code, test.status, got, test.want)
		}
	}
}
