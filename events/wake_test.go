package events_test

import (
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/events"
)

func TestRefusesWakeUpsThatAreNotTheFunctionsOwn(t *testing.T) {
	t.Parallel()
	const at, lanes = `"at":"2026-11-28T14:00:00Z"`, `"lanes":[{"lane":"cn-hangzhou/vss-a"}]`
	tests := []struct{ name, wake, want string }{
		{"text", `"now"`, "not an object with a time"},
		{"a list", `[]`, "not an object with a time"},
		{"nothing", `{}`, "at is not an RFC 3339 time"},
		{"no lanes", `{` + at + `}`, "has 0 lanes, not 1 to 100"},
		{"an empty list", `{` + at + `,"lanes":[]}`, "has 0 lanes"},
		{"null for lanes", `{` + at + `,"lanes":null}`, "has 0 lanes"},
		{"too many lanes", `{` + at + `,"lanes":[` + strings.Repeat(`{"lane":"a/b"},`, 100) + `{"lane":"a/b"}]}`, "has 101 lanes"},
		{"a time that cannot be read", `{"at":"tomorrow",` + lanes + `}`, "at is not an RFC 3339 time"},
		{"a time without a zone", `{"at":"2026-11-28T14:00:00",` + lanes + `}`, "at is not an RFC 3339 time"},
		{"a number for the time", `{"at":1764338400,` + lanes + `}`, "not an object with a time"},
		{"a lane without a server", `{` + at + `,"lanes":[{"lane":"cn-hangzhou/"}]}`, "lanes[0].lane is not <region>/<server>"},
		{"a lane without a region", `{` + at + `,"lanes":[{"lane":"cn-hangzhou/vss-a"},{"lane":"/vss-a"}]}`, "lanes[1].lane is not"},
		{"a lane that is one word", `{` + at + `,"lanes":[{"lane":"vss-a"}]}`, "lanes[0].lane is not"},
		{"no name", `{` + at + `,"lanes":[{}]}`, "lanes[0].lane is not"},
		{"a long name", `{` + at + `,"lanes":[{"lane":"cn-hangzhou/` + strings.Repeat("v", 200) + `"}]}`, "lanes[0].lane is not"},
		{"a negative generation", `{` + at + `,"lanes":[{"lane":"a/b","gen":-1}]}`, "lanes[0].gen is negative"},
		{"half a generation", `{` + at + `,"lanes":[{"lane":"a/b","gen":1.5}]}`, "not an object with a time"},
		{"a generation beyond all numbers", `{` + at + `,"lanes":[{"lane":"a/b","gen":99999999999999999999}]}`, "not an object with a time"},
		{"a generation as text", `{` + at + `,"lanes":[{"lane":"a/b","gen":"1"}]}`, "not an object with a time"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := events.Decode([]byte(`{"wake":` + tt.wake + `}`))
			if err == nil || !strings.Contains(err.Error(), "malformed wake event: wake") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %+v and error %v, want it to say %q", got.Wake, err, tt.want)
			}
		})
	}
}

// TestWakeUpsOfLaterVersionsAreRead: a wake-up may come to an instance of another
// version than the one that set it.
func TestWakeUpsOfLaterVersionsAreRead(t *testing.T) {
	t.Parallel()
	ev, err := events.Decode([]byte(`{"wake":{"at":"2026-11-28T22:00:00.000000001+08:00","new":{},"lanes":[{"lane":"a/b/c","new":1}]},"new":true}`))
	if err != nil {
		t.Fatal(err)
	}
	if w := ev.Wake; w.At.Format("15:04:05.000000000") != "14:00:00.000000001" || w.Lanes[0] != (events.WakeLane{Region: "a", Server: "b/c"}) {
		t.Errorf("got %+v", w)
	}
}
