package record_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

const noticeKey = "results/2026/11/22/20261122-v2zz4y2rxuvzeblgypzlpxc4lk.notice.json"

func notice() record.Notice {
	return record.Notice{Schema: record.NoticeSchema, ID: id, Deliveries: []record.Delivery{
		{Platform: "slack", Room: "C1", At: noon(), Delivered: true, Tries: 1},
		{Platform: "wecom", At: noon().Add(time.Minute), Code: "HTTP503", Message: "try later", Tries: 9},
	}}
}

func TestANoticeIsStoredBesideItsRecord(t *testing.T) {
	t.Parallel()
	if key, ok := objects.NoticeKey(id); !ok || key != noticeKey {
		t.Errorf("its key is %q, %v", key, ok)
	}
	for _, bad := range []string{"", "20261122", "../20261122-v2zz4y2rxuvzeblgypzlpxc4lk", id + ".notice"} {
		if key, ok := objects.NoticeKey(bad); ok {
			t.Errorf("%q is accepted as an id: %s", bad, key)
		}
	}
}

func TestANoticeIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	records := record.NewRecords(c.Store)
	if _, err := records.ReadNotice(t.Context(), id); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("before: %v", err)
	}
	second := notice()
	second.Deliveries = second.Deliveries[:1]
	for _, n := range []record.Notice{notice(), second} { // the first one stays
		if err := records.WriteNotice(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	got, err := records.ReadNotice(t.Context(), id)
	if err != nil || !reflect.DeepEqual(got, notice()) {
		t.Errorf("got %+v, %v", got, err)
	}
	obj, err := c.Store.Get(t.Context(), noticeKey, blob.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
  "schema": "sslvpn-change/notice/v1",
  "id": "20261122-v2zz4y2rxuvzeblgypzlpxc4lk",
  "deliveries": [
    {
      "platform": "slack",
      "room": "C1",
      "at": "2026-11-22T12:00:00Z",
      "delivered": true,
      "tries": 1
    },
    {
      "platform": "wecom",
      "at": "2026-11-22T12:01:00Z",
      "delivered": false,
      "code": "HTTP503",
      "message": "try later",
      "tries": 9
    }
  ]
}
`
	if string(obj.Data) != want {
		t.Errorf("got %s", obj.Data)
	}
}

func TestAnInvalidNoticeIsNeitherReadNorWritten(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	records := record.NewRecords(c.Store)
	if err := records.WriteNotice(t.Context(), record.Notice{ID: "x"}); err == nil {
		t.Error("written without an id")
	}
	if _, err := records.ReadNotice(t.Context(), "x"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("read without an id: %v", err)
	}
	for _, text := range []string{"{", `{"schema":"sslvpn-change/notice/v2","id":"` + id + `"}`, `{"schema":"sslvpn-change/notice/v1","id":"20261122-aaaaaaaaaa"}`} {
		if err := c.Store.Put(t.Context(), noticeKey, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if n, err := records.ReadNotice(t.Context(), id); err == nil || errors.Is(err, blob.ErrNotFound) {
			t.Errorf("%s is read as %+v, %v", text, n, err)
		}
	}
	if err := c.OSS.Inject(oss.Fault{Kind: oss.AccessDenied, Times: -1}); err != nil {
		t.Fatal(err)
	}
	if err := records.WriteNotice(t.Context(), notice()); !errors.Is(err, blob.ErrDenied) {
		t.Errorf("denied: %v", err)
	}
}
