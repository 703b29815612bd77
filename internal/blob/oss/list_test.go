package oss_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/blob/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

// lister is a store that answers every listing with the same page.
func lister(t *testing.T, truncated bool, keys ...string) (*oss.Store, *int) {
	t.Helper()
	var body strings.Builder
	fmt.Fprintf(&body, `<?xml version="1.0"?><ListBucketResult><EncodingType>url</EncodingType><IsTruncated>%v</IsTruncated><NextContinuationToken>n</NextContinuationToken>`, truncated)
	for _, k := range keys {
		fmt.Fprintf(&body, `<Contents><Key>%s</Key><ETag>"A"</ETag><Size>1</Size><LastModified>2026-11-22T08:00:00.000Z</LastModified></Contents>`, k)
	}
	body.WriteString(`</ListBucketResult>`)
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests++
		w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
		w.Header().Set("X-Oss-Request-Id", "6921F000")
		_, _ = w.Write([]byte(body.String()))
	}))
	t.Cleanup(server.Close)
	c, err := oss.NewConnector(oss.Config{Region: "cn-hangzhou", Endpoint: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	s, err := c.Bucket("acme-vpn-changes", oss.Credentials{AccessKeyID: "id", AccessKeySecret: secret.New("secret-secret")})
	if err != nil {
		t.Fatal(err)
	}
	return s, &requests
}

func TestAttackAListingThatDoesNotAdvance(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		truncated bool
		keys      []string
		opts      blob.ListOptions
		ok        bool
	}{
		{"a page that advances", true, []string{"a/2", "a/3"}, blob.ListOptions{Prefix: "a/", After: "a/1"}, true},
		{"the last page", false, nil, blob.ListOptions{Prefix: "a/", After: "a/1"}, true},
		{"the same page again", true, []string{"a/1"}, blob.ListOptions{Prefix: "a/", After: "a/1"}, false},
		{"an empty page that is truncated", true, nil, blob.ListOptions{Prefix: "a/", After: "a/1"}, false},
		{"a marker that goes backwards", true, []string{"a/0"}, blob.ListOptions{Prefix: "a/", After: "a/1"}, false},
		{"backwards in the last page", false, []string{"a/0"}, blob.ListOptions{Prefix: "a/", After: "a/1"}, false},
		{"out of order", true, []string{"a/3", "a/2"}, blob.ListOptions{Prefix: "a/", After: "a/1"}, false},
		{"twice the same key", true, []string{"a/2", "a/2"}, blob.ListOptions{Prefix: "a/", After: "a/1"}, false},
		{"another prefix", true, []string{"b/1"}, blob.ListOptions{Prefix: "a/", After: "a/1"}, false},
		{"more than were requested", true, []string{"a/2", "a/3", "a/4"}, blob.ListOptions{Prefix: "a/", After: "a/1", Max: 2}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, requests := lister(t, test.truncated, test.keys...)
			page, err := s.List(t.Context(), test.opts)
			if (err == nil) != test.ok || (err != nil && !errors.Is(err, blob.ErrUnavailable)) {
				t.Errorf("got %+v, %v", page, err)
			}
			if *requests != 1 {
				t.Errorf("%d requests", *requests)
			}
		})
	}
}

// A store can make up keys that advance without end.
func TestAttackAListingWithoutEnd(t *testing.T) {
	t.Parallel()
	s, _ := lister(t, true, "a/9")
	s.Listed(20_000)
	if _, err := s.List(t.Context(), blob.ListOptions{Prefix: "a/"}); !errors.Is(err, blob.ErrRefused) {
		t.Errorf("got %v", err)
	}
}
