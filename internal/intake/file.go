package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// Upload is a change file as an event or a listing describes it.
type Upload struct {
	Key       string
	ETag      string // "" for any
	Actor     string // the principal that wrote it, as the platform says
	RequestID string // of the write
	// LastModified is when it was written, as a listing says; zero where only the
	// object says it.
	LastModified time.Time
	// Drains reports whether the caller drains the lane of a file with one lane itself,
	// which saves the wake object and an invocation.
	Drains bool
}

// FileStatus is the outcome of an upload.
type FileStatus string

// The outcomes of an upload. Only the first three have a receipt.
const (
	FileAccepted FileStatus = "accepted"
	FileRejected FileStatus = "rejected"
	FileTaken    FileStatus = "taken-before" // the same content was accepted before; it has a receipt
	FileReplaced FileStatus = "replaced"     // overwritten or deleted since; its newer event handles it
	FileIgnored  FileStatus = "ignored"      // not a change file: a folder, or outside changes/
)

// FileResult is the outcome of an upload with its details.
type FileResult struct {
	File     string           `json:"file"`
	Status   FileStatus       `json:"status"`
	Receipt  string           `json:"receipt,omitempty"`
	IDs      []string         `json:"changes,omitempty"`
	Problems []change.Problem `json:"problems,omitempty"`
	// Lanes are those that the caller drains, because Upload.Drains says so.
	Lanes []change.Target `json:"-"`
	// Asked reports whether people are to be asked for approval of its changes.
	Asked bool `json:"-"`
}

// File accepts or rejects a change file. An error means that the outcome is
// open: deliver the event again.
func (in *Intake) File(ctx context.Context, u Upload) (FileResult, error) {
	if !strings.HasPrefix(u.Key, objects.Files) || strings.HasSuffix(u.Key, "/") {
		return FileResult{File: u.Key, Status: FileIgnored}, nil
	}
	key := u.Key
	listed := in.listUploads(ctx, u)
	obj, parse, err := in.readFile(ctx, &u)
	earlier, failed := listed() // a request must not outlive the invocation
	if p := unreadableFile(err); p != nil {
		if obj.Entry, err = in.listed(ctx, u, err); err == nil {
			parse = unreadable(*p)
		}
	}
	switch {
	case errors.Is(err, blob.ErrChanged), errors.Is(err, blob.ErrNotFound), errors.Is(err, blob.ErrDangling):
		in.Log.InfoContext(ctx, "change file replaced before it was read", slog.String("file", u.Key))
		return FileResult{File: u.Key, Status: FileReplaced}, nil
	case err != nil:
		return FileResult{}, fmt.Errorf("accept %s: %w", u.Key, err)
	}
	var res FileResult
	found, late := false, obj.Now.Sub(obj.LastModified) > freshFile || obj.Now.IsZero()
	if late {
		res, found, err = in.receipt(ctx, obj.Entry)
	}
	if err == nil && !found {
		if err = failed; u.Key != key || u.ETag == "" {
			earlier, err = in.receipts.Uploads(ctx, obj.Key, obj.ETag)
		}
		if err == nil {
			res, found, err = in.takenBefore(ctx, obj.Entry, earlier)
		}
	}
	if err == nil && !found {
		res, err = in.acceptFile(ctx, u, obj.Entry, late, parse)
	}
	if err != nil {
		return FileResult{}, fmt.Errorf("accept %s: %w", u.Key, err)
	}
	return res, nil
}

// freshFile is the age up to which a file is accepted without looking for its
// receipt: nearly every event arrives within it, and once. A second event within
// it may queue changes that have ended; the drain drops those.
const freshFile = 30 * time.Second

