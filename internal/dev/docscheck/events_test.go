package docscheck_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// TestTheRuleForEventsFindsRecords evaluates the pattern of the page on the events of
// objects as the function writes them.
func TestTheRuleForEventsFindsRecords(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"docs/events.md", "docs/events.zh-CN.md"} {
		var blocks []string
		for _, m := range regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(read(t, page), -1) {
			blocks = append(blocks, m[1])
		}
		var pattern struct {
			Source  []string            `json:"source"`
			Type    []string            `json:"type"`
			Subject []map[string]string `json:"subject"`
		}
		var event struct {
			Source  string `json:"source"`
			Type    string `json:"type"`
			Subject string `json:"subject"`
		}
		if len(blocks) != 2 || json.Unmarshal([]byte(blocks[0]), &pattern) != nil || json.Unmarshal([]byte(blocks[1]), &event) != nil {
			t.Fatalf("%s: the blocks are %q", page, blocks)
		}
		bucket, _, _ := strings.Cut(event.Subject, "/")
		for key, want := range map[string]bool{
			recordKey(t, "20261127-7f3akq2cd2kq3mzr5w7bxa4nhc"): true, "receipts/a.yaml@1.json": false, "queue/cn-hangzhou/vss-1/a.json": false,
		} {
			if got := strings.HasPrefix(bucket+"/"+key, pattern.Subject[0]["prefix"]); got != want {
				t.Errorf("%s: the rule matches %s: %v", page, key, got)
			}
		}
		if event.Source != pattern.Source[0] || event.Type != pattern.Type[0] || !strings.HasSuffix(event.Subject, "/"+recordKey(t, "20261127-7f3akq2cd2kq3mzr5w7bxa4nhc")) {
			t.Errorf("%s: the event is %+v", page, event)
		}
	}
}

func recordKey(t *testing.T, id string) string {
	t.Helper()
	key, ok := objects.RecordKey(id)
	if !ok {
		t.Fatalf("%s is no id", id)
	}
	return key
}
