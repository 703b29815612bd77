package localcloud_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"

	sdk "github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
)

// Every event of the trigger for change files but that of forms, which no SDK sends,
// starts the function, as from the account whose key the file env has.
func TestWritesOfClientsStartTheFunction(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var got []string
	c := start(t, func(o *localcloud.Options) {
		o.Output = func(l fc.Line) {
			var ev struct {
				Events []struct {
					Name string `json:"eventName"`
					OSS  struct {
						Object struct {
							Key string `json:"key"`
						} `json:"object"`
					} `json:"oss"`
					User map[string]string `json:"userIdentity"`
				} `json:"events"`
			}
			if json.Unmarshal([]byte(l.Text), &ev) != nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			for _, e := range ev.Events {
				got = append(got, e.OSS.Object.Key+" "+e.Name+" "+e.User["principalId"])
			}
		}
	})
	b := bucket(t, c)
	if err := b.PutObject("changes/put.yaml", strings.NewReader("a: 1")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.CopyObject("changes/put.yaml", "changes/copy.yaml"); err != nil {
		t.Fatal(err)
	}
	u, err := b.InitiateMultipartUpload("changes/parts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	part, err := b.UploadPart(u, strings.NewReader("a: 1"), 4, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.CompleteMultipartUpload(u, []sdk.UploadPart{part}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.AppendObject("changes/append.yaml", strings.NewReader("a: 1"), 0); err != nil { // not one of the trigger's
		t.Fatal(err)
	}
	if err := c.FC().Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil { // waits for the output
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	slices.Sort(got)
	want := []string{
		"changes/copy.yaml ObjectCreated:CopyObject " + localcloud.AccountID,
		"changes/parts.yaml ObjectCreated:CompleteMultipartUpload " + localcloud.AccountID,
		"changes/put.yaml ObjectCreated:PutObject " + localcloud.AccountID,
	}
	if !slices.Equal(got, want) {
		t.Errorf("the function was started for %v, want %v", got, want)
	}
}