// receipt gives the result of an upload that another delivery of its event
// completed. The receipt is written after all entries, so a change that is no
// longer queued has ended and must not be queued again.
func (in *Intake) receipt(ctx context.Context, e blob.Entry) (res FileResult, found bool, err error) {
	rec, err := in.receipts.Read(ctx, e.Key, e.ETag, e.LastModified)
	if errors.Is(err, blob.ErrNotFound) {
		return FileResult{}, false, nil
	}
	if errors.Is(err, record.ErrNotReceipt) {
		// Nobody's object may keep a file from being accepted. Changes that have ended
		// are dropped by the drain.
		in.Log.ErrorContext(ctx, "object is not the receipt of its file", slog.String("file", e.Key), slog.Any("error", err))
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
	in.Log.InfoContext(ctx, "change file accepted before", slog.String("file", e.Key), slog.String("status", string(rec.Status)))
	return res, true, nil
}

// listUploads lists the earlier uploads with the content of this one, while its file is
// read. Call the function that it returns for the result.
func (in *Intake) listUploads(ctx context.Context, u Upload) func() ([]time.Time, error) {
	if u.ETag == "" {
		return func() ([]time.Time, error) { return nil, nil }
	}
	var uploads []time.Time
	var err error
	var listing sync.WaitGroup
	listing.Go(func() { uploads, err = in.receipts.Uploads(ctx, u.Key, u.ETag) })
	return func() ([]time.Time, error) {
		listing.Wait()
		return uploads, err
	}
}

// takenBefore gives the result of an upload whose content was accepted before, at the
// same key. Copying an object onto itself, for example to change its storage class, and
// uploading a whole directory again date files anew, and ask for nothing.
func (in *Intake) takenBefore(ctx context.Context, e blob.Entry, uploads []time.Time) (res FileResult, found bool, err error) {
	uploads = slices.DeleteFunc(uploads, func(at time.Time) bool { return at.Equal(e.LastModified) })
	first, err := in.receipts.Accepted(ctx, e.Key, e.ETag, uploads)
	if err != nil || first == nil {
		return FileResult{}, false, err
	}
	rec := *first
	rec.LastModified = e.LastModified.UTC()
	rec.Earlier = cmp.Or(first.Earlier, objects.ReceiptKey(e.Key, e.ETag, first.LastModified))
	if _, err := in.receipts.Write(ctx, rec); err != nil {
		return FileResult{}, false, err
	}
	in.Log.InfoContext(ctx, "change file accepted before", slog.String("file", e.Key), slog.String("earlier", rec.Earlier))
	res = FileResult{File: e.Key, Status: FileTaken, Receipt: objects.ReceiptKey(e.Key, e.ETag, e.LastModified), Problems: []change.Problem{}}
	for _, c := range rec.Changes {
		res.IDs = append(res.IDs, c.ID)
	}
	return res, true, nil
}

// readFile reads a change file; the parser of one that cannot be read gives the
// problem. It may correct the upload's key.
func (in *Intake) readFile(ctx context.Context, u *Upload) (blob.Object, parser, error) {
	if _, ok := manifest.FormatOf(u.Key); !ok {
		e, err := in.head(ctx, *u)
		return blob.Object{Entry: e}, unreadable(change.Problem{
			Rule: "file-extension", Message: "the file's name does not end in .yaml, .yml or .json",
			Hint: "rename the file; keep files that are not change files outside " + objects.Files,
		}), err
	}
	obj, err := in.Bucket.Get(ctx, u.Key, blob.GetOptions{IfMatch: u.ETag, Limit: manifest.MaxSize})
	if errors.Is(err, blob.ErrNotFound) {
		// The documentation does not say whether events carry percent-encoded keys;
		// most samples have plain ones.
		if key, uerr := url.QueryUnescape(u.Key); uerr == nil && key != u.Key && strings.HasPrefix(key, objects.Files) {
			if _, ok := manifest.FormatOf(key); ok {
				u.Key = key
				obj, err = in.Bucket.Get(ctx, key, blob.GetOptions{IfMatch: u.ETag, Limit: manifest.MaxSize})
			}
		}
	}
	if errors.Is(err, blob.ErrTooLarge) {
		e, err := in.head(ctx, *u)
		return blob.Object{Entry: e}, unreadable(change.Problem{
			Rule: manifest.RuleTooLarge, Message: fmt.Sprintf("the file has %d bytes, more than %d", e.Size, manifest.MaxSize),
			Hint: "split it into several files",
		}), err
	}
	format, _ := manifest.FormatOf(u.Key)
	return obj, parseDocument(obj.Data, manifest.Options{Format: format, AllowRequestedBy: true, Regions: in.Regions}), err
}

// RuleFileUnreadable rejects a file that is in the bucket and cannot be read.
const RuleFileUnreadable = "file-unreadable"

// unreadableFile is the problem of a file that cannot be read as it is stored; nil for
// other errors. Without a receipt, every sweep would try to read it.
func unreadableFile(err error) *change.Problem {
	p := change.Problem{Rule: RuleFileUnreadable}
	switch {
	case errors.Is(err, blob.ErrArchived):
		p.Message = "the file is in an archive storage class, so that it cannot be read"
		p.Hint = "upload it again with the class Standard; or restore it, and then copy it onto itself with the class Standard. Leave " + objects.Files + " out of lifecycle rules"
	case errors.Is(err, blob.ErrEncrypted):
		p.Message = "the file is encrypted with a KMS key that the function's role may not use"
		p.Hint = "upload it again without a key of its own, or allow the role kms:Decrypt for the key and upload it again"
	case errors.Is(err, blob.ErrDangling):
		p.Message = "the file is a symbolic link to an object that does not exist"
		p.Hint = "upload the file itself instead of a link"
	default:
		return nil
	}
	return &p
}

// listed is the entry of a file that cannot be read: as a listing had it, or else as the
// store describes it. A link that dangles cannot be described; then the error stays.
func (in *Intake) listed(ctx context.Context, u Upload, unreadable error) (blob.Entry, error) {
	if !u.LastModified.IsZero() && u.ETag != "" {
		return blob.Entry{Key: u.Key, ETag: u.ETag, LastModified: u.LastModified}, nil
	}
	if errors.Is(unreadable, blob.ErrDangling) {
		return blob.Entry{}, unreadable
	}
	return in.head(ctx, u)
}

// head reads an upload's own entry: blob.ErrChanged when it was overwritten.
func (in *Intake) head(ctx context.Context, u Upload) (blob.Entry, error) {
	e, err := in.Bucket.Head(ctx, u.Key)
	if err == nil && u.ETag != "" && e.ETag != u.ETag {
		err = blob.ErrChanged
	}
	return e, err
}

// acceptFile accepts a file, or rejects it, and writes its receipt.
func (in *Intake) acceptFile(ctx context.Context, u Upload, e blob.Entry, late bool, parse parser) (FileResult, error) {
	e.LastModified = e.LastModified.UTC()
	out, err := in.accept(ctx, document{
		delivery: delivery{
			at:       e.LastModified,
			identity: change.FileIdentity(in.BucketName, u.Key, e.ETag, e.LastModified),
			origin: change.Origin{
				Kind: change.FromFile, Actor: actor(u.Actor), RequestID: u.RequestID,
				Source: "oss://" + in.BucketName + "/" + u.Key,
			},
		},
		parse:   parse,
		late:    late,
		account: policy.Account{Channel: string(change.FromFile), User: u.Actor},
		conclude: func(ctx context.Context, a Accepted) (bool, error) {
			wake, err := in.acceptedFile(ctx, e, a)
			return wake && !drains(u, a), err
		},
	})
	if no, ok := errors.AsType[*RefusedError](err); ok {
		return in.rejectFile(ctx, e, actor(u.Actor), no.Problems)
	}
	if err != nil {
		return FileResult{}, err
	}
	res := FileResult{
		File: u.Key, Status: FileAccepted, Receipt: objects.ReceiptKey(e.Key, e.ETag, e.LastModified), IDs: ids(out.Changes), Problems: []change.Problem{},
	}
	if drains(u, out) {
		res.Lanes, res.Asked = out.Lanes, out.Asked
	}
	return res, nil
}

// drains reports whether the caller drains the lanes of an accepted file.
func drains(u Upload, a Accepted) bool { return u.Drains && len(a.Lanes) == 1 }

// acceptedFile writes the receipt of an accepted file. The lanes are woken by
// the delivery that queued something, or wrote the receipt.
func (in *Intake) acceptedFile(ctx context.Context, e blob.Entry, a Accepted) (wake bool, err error) {
	rec := record.Receipt{
		File: e.Key, ETag: e.ETag, LastModified: e.LastModified, Status: record.FileAccepted, Problems: []change.Problem{},
	}
	for i, c := range a.Changes {
		key, _ := objects.RecordKey(c.ID)
		rec.Changes = append(rec.Changes, record.ReceiptChange{ID: c.ID, Record: key, DueAt: c.DueAt, Approval: c.Approvals, Window: a.Window(i)})
	}
	first, err := in.receipts.Write(ctx, rec)
	if err != nil {
		return false, err
	}
	in.Log.LogAttrs(ctx, slog.LevelInfo, "change file accepted", in.about(a.Changes, slog.String("file", e.Key), slog.Int("changes", len(a.Changes)), slog.Bool("first", first))...)
	return first || a.Added, nil
}

// rejectFile writes the receipt of a file that cannot be accepted.
func (in *Intake) rejectFile(ctx context.Context, e blob.Entry, account string, problems []change.Problem) (FileResult, error) {
	_, err := in.receipts.Write(ctx, record.Receipt{
		File: e.Key, ETag: e.ETag, LastModified: e.LastModified, Status: record.FileRejected,
		Changes: []record.ReceiptChange{}, Problems: problems,
	})
	if err != nil {
		return FileResult{}, err
	}
	in.Log.InfoContext(ctx, "change file rejected", slog.String("file", e.Key), slog.Int("problems", len(problems)),
		slog.String("account", account), slog.String("channel", string(change.FromFile)), slog.String("code", codeOf(problems)))
	return FileResult{
		File: e.Key, Status: FileRejected, Problems: problems,
		Receipt: objects.ReceiptKey(e.Key, e.ETag, e.LastModified),
	}, nil
}

// actor names who uploaded a file. The sweep finds files whose event was lost,
// and the principal with it.
func actor(principal string) string {
	if principal == "" {
		return "unknown: the upload's event was lost"
	}
	return principal
}
