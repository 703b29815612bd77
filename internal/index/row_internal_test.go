package index

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/storedtest"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

func when(s int) time.Time { return time.Date(2026, 11, 22, 8, 0, s, 250e6, time.UTC) }

// sampleRow sets every field, as no real row does.
func sampleRow() Row {
	return Row{
		ID: "20261122-7f3akq2cd2-1", EndedAt: when(9), Status: change.Failed,
		Target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-bp18q7hzj6largv4vk2fe"}, Door: change.FromChat, Actor: "slack:T1/U2", Person: "mei", Assistant: true,
		ApprovedBy: []string{"jun", "lin"},
		Changed: []change.Difference{
			{Field: change.Port, From: change.Number(1194), To: change.Number(1195)},
			{Field: change.Compress, To: change.Flag(true)},
			{Field: change.Name, From: change.Text("a"), To: change.Text("办公室")},
		},
		More: 2, AcceptedAt: when(1), DueAt: when(2), Undo: "20261122-8f3akq2cd2", UndoBy: when(10), Undoes: "20261122-9f3akq2cd2", Code: "Forbidden",
	}
}

// byAPerson is a row as versions wrote it that knew no assistants.
func byAPerson(r Row) Row {
	r.Assistant = false
	return r
}

func TestStoredRow(t *testing.T) {
	t.Parallel()
	storedtest.Check(t, storedtest.Form[Row]{
		Name: "row", Stored: storedRow{},
		Read: func(data []byte) (Row, error) {
			r, ok := rowOf(objects.RowKey(when(9), "20261122-7f3akq2cd2-1", base64.RawURLEncoding.EncodeToString(data)))
			if !ok {
				return Row{}, fmt.Errorf("%s is not a row", data)
			}
			return r, nil
		},
		Write: func(r Row) ([]byte, error) {
			_, _, text, _ := objects.ParseRowKey(r.key())
			return base64.RawURLEncoding.DecodeString(text)
		},
		Want: map[string]Row{"v1": byAPerson(sampleRow()), "v1.1": sampleRow()},
	})
}

func TestStoredPart(t *testing.T) {
	t.Parallel()
	storedtest.Check(t, storedtest.Form[[]Row]{
		Name: "part", Stored: storedPart{},
		Read:  func(data []byte) ([]Row, error) { return decodePart("key", partOf(data, 1), data) },
		Write: encodePart,
		Want:  map[string][]Row{"v1": {byAPerson(sampleRow())}, "v1.1": {sampleRow()}},
	})
}

func partOf(data []byte, rows int) objects.Part {
	return objects.Part{Newest: when(9), Oldest: when(9), Rows: rows, Hash: objects.HashOf(data)}
}

func TestAPartThatIsNotWholeIsRefused(t *testing.T) {
	t.Parallel()
	data, err := encodePart([]Row{sampleRow()})
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]struct {
		part objects.Part
		data string
	}{
		"cut off":         {partOf(data, 1), string(data[:len(data)-2])},
		"altered":         {partOf(data, 1), strings.Replace(string(data), "mei", "jun", 1)},
		"a row less":      {partOf(data, 2), string(data)},
		"another schema":  {partOf([]byte(`{"schema":"x","rows":[]}`), 0), `{"schema":"x","rows":[]}`},
		"not ended":       {partOf([]byte(strings.Replace(string(data), "failed", "queued", 1)), 1), strings.Replace(string(data), "failed", "queued", 1)},
		"a row of nobody": {partOf([]byte(strings.Replace(string(data), "20261122-7f", "20261322-7f", 1)), 1), strings.Replace(string(data), "20261122-7f", "20261322-7f", 1)},
	} {
		if rows, err := decodePart("key", bad.part, []byte(bad.data)); err == nil {
			t.Errorf("%s: read as %+v", name, rows)
		}
	}
}

