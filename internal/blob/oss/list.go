package oss

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
)

// maxPage is OSS's limit for one page.
const maxPage = 1000

// maxPages bounds the pages that one invocation lists: every page of a listing without
// end may advance.
const maxPages = 20_000

var (
	errChecksum = errors.New("the content does not match the server's CRC-64")
	errListing  = errors.New("the listing cannot be read")
)

// listing is ListBucketResult of the second version, names URL-encoded.
type listing struct {
	XMLName      xml.Name `xml:"ListBucketResult"`
	EncodingType string   `xml:"EncodingType"`
	IsTruncated  bool     `xml:"IsTruncated"`
	Contents     []struct {
		Key          string    `xml:"Key"`
		Size         int64     `xml:"Size"`
		ETag         string    `xml:"ETag"`
		LastModified time.Time `xml:"LastModified"`
	} `xml:"Contents"`
}

// List returns one page of a listing.
func (s *Store) List(ctx context.Context, opts blob.ListOptions) (blob.Page, error) {
	c := call{op: opList, method: http.MethodGet, limit: documentLimit}
	switch {
	case opts.Max < 0 || opts.Max > maxPage:
		return blob.Page{}, s.refuse(c, fmt.Sprintf("a page of %d: at most %d", opts.Max, maxPage))
	case opts.Max == 0:
		opts.Max = maxPage
	}
	if s.pages.Add(1) > maxPages {
		return blob.Page{}, s.refuse(c, fmt.Sprintf("more than %d pages were listed: the listing does not end", maxPages))
	}
	c.params = map[string]any{"list-type": "2", "encoding-type": "url", "max-keys": strconv.Itoa(opts.Max)}
	if opts.Prefix != "" {
		c.params["prefix"] = opts.Prefix
	}
	if opts.After != "" {
		c.params["start-after"] = opts.After
	}
	a, err := s.do(ctx, c)
	if err != nil {
		if e, ok := errors.AsType[*blob.Error](err); ok {
			e.Key = opts.Prefix
		}
		return blob.Page{}, err
	}
	page, err := decodePage(a.data)
	if err == nil {
		err = advances(page, opts)
	}
	if err != nil {
		return blob.Page{}, s.fail(ctx, c, a.exchange, err)
	}
	page.Now = a.now
	return page, nil
}

// advances checks that a page has what follows the start and nothing else. A page that
// does not advance would be requested without end.
func advances(p blob.Page, opts blob.ListOptions) error {
	if len(p.Entries) > opts.Max {
		return fmt.Errorf("%w: the page has %d entries, %d were requested", errListing, len(p.Entries), opts.Max)
	}
	after := opts.After
	for _, e := range p.Entries {
		if e.Key <= after || !strings.HasPrefix(e.Key, opts.Prefix) {
			return fmt.Errorf("%w: it does not advance: %q follows %q below %q", errListing, e.Key, after, opts.Prefix)
		}
		after = e.Key
	}
	return nil
}

func (s *Store) refuse(c call, detail string) *blob.Error {
	return &blob.Error{Op: c.op, Bucket: s.name, Key: c.key, Kind: blob.ErrRefused, Detail: detail}
}

func decodePage(data []byte) (blob.Page, error) {
	var doc listing
	if err := xml.Unmarshal(data, &doc); err != nil {
		return blob.Page{}, fmt.Errorf("%w: %w", errListing, err)
	}
	if doc.EncodingType != "url" {
		// Only keys with + or % would be read wrongly, so it is never accepted.
		return blob.Page{}, fmt.Errorf("%w: encoding-type=url was requested, the answer is not encoded", errListing)
	}
	var page blob.Page
	last := ""
	for _, o := range doc.Contents {
		key, err := url.QueryUnescape(o.Key)
		if err != nil {
			return blob.Page{}, fmt.Errorf("%w: %w", errListing, err)
		}
		page.Entries = append(page.Entries, blob.Entry{
			Key: key, ETag: bareTag(o.ETag), Size: o.Size, LastModified: o.LastModified.UTC().Truncate(time.Second),
		})
		last = max(last, key)
	}
	if doc.IsTruncated {
		if last == "" {
			return blob.Page{}, fmt.Errorf("%w: it is truncated and has no entry", errListing)
		}
		page.Next = last
	}
	return page, nil
}
