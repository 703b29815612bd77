package reconcile

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// Change files younger than fileGrace are left to their event. Those older than
// fileAge are ignored: somebody has dealt with them by hand, or the function was
// deployed to a bucket that had them.
const (
	fileGrace = time.Minute
	fileAge   = 7 * 24 * time.Hour
)

// Bounds of one sweep's file pass.
const (
	filePages    = 3
	receiptPages = 4
	maxFiles     = 100
)

// sweepFiles accepts change files that have no receipt, and returns how many. It
// compares a page of the listing of files with the listing of their receipts. A
// receipt that is not listed is read by its key.
func (r *Reconciler) sweepFiles(ctx context.Context, st *sweepState, in Intake) (int, error) {
	accepted := 0
	var errs []error
	for range filePages {
		page, err := r.deps.Bucket.List(ctx, blob.ListOptions{Prefix: objects.Files, After: st.FilesAfter})
		if err != nil {
			return accepted, errors.Join(append(errs, err)...)
		}
		files, err := r.withoutReceipt(ctx, page)
		if err != nil {
			return accepted, errors.Join(append(errs, err)...)
		}
		for _, f := range files {
			if accepted == maxFiles {
				return accepted, errors.Join(errs...)
			}
			// A file that cannot be accepted now is found again by a later sweep.
			did, err := r.acceptFile(ctx, f, in)
			errs = append(errs, err)
			if did {
				accepted++
			}
			st.FilesAfter = f.Key
		}
		if st.FilesAfter = page.Next; page.Next == "" {
			break
		}
	}
	return accepted, errors.Join(errs...)
}

// acceptFile accepts a file unless it has a receipt after all.
func (r *Reconciler) acceptFile(ctx context.Context, f File, in Intake) (bool, error) {
	there, err := record.NewReceipts(r.deps.Bucket).Has(ctx, f.Key, f.ETag, f.LastModified)
	if err != nil || there {
		return false, err
	}
	return true, in.AcceptFile(ctx, f)
}

// withoutReceipt is the part of a page of files without a listed receipt.
func (r *Reconciler) withoutReceipt(ctx context.Context, page blob.Page) ([]File, error) {
	have, err := r.receiptsBeside(ctx, page.Entries)
	if err != nil {
		return nil, err
	}
	var out []File
	for _, e := range page.Entries {
		age := page.Now.Sub(e.LastModified)
		if age >= fileGrace && age <= fileAge && !strings.HasSuffix(e.Key, "/") &&
			!have[objects.ReceiptKey(e.Key, e.ETag, e.LastModified)] {
			out = append(out, File{Key: e.Key, ETag: e.ETag, LastModified: e.LastModified})
		}
	}
	return out, nil
}

// receiptsBeside lists the receipts that the files of one page can have.
func (r *Reconciler) receiptsBeside(ctx context.Context, files []blob.Entry) (map[string]bool, error) {
	have := map[string]bool{}
	if len(files) == 0 {
		return have, nil
	}
	path := func(e blob.Entry) string { return objects.Receipts + strings.TrimPrefix(e.Key, objects.Files) }
	after, last := path(files[0]), path(files[len(files)-1])+"@~"
	for range receiptPages {
		page, err := r.deps.Bucket.List(ctx, blob.ListOptions{Prefix: objects.Receipts, After: after})
		if err != nil {
			return nil, err
		}
		for _, e := range page.Entries {
			have[e.Key] = true
		}
		if page.Next == "" || page.Next > last {
			break
		}
		after = page.Next
	}
	return have, nil
}