// TestARowFitsItsKey makes rows of records with texts as long as nothing bounds them, and
// reads them out of their keys.
func TestARowFitsItsKey(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"ascii": strings.Repeat("a", 3000), "chinese": strings.Repeat("办", 1000), "escaped": strings.Repeat("<", 3000), "control": strings.Repeat("\x01", 3000)} {
		rec := record.Record{
			ID: "20261122-7f3akq2cd2kq3mzr5w7bxa4nhc-1000", Status: change.Applied, RegionID: "cn-hangzhou", ServerID: "vss-a", FinishedAt: when(9), AcceptedAt: when(1), DueAt: when(2),
			Origin: change.Origin{Kind: change.FromFile, Actor: text, Person: text}, Undoes: text, Undo: &record.Undo{ID: text, DueAt: when(30)},
			Error: &record.Failure{Code: text},
		}
		for _, f := range change.Fields() {
			rec.Changed = append(rec.Changed, change.Difference{Field: f, From: change.Text(text), To: change.Text(text)})
		}
		for i := range 9 {
			rec.Votes = append(rec.Votes, change.Vote{Kind: change.Approval, Person: fmt.Sprint(i, text)})
		}
		row := RowOf(rec)
		key := row.key()
		if len(key) > 1023 {
			t.Errorf("%s: the key has %d bytes", name, len(key))
		}
		got, ok := rowOf(key)
		if !ok || !reflect.DeepEqual(got, row) {
			t.Errorf("%s: read as %#v, want %#v", name, got, row)
		}
		if got.More+len(got.Changed) != len(change.Fields()) {
			t.Errorf("%s: %d settings and %d more", name, len(got.Changed), got.More)
		}
	}
	short := sampleRow()
	if got := short.short(); !reflect.DeepEqual(got, short) {
		t.Errorf("a row that fits is %+v, want %+v", got, short)
	}
}

// TestKeysListTheNewestFirst compares the order of rows with that of their keys.
func TestKeysListTheNewestFirst(t *testing.T) {
	t.Parallel()
	var rows []Row
	for _, id := range []string{"20261122-7f3akq2cd2", "20261122-7f3akq2cd2-1", "20261122-7f3akq2cd2-10", "20261122-7f3akq2cd2-2", "20261122-af3akq2cd2"} {
		for s := range 3 {
			rows = append(rows, Row{ID: id, EndedAt: when(s), Status: change.Applied})
		}
	}
	byKey := slices.Clone(rows)
	slices.SortFunc(rows, compare)
	slices.SortFunc(byKey, func(a, b Row) int { return strings.Compare(a.key(), b.key()) })
	if !reflect.DeepEqual(rows, byKey) {
		t.Errorf("rows sort as %+v, keys as %+v", rows, byKey)
	}
	for i, r := range rows {
		after := objects.RowsAfter(r.EndedAt, r.ID)
		if after <= r.key() || i+1 < len(rows) && after >= rows[i+1].key() || objects.RowsFrom(r.EndedAt) >= r.key() {
			t.Errorf("%s is not between its row and the next one", after)
		}
	}
}

// FuzzRow checks that whatever is read as a row is one, and stays the same when it is
// written again.
func FuzzRow(f *testing.F) {
	f.Add(sampleRow().key())
	f.Add(objects.RowKey(when(9), "20261122-7f3akq2cd2", base64.RawURLEncoding.EncodeToString([]byte(`{"s":"applied","c":[{"f":"Port","o":null,"n":1e3}],"ok":[null]}`))))
	f.Add("index/new/8204609496234-20261122-7f3akq2cd2.e30.json")
	f.Add("index/new/")
	f.Fuzz(func(t *testing.T, key string) {
		r, ok := rowOf(key)
		if !ok {
			return
		}
		if !r.Status.Final() || !strings.HasPrefix(key, objects.RowsFrom(r.EndedAt)+"-"+r.ID+".") {
			t.Fatalf("%q is read as %+v", key, r)
		}
		if r = r.short(); len(r.key()) > 1023 {
			t.Fatalf("%q is written as %q", key, r.key())
		}
		if again, ok := rowOf(r.key()); !ok || again.key() != r.key() {
			t.Fatalf("%+v is read again as %+v", r, again)
		}
	})
}

// FuzzPart checks that whatever is read as a part can be written and read again.
func FuzzPart(f *testing.F) {
	data, err := encodePart([]Row{sampleRow()})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data, 1)
	f.Add([]byte(`{"schema":"sslvpn-change/index/v1","rows":[{"id":"20261122-7f3akq2cd2","s":"applied","c":[{"n":{}}]}]}`), 1)
	f.Fuzz(func(t *testing.T, data []byte, n int) {
		rows, err := decodePart("key", partOf(data, n), data)
		if err != nil {
			return
		}
		again, err := encodePart(rows)
		if err != nil {
			t.Fatal(err)
		}
		back, err := decodePart("key", partOf(again, len(rows)), again)
		if err != nil || len(back) != n {
			t.Fatalf("%#v is read again as %#v, error %v", rows, back, err)
		}
		if last, err := encodePart(back); err != nil || !bytes.Equal(last, again) {
			t.Fatalf("%s is written again as %s, error %v", again, last, err)
		}
	})
}
