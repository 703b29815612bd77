package record_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

func TestAProofIsStoredBesideItsRecordOnce(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	records := record.NewRecords(c.Store)
	if _, err := records.ReadProof(t.Context(), id); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("before: %v", err)
	}
	first := fullProof()
	first.ID = id
	second := first
	second.Looks = 9
	for _, p := range []record.Proof{first, second} { // the first one stays
		if err := records.WriteProof(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := records.ReadProof(t.Context(), id); err != nil || !reflect.DeepEqual(got, first) {
		t.Errorf("got %+v, %v", got, err)
	}
	if key, _ := objects.ProofKey(id); key != "results/2026/11/22/"+id+".proof.json" {
		t.Errorf("its key is %s", key)
	}
	if _, err := records.Read(t.Context(), id); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("a proof is read as a record: %v", err)
	}
	if err := records.WriteProof(t.Context(), record.Proof{ID: "../x"}); err == nil {
		t.Error("a proof of no change is written")
	}
	if _, err := records.ReadProof(t.Context(), "../x"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("a proof of no change: %v", err)
	}
}

func TestAProofIsFineOnlyIfEverybodyIsBack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		after     probe.Result
		connected *int
		returned  *int
		want      bool
	}{
		{"everybody is back", probe.Listening, new(3), new(3), true},
		{"nobody was connected", probe.Listening, new(0), nil, true},
		{"who was connected is not known", probe.Listening, nil, nil, true},
		{"somebody is missing", probe.Listening, new(3), new(2), false},
		{"who returned is not known", probe.Listening, new(3), nil, false},
		{"refused", probe.Refused, nil, nil, false},
		{"silent", probe.Silent, new(3), new(3), false},
		{"not checked", probe.NotChecked, nil, nil, false},
	} {
		p := record.Proof{Before: record.Look{Connected: tt.connected}, After: record.Look{Probe: tt.after}, Returned: tt.returned}
		if p.Fine() != tt.want {
			t.Errorf("%s: fine is %t", tt.name, p.Fine())
		}
	}
	if (record.Proof{After: record.Look{Probe: probe.Listening}, UndoAt: at(1)}).Fine() {
		t.Error("a change that was undone is fine")
	}
}
