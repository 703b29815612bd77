package doctor

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// writers is how many writes of one key race.
const writers = 8

// createOnly has several writers create one object at once, and another one later.
func (w *work) createOnly(ctx context.Context) (Outcome, string) {
	const name = "once"
	defer w.clean(ctx, name)
	errs := make([]error, writers)
	_ = fanout.Each(ctx, writers, writers, func(ctx context.Context, i int) error {
		errs[i] = w.Changes.Create(ctx, w.key(name), []byte(`{"writer":`+strconv.Itoa(i)+`}`))
		return nil // one failure must not end the others
	})
	won := -1
	for i, err := range errs {
		switch {
		case err == nil && won >= 0:
			return Finding, found("writers %d and %d both created one object", won, i)
		case err == nil:
			won = i
		case !errors.Is(err, blob.ErrExists):
			return failed("creating an object", err)
		}
	}
	if won < 0 {
		return Finding, found("of %d writers of a new object, none created it", writers)
	}
	switch err := w.Changes.Create(ctx, w.key(name), []byte(`{"writer":"later"}`)); {
	case err == nil:
		return Finding, "an object that exists was created again"
	case !errors.Is(err, blob.ErrExists):
		return failed("creating an object that exists", err)
	}
	obj, err := w.Changes.Get(ctx, w.key(name), blob.GetOptions{})
	if err != nil {
		return NotChecked, unread
	}
	if want := `{"writer":` + strconv.Itoa(won) + `}`; string(obj.Data) != want {
		return Finding, "the object has the content of a writer that was refused"
	}
	return OK, found("of %d writers at once, one created the object; a later one was refused", writers)
}

// What another check finds is not found again.
const (
	unread   = "an object could not be read after it was written: see " + string(ReadAfterWrite)
	unlisted = "an object was not listed after it was written: see " + string(ListAfterWrite)
)

func (w *work) neverVersioned(ctx context.Context) (Outcome, string) {
	if err := w.Changes.Preflight(ctx); err != nil {
		return failed("CHANGE_BUCKET", err)
	}
	if w.Records == w.Changes {
		return OK, "the bucket never had versioning"
	}
	if err := w.Records.Preflight(ctx); err != nil {
		return failed("RECORD_BUCKET", err)
	}
	return OK, "neither bucket ever had versioning"
}

// rounds is how often what must always hold is tried.
const rounds = 3

// readAfterWrite reads an object right after each of its changes.
func (w *work) readAfterWrite(ctx context.Context) (Outcome, string) {
	const name = "read"
	defer w.clean(ctx, name)
	for range rounds {
		if err := w.Changes.Create(ctx, w.key(name), []byte("1")); err != nil {
			return failed("creating an object", err)
		}
		if bad := w.reads(ctx, name, "1"); bad != "" {
			return Finding, bad
		}
		if err := w.Changes.Put(ctx, w.key(name), []byte("2")); err != nil {
			return failed("overwriting an object", err)
		}
		if bad := w.reads(ctx, name, "2"); bad != "" {
			return Finding, bad
		}
		if err := w.Changes.Delete(ctx, w.key(name)); err != nil {
			return failed("deleting an object", err)
		}
		if _, err := w.Changes.Get(ctx, w.key(name), blob.GetOptions{}); !errors.Is(err, blob.ErrNotFound) {
			return Finding, "an object was still there after it was deleted"
		}
	}
	return OK, found("%d times, an object was read as it was written, overwritten and deleted", rounds)
}

// reads says what is wrong if an object does not have a content.
func (w *work) reads(ctx context.Context, name, want string) string {
	obj, err := w.Changes.Get(ctx, w.key(name), blob.GetOptions{})
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return "an object was not there after it was written"
	case err != nil:
		return "reading an object: " + err.Error()
	case string(obj.Data) != want:
		return "an object was read as it was before it was overwritten"
	}
	return ""
}

// listAfterWrite lists an object right after it was created and deleted.
func (w *work) listAfterWrite(ctx context.Context) (Outcome, string) {
	const name = "list"
	defer w.clean(ctx, name)
	for range rounds {
		if err := w.Changes.Create(ctx, w.key(name), []byte("1")); err != nil {
			return failed("creating an object", err)
		}
		keys, err := w.list(ctx, "", 0)
		if err != nil {
			return failed("listing", err)
		}
		if !slices.Contains(keys, w.key(name)) {
			return Finding, "an object was not listed after it was created"
		}
		if err := w.Changes.Delete(ctx, w.key(name)); err != nil {
			return failed("deleting an object", err)
		}
		if keys, err = w.list(ctx, "", 0); err != nil {
			return failed("listing", err)
		}
		if len(keys) > 0 {
			return Finding, "an object was still listed after it was deleted"
		}
	}
	return OK, found("%d times, an object was listed once it was created, and not once it was deleted", rounds)
}

// list lists the keys of this run: one page.
func (w *work) list(ctx context.Context, after string, most int) ([]string, error) {
	page, err := w.Changes.List(ctx, blob.ListOptions{Prefix: objects.DoctorPrefix(w.run), After: after, Max: most})
	var out []string
	for _, e := range page.Entries {
		out = append(out, e.Key)
	}
	return out, err
}

