package reconcile

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/lane"
)

// FuzzState holds that nothing a lane remembers makes reading it panic, that
// what is read can be decided and never verifies what is empty, and that it is
// the same when it is written again.
func FuzzState(f *testing.F) {
	for _, text := range []string{
		``, `{}`, `null`, `{`,
		`{"intent":{"token":"svc-a-1","patch":{"Port":1195},"asked":{"Port":1195},"before":{"Port":1194},"keys":["queue/x"],` +
			`"outcomes":[{"id":"20261122-aaaaaaaaaa","status":"applied"}],"startedAt":"2026-11-22T12:00:00Z","agedNs":5,"accepted":true}}`,
		`{"intent":{"keys":["queue/x","queue/y"],"outcomes":[]}}`,
		`{"intent":{"token":"svc-a-1","patch":{"Port":1195},"asked":{"Port":1195},"keys":["queue/x"],"outcomes":[{"id":"a","status":"applied"}],` +
			`"answers":{"sends":3,"count":2,"first":"2026-11-22T12:00:00+08:00","last":"2026-11-22T12:00:05Z","failure":{"code":"c"},"landedAt":"2026-11-22T12:00:15Z","at":"2026-11-22T12:00:06Z"}}}`,
		`{"decided":{"items":[{"id":"a","status":"failed","key":"queue/x","failure":{"code":"c"}}],"merged":["a"],"spent":{}}}`,
		`{"apart":["a"],"wait":{"cause":"gateway","why":"w","hold":true},"stalls":[{"cause":"breaker"}],"spent":{"attempts":[{}]}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		st, err := readState(lane.Head{Gen: 1, State: data})
		if err != nil {
			return
		}
		if in := st.Intent; in != nil {
			if len(in.Asked) == 0 || shows(in.Before, nil) {
				t.Fatalf("an intent without asked is read: %+v", in)
			}
			if dec := decide(in, result{}); len(dec.Items) != len(in.Keys) || len(dec.Items) == 0 {
				t.Fatalf("%d of %d entries are decided", len(dec.Items), len(in.Keys))
			}
		}
		once := rewritten(t, st)
		if twice := rewritten(t, once); !reflect.DeepEqual(once, twice) {
			t.Fatalf("read %+v, then %+v", once, twice)
		}
	})
}

// rewritten is a state that was written and read again.
func rewritten(t *testing.T, st state) state {
	t.Helper()
	data, err := json.Marshal(st.stored())
	if err != nil {
		t.Fatalf("%+v cannot be written: %v", st, err)
	}
	out, err := readState(lane.Head{Gen: 1, State: data})
	if err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return out
}
