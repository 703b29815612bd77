package intake_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// again has the store date a file anew, as a copy onto itself does.
func (d *harness) again(key, text string) intake.Upload {
	d.t.Helper()
	d.OSS.Advance(2 * time.Second)
	return d.upload(key, text)
}

func TestTheSameContentAsksOnce(t *testing.T) {
	t.Parallel()
	a, b := setPort("one", "1195"), setPort("one", "1196")
	tests := []struct {
		name string
		// what happens after a was accepted, and then b at another key
		then func(d *harness) intake.FileResult
		want intake.FileStatus
	}{
		{"the file is dated anew", func(d *harness) intake.FileResult { return d.accept(d.again("changes/a.yaml", a), intake.FileTaken) }, intake.FileTaken},
		{"the sweep finds it", func(d *harness) intake.FileResult {
			u := d.again("changes/a.yaml", a)
			return d.accept(intake.Upload{Key: u.Key, ETag: u.ETag, LastModified: d.modified(u.Key)}, intake.FileTaken)
		}, intake.FileTaken},
		{"twice", func(d *harness) intake.FileResult {
			d.accept(d.again("changes/a.yaml", a), intake.FileTaken)
			return d.accept(d.again("changes/a.yaml", a), intake.FileTaken)
		}, intake.FileTaken},
		{"long afterwards", func(d *harness) intake.FileResult {
			u := d.again("changes/a.yaml", a)
			d.OSS.Advance(time.Hour)
			d.Clock.Advance(time.Hour)
			return d.accept(u, intake.FileTaken)
		}, intake.FileTaken},
		{"with another reason", func(d *harness) intake.FileResult {
			return d.accept(d.again("changes/a.yaml", a+"reason: once more\n"), intake.FileAccepted)
		}, intake.FileAccepted},
		{"at another key", func(d *harness) intake.FileResult {
			return d.accept(d.again("changes/c.yaml", a), intake.FileAccepted)
		}, intake.FileAccepted},
		{"at a key that begins alike", func(d *harness) intake.FileResult {
			return d.accept(d.again("changes/a.yaml@20261122T080000Z.yaml", a), intake.FileAccepted)
		}, intake.FileAccepted},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := newHarness(t)
			first := d.accept(d.upload("changes/a.yaml", a), intake.FileAccepted)
			d.accept(d.upload("changes/b.yaml", b), intake.FileAccepted)
			wakes, entries := d.created("wake/"), d.created("queue/")
			res := test.then(d)
			if test.want == intake.FileAccepted {
				if slices.Equal(res.IDs, first.IDs) || d.created("queue/") != entries+1 {
					t.Errorf("got %+v", res)
				}
				return
			}
			if !slices.Equal(res.IDs, first.IDs) || d.created("queue/") != entries || d.created("wake/") != wakes {
				t.Errorf("got %+v, %d entries, %d wake objects", res, d.created("queue/"), d.created("wake/"))
			}
			var rec record.Receipt
			d.read(res.Receipt, &rec)
			if rec.Status != record.FileAccepted || rec.Earlier != first.Receipt || len(rec.Changes) != 1 || rec.Changes[0].ID != first.IDs[0] {
				t.Errorf("the receipt is %+v, the first was %s", rec, first.Receipt)
			}
		})
	}
}

// What was rejected may be accepted now: the policy or the present has changed.
func TestRejectedContentIsReadAgain(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	text := setPort("one", "1195") + "expiresAt: " + d.Clock.Now().Add(time.Hour).UTC().Format(time.RFC3339) + "\n"
	d.Clock.Advance(2 * time.Hour)
	d.OSS.Advance(2 * time.Hour)
	d.accept(d.upload("changes/a.yaml", text), intake.FileRejected)
	d.accept(d.again("changes/a.yaml", text), intake.FileRejected)
}

func TestAFileInAnArchive(t *testing.T) {
	t.Parallel()
	for _, class := range []string{"Archive", "ColdArchive", "DeepColdArchive"} {
		for _, bySweep := range []bool{false, true} {
			d := newHarness(t)
			text := setPort("one", "1195")
			u := d.upload("changes/a.yaml", text)
			if err := d.OSS.SetClass(cloudtest.Bucket, u.Key, class); err != nil {
				t.Fatal(err)
			}
			if bySweep {
				u.LastModified = d.modified(u.Key)
			}
			d.accept(u, intake.FileRejected)
			p := d.receipt().Problems
			if len(p) != 1 || p[0].Rule != intake.RuleFileUnreadable || !strings.Contains(p[0].Hint, "Standard") {
				t.Errorf("%s: %+v", class, p)
			}
			d.nothing("queue/", "wake/")
			// The way out: the same content, as Standard.
			d.accept(d.again(u.Key, text), intake.FileAccepted)
		}
	}
}

// unreadableBucket fails to read one file.
type unreadableBucket struct {
	intake.Bucket

	kind error
}

func (b unreadableBucket) Get(ctx context.Context, key string, o blob.GetOptions) (blob.Object, error) {
	if strings.HasPrefix(key, "changes/") {
		return blob.Object{}, &blob.Error{Op: "get", Key: key, Kind: b.kind}
	}
	return b.Bucket.Get(ctx, key, o)
}

func (b unreadableBucket) Head(ctx context.Context, key string) (blob.Entry, error) {
	if errors.Is(b.kind, blob.ErrDangling) {
		return blob.Entry{}, &blob.Error{Op: "head", Key: key, Kind: b.kind}
	}
	return b.Bucket.Head(ctx, key)
}

func TestFilesThatExistAndCannotBeRead(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		kind  error
		sweep bool
		says  string // "" where the file is left alone
	}{
		{"a key of KMS", blob.ErrEncrypted, false, "kms:Decrypt"},
		{"a key of KMS, by the sweep", blob.ErrEncrypted, true, "kms:Decrypt"},
		{"a link to nothing, by the sweep", blob.ErrDangling, true, "instead of a link"},
		{"a link to nothing, put there since the event", blob.ErrDangling, false, ""},
		{"overwritten since", blob.ErrChanged, true, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := newHarness(t)
			u := d.upload("changes/a.yaml", setPort("one", "1195"))
			if test.sweep {
				u.LastModified = d.modified(u.Key)
			}
			in := intake.New(intake.Deps{
				Bucket: unreadableBucket{d.Store, test.kind}, BucketName: cloudtest.Bucket, Records: record.NewRecords(d.Store), Now: d.Clock.Now, Log: cloudtest.Log(t),
			})
			res, err := in.File(t.Context(), u)
			if err != nil {
				t.Fatal(err)
			}
			if test.says == "" {
				if res.Status != intake.FileReplaced {
					t.Errorf("got %+v", res)
				}
				return
			}
			p := d.receipt().Problems
			if res.Status != intake.FileRejected || len(p) != 1 || p[0].Rule != intake.RuleFileUnreadable || !strings.Contains(p[0].Hint, test.says) {
				t.Errorf("got %+v, %+v", res, p)
			}
		})
	}
}