// listingOrder lists keys that other orders than that of bytes would list otherwise.
func (w *work) listingOrder(ctx context.Context) (Outcome, string) {
	names := []string{"10", "9", "B", "_", "a", "a-", "b", "é"}
	defer w.clean(ctx, names...)
	keys := make([]string, len(names))
	for i, name := range names {
		keys[i] = w.key(name)
	}
	if err := fanout.Each(ctx, len(keys), writers, func(ctx context.Context, i int) error {
		return w.Changes.Put(ctx, keys[i], []byte("1"))
	}); err != nil {
		return failed("writing objects", err)
	}
	slices.Sort(keys)
	if !w.settles(ctx, len(keys)) {
		return NotChecked, unlisted
	}
	for most := 1; most <= len(keys)+1; most++ { // pages of every size
		var got []string
		for after := ""; ; {
			page, err := w.list(ctx, after, most)
			if err != nil {
				return failed(found("listing %d keys in pages of %d", len(keys), most), err)
			}
			got = append(got, page...)
			if len(page) < most {
				break
			}
			after = page[len(page)-1]
		}
		if !slices.Equal(got, keys) {
			return Finding, found("in pages of %d, the keys come as %s", most, strings.Join(bare(got), " "))
		}
	}
	// Between two keys, and behind the last one.
	for _, tt := range []struct {
		after string
		want  []string
	}{{objects.DoctorPrefix(w.run) + "A", keys[2:]}, {keys[len(keys)-1], nil}} {
		got, err := w.list(ctx, tt.after, 0)
		if err != nil {
			return failed("listing behind a key", err)
		}
		if !slices.Equal(got, tt.want) {
			return Finding, found("behind %s, the keys come as %s", bare([]string{tt.after})[0], strings.Join(bare(got), " "))
		}
	}
	return OK, found("%d keys came in byte order, in pages of every size, and behind every key", len(keys))
}

// settles waits until a listing has so many keys, or is refused by its order.
func (w *work) settles(ctx context.Context, n int) bool {
	for range 20 {
		if keys, err := w.list(ctx, "", 0); err != nil || len(keys) == n {
			return true
		}
		if !pause(ctx, look) {
			return false
		}
	}
	return false
}

// bare are the last parts of keys.
func bare(keys []string) []string {
	out := make([]string, len(keys))
	for i, key := range keys {
		out[i] = strings.TrimSuffix(key[strings.LastIndexByte(key, '/')+1:], ".json")
	}
	return out
}

// slack is what whole seconds and the time of a request explain.
const slack = 2 * time.Second

// dates is how many answers are compared.
const dates = 12

// storeClock compares the Date of answers with each other, and with the Last-Modified of
// an object.
func (w *work) storeClock(ctx context.Context) (Outcome, string) {
	const name = "time"
	defer w.clean(ctx, name)
	var last time.Time
	for range dates {
		page, err := w.Changes.List(ctx, blob.ListOptions{Prefix: objects.DoctorPrefix(w.run), Max: 1})
		if err != nil {
			return failed("listing", err)
		}
		if page.Now.Before(last) {
			return Finding, found("Date went back by %s from one answer to the next", last.Sub(page.Now))
		}
		last = page.Now
	}
	if err := w.Changes.Create(ctx, w.key(name), []byte("1")); err != nil {
		return failed("creating an object", err)
	}
	obj, err := w.Changes.Get(ctx, w.key(name), blob.GetOptions{})
	if err != nil {
		return NotChecked, unread
	}
	switch page, err := w.Changes.List(ctx, blob.ListOptions{Prefix: w.key(name), Max: 1}); {
	case err != nil:
		return failed("listing", err)
	case len(page.Entries) != 1:
		return NotChecked, unlisted
	case !page.Entries[0].LastModified.Equal(obj.LastModified):
		return Finding, found("Last-Modified of one object is %s when it is read, and %s when it is listed", clock(obj.LastModified), clock(page.Entries[0].LastModified))
	case obj.LastModified.Before(last.Add(-slack)), obj.LastModified.After(obj.Now.Add(slack)):
		return Finding, found("an object written between %s and %s by Date has the Last-Modified %s", clock(last), clock(obj.Now), clock(obj.LastModified))
	}
	return OK, found("Date never went back in %d answers; Last-Modified lies between two of them, in whole seconds", dates)
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05") }

// maxSkew is how far the clocks of an instance and of the store may be apart: both are
// synchronized, and a person would notice more.
const maxSkew = 10 * time.Second

// instanceClock compares the clock of the instance with that of the store.
func (w *work) instanceClock(ctx context.Context) (Outcome, string) {
	before := w.Now()
	page, err := w.Changes.List(ctx, blob.ListOptions{Prefix: objects.DoctorPrefix(w.run), Max: 1})
	after := w.Now()
	if err != nil {
		return failed("listing", err)
	}
	// Date has whole seconds: the store's clock showed it or up to a second more.
	ahead := page.Now.Sub(after)
	behind := before.Sub(page.Now.Add(time.Second))
	if off := max(ahead, behind); off > maxSkew {
		return Finding, found("the clocks of the instance and of OSS are %s apart", off.Round(time.Second))
	}
	return OK, found("the clocks of the instance and of OSS are less than %s apart", max(ahead, behind, 0).Truncate(time.Second)+time.Second)
}
