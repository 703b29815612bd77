package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/manifest"
	"sslvpnchange/internal/objects"
	"sslvpnchange/internal/policy"
	"sslvpnchange/internal/record"
)

// Upload is a change file as an event or a listing tells of it.
type Upload struct {
	Key       string
	ETag      string // "" for whatever is there
	Actor     string // the principal that wrote it, as the platform says
	RequestID string // of the write
}

// FileStatus says what became of an upload.
type FileStatus string

// What can become of an upload. Only the first two write a receipt.
const (
	FileAccepted FileStatus = "accepted"
	FileRejected FileStatus = "rejected"
	FileReplaced FileStatus = "replaced" // written over or deleted since; the newer event owns it
	FileIgnored  FileStatus = "ignored"  // no change file: a folder, or outside changes/
)

// FileResult is what became of an upload.
type FileResult struct {
	File     string           `json:"file"`
	Status   FileStatus       `json:"status"`
	Receipt  string           `json:"receipt,omitempty"`
	IDs      []string         `json:"changes,omitempty"`
	Problems []change.Problem `json:"problems,omitempty"`
}

// File takes a change file. An error means that the object store failed and
// nothing is settled: deliver the event again.
func (in *Intake) File(ctx context.Context, u Upload) (FileResult, error) {
	if !strings.HasPrefix(u.Key, objects.Files) || strings.HasSuffix(u.Key, "/") {
		return FileResult{File: u.Key, Status: FileIgnored}, nil
	}
	obj, problem, err := in.readFile(ctx, &u)
	switch {
	case errors.Is(err, blob.ErrChanged), errors.Is(err, blob.ErrNotFound):
		in.Log.InfoContext(ctx, "change file replaced before it was read", slog.String("file", u.Key))
		return FileResult{File: u.Key, Status: FileReplaced}, nil
	case err != nil:
		return FileResult{}, fmt.Errorf("take %s: %w", u.Key, err)
	}
	var res FileResult
	settled := false
	if obj.Now.Sub(obj.LastModified) > freshFile || obj.Now.IsZero() {
		res, settled, err = in.receipt(ctx, obj.Entry)
	}
	switch {
	case err != nil, settled:
	case problem != nil:
		res, err = in.reject(ctx, obj.Entry, []change.Problem{*problem})
	default:
		res, err = in.takeFile(ctx, u, obj)
	}
	if err != nil {
		return FileResult{}, fmt.Errorf("take %s: %w", u.Key, err)
	}
	return res, nil
}

// freshFile is how long after its upload a file is taken without asking for its
// receipt first: nearly every event comes within it, once. A second one then
// brings entries back whose changes may have ended; the drain drops those.
const freshFile = 30 * time.Second

// receipt gives the result of an upload that was taken before, by another
// delivery of its event. Its receipt was written after all its entries: what is
// not in line any more has ended, and must not come back.
func (in *Intake) receipt(ctx context.Context, e blob.Entry) (res FileResult, settled bool, err error) {
	rec, err := in.receipts.Read(ctx, e.Key, e.ETag, e.LastModified)
	if errors.Is(err, blob.ErrNotFound) {
		return FileResult{}, false, nil
	}
	if err != nil {
		return FileResult{}, false, err
	}
	res = FileResult{
		File: e.Key, Status: FileStatus(rec.Status), Receipt: objects.ReceiptKey(e.Key, e.ETag, e.LastModified), Problems: rec.Problems,
	}
	for _, c := range rec.Changes {
		res.IDs = append(res.IDs, c.ID)
	}
	in.Log.InfoContext(ctx, "change file taken before", slog.String("file", e.Key), slog.String("status", string(rec.Status)))
	return res, true, nil
}

// readFile reads a change file, or says why it is none.
func (in *Intake) readFile(ctx context.Context, u *Upload) (blob.Object, *change.Problem, error) {
	if _, ok := manifest.FormatOf(u.Key); !ok {
		e, err := in.head(ctx, *u)
		return blob.Object{Entry: e}, &change.Problem{
			Rule: "file-extension", Message: "the file's name does not end in .yaml, .yml or .json",
			Hint: "rename the file, and put anything that is no change file outside " + objects.Files,
		}, err
	}
	obj, err := in.Bucket.Get(ctx, u.Key, blob.GetOptions{IfMatch: u.ETag, Limit: manifest.MaxSize})
	if errors.Is(err, blob.ErrNotFound) {
		// No page says whether events carry keys percent-encoded; most samples
		// have them as they are.
		if key, uerr := url.QueryUnescape(u.Key); uerr == nil && key != u.Key && strings.HasPrefix(key, objects.Files) {
			if _, ok := manifest.FormatOf(key); ok {
				u.Key = key
				obj, err = in.Bucket.Get(ctx, key, blob.GetOptions{IfMatch: u.ETag, Limit: manifest.MaxSize})
			}
		}
	}
	if errors.Is(err, blob.ErrTooLarge) {
		e, err := in.head(ctx, *u)
		return blob.Object{Entry: e}, &change.Problem{
			Rule: manifest.RuleTooLarge, Message: fmt.Sprintf("the file has %d bytes, more than %d", e.Size, manifest.MaxSize),
			Hint: "split it into several files",
		}, err
	}
	return obj, nil, err
}

