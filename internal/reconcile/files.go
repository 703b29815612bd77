package reconcile

import (
	"context"
	"errors"
	"strings"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/record"
)

// Change files younger than fileGrace are left to their event; older than
// fileAge they are left alone: somebody has looked after them by hand, or the
// function was installed into a bucket that had them.
const (
	fileGrace = time.Minute
	fileAge   = 7 * 24 * time.Hour
)

// Bounds of one sweep's file pass.
const (
	filePages    = 3
	receiptPages = 4
	fileTakes    = 100
)

// sweepFiles takes change files that have no receipt, and says how many. It
// lays a page of the listing of files beside the listing of their receipts; a
// receipt that the listing does not show is asked for by its key.
func (r *Reconciler) sweepFiles(ctx context.Context, st *sweepState, in Intake) (int, error) {
	taken := 0
	receipts := record.NewReceipts(r.Bucket)
	var errs []error
	for range filePages {
		page, err := r.Bucket.List(ctx, blob.ListOptions{Prefix: "changes/", After: st.FilesAfter})
		if err != nil {
			return taken, errors.Join(append(errs, err)...)
		}
		have, err := r.receiptsBeside(ctx, page.Entries)
		if err != nil {
			return taken, errors.Join(append(errs, err)...)
		}
		for _, e := range page.Entries {
			age := page.Now.Sub(e.LastModified)
			if age < fileGrace || age > fileAge || strings.HasSuffix(e.Key, "/") ||
				have[record.ReceiptKey(e.Key, e.ETag, e.LastModified)] {
				continue
			}
			if taken == fileTakes {
				return taken, errors.Join(errs...)
			}
			there, err := receipts.Exists(ctx, e.Key, e.ETag, e.LastModified)
			if err == nil && !there {
				err = in.TakeFile(ctx, File{Key: e.Key, ETag: e.ETag, LastModified: e.LastModified})
				taken++
			}
			if err != nil { // the next time around finds it again
				errs = append(errs, err)
				continue
			}
			st.FilesAfter = e.Key
		}
		if st.FilesAfter = page.Next; page.Next == "" {
			break
		}
	}
	return taken, errors.Join(errs...)
}

// receiptsBeside lists the receipts that the files of one page can have.
func (r *Reconciler) receiptsBeside(ctx context.Context, files []blob.Entry) (map[string]bool, error) {
	have := map[string]bool{}
	if len(files) == 0 {
		return have, nil
	}
	path := func(e blob.Entry) string { return "receipts/" + strings.TrimPrefix(e.Key, "changes/") }
	after, last := path(files[0]), path(files[len(files)-1])+"@~"
	for range receiptPages {
		page, err := r.Bucket.List(ctx, blob.ListOptions{Prefix: "receipts/", After: after})
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
