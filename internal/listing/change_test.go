package listing_test

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/listing"
)

// TestThePagesHaveTheFormOfTheAnswer reads the example of both pages strictly, and looks
// for every field of the answer in their tables.
func TestThePagesHaveTheFormOfTheAnswer(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"../../docs/list.md", "../../docs/list.zh-CN.md"} {
		data, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		_, example, _ := strings.Cut(string(data), "```json\n")
		example, _, _ = strings.Cut(example, "```")
		dec := json.NewDecoder(strings.NewReader(example))
		dec.DisallowUnknownFields()
		var p listing.Page
		err = dec.Decode(&p) //nolint:musttag // its parts write themselves
		if err != nil || len(p.Changes) != 2 || p.Changes[0].Ended() || !p.Changes[1].Ended() || p.Next == "" {
			t.Errorf("%s: the example is %+v, error %v", page, p, err)
		}
		for _, name := range fields(reflect.TypeFor[listing.Change]()) {
			if !strings.Contains(string(data), "`changes[]."+name+"`") {
				t.Errorf("%s does not explain changes[].%s", page, name)
			}
		}
	}
}

func fields(t reflect.Type) []string {
	var out []string
	for f := range t.Fields() {
		if f.Anonymous {
			e := f.Type
			if e.Kind() == reflect.Pointer {
				e = e.Elem()
			}
			out = append(out, fields(e)...)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		out = append(out, name)
	}
	return out
}