// head reads an upload's own entry: blob.ErrChanged when it was written over.
func (in *Intake) head(ctx context.Context, u Upload) (blob.Entry, error) {
	e, err := in.Bucket.Head(ctx, u.Key)
	if err == nil && u.ETag != "" && e.ETag != u.ETag {
		err = blob.ErrChanged
	}
	return e, err
}

// takeFile puts a file's changes in line and writes its receipt.
func (in *Intake) takeFile(ctx context.Context, u Upload, obj blob.Object) (FileResult, error) {
	format, _ := manifest.FormatOf(u.Key)
	at := obj.LastModified.UTC()
	reqs, problems := manifest.Parse(obj.Data, manifest.Options{Format: format, AllowRequestedBy: true, Now: at})
	if len(problems) > 0 {
		return in.reject(ctx, obj.Entry, problems)
	}
	changes := number(reqs, delivery{
		at:       at,
		identity: change.FileIdentity(in.BucketName, u.Key, obj.ETag, at),
		origin: change.Origin{
			Kind: change.FromFile, Actor: actor(u.Actor), RequestID: u.RequestID,
			Source: "oss://" + in.BucketName + "/" + u.Key,
		},
	})
	adm, problems, err := in.admit(ctx, policy.Account{Channel: string(change.FromFile), User: u.Actor}, reqs)
	if err != nil {
		return FileResult{}, err
	}
	if len(problems) > 0 {
		return in.reject(ctx, obj.Entry, problems)
	}
	tokens, err := in.claimTokens(ctx, adm.admitted(changes))
	if err != nil {
		return FileResult{}, err
	}
	if len(tokens.problems) > 0 {
		return in.reject(ctx, obj.Entry, tokens.problems)
	}
	taken, err := in.queueOrPutBack(ctx, tokens.changes, tokens.before)
	if err != nil {
		return FileResult{}, err
	}
	res := FileResult{File: u.Key, Status: FileAccepted, Receipt: objects.ReceiptKey(u.Key, obj.ETag, at), Problems: []change.Problem{}}
	rec := record.Receipt{
		File: u.Key, ETag: obj.ETag, LastModified: at, Status: record.FileAccepted, Problems: []change.Problem{},
	}
	for _, c := range taken.Changes {
		key, _ := objects.RecordKey(c.ID)
		rec.Changes = append(rec.Changes, record.ReceiptChange{ID: c.ID, Record: key})
		res.IDs = append(res.IDs, c.ID)
	}
	first, err := in.receipts.Write(ctx, rec)
	if err != nil {
		return FileResult{}, err
	}
	if first || taken.Added {
		in.Ring(ctx, taken.Lanes)
	}
	in.Log.InfoContext(ctx, "change file accepted", slog.String("file", u.Key), slog.Int("changes", len(res.IDs)), slog.Bool("first", first))
	return res, nil
}

// reject writes the receipt of a file that asks for nothing that can be done.
func (in *Intake) reject(ctx context.Context, e blob.Entry, problems []change.Problem) (FileResult, error) {
	_, err := in.receipts.Write(ctx, record.Receipt{
		File: e.Key, ETag: e.ETag, LastModified: e.LastModified.UTC(), Status: record.FileRejected,
		Changes: []record.ReceiptChange{}, Problems: problems,
	})
	if err != nil {
		return FileResult{}, err
	}
	in.Log.InfoContext(ctx, "change file rejected", slog.String("file", e.Key), slog.Int("problems", len(problems)))
	return FileResult{
		File: e.Key, Status: FileRejected, Problems: problems,
		Receipt: objects.ReceiptKey(e.Key, e.ETag, e.LastModified),
	}, nil
}

// actor names who uploaded a file; the sweep finds files whose event, and so
// whose principal, is lost.
func actor(principal string) string {
	if principal == "" {
		return "unknown: the upload's event was lost"
	}
	return principal
}
