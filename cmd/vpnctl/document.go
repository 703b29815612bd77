package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// maxDocument is one byte more than the largest document, so that a larger one
// is refused by its rule instead of being truncated silently.
const maxDocument = 1<<20 + 1

// readDocument reads a file, or standard input for "-".
func readDocument(t *terminal, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(t.in, maxDocument))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	return io.ReadAll(io.LimitReader(f, maxDocument))
}

// isJSON reports whether a document is JSON, by the extension or, without one,
// by the first character.
func isJSON(name string, data []byte) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".json":
		return true
	case ".yaml", ".yml":
		return false
	default:
		return bytes.HasPrefix(bytes.TrimSpace(data), []byte("{"))
	}
}

// changeFlags describe a single change without a file.
type changeFlags struct {
	Region string   `help:"Region of the server, such as cn-hangzhou (with --set)."`
	Server string   `help:"Id of the server, vss-… (with --set)."`
	Set    []string `sep:"none" placeholder:"KEY=VALUE" help:"A setting by its API name, such as Port=1195; may be repeated."`
	Ref    string   `help:"Your ticket (with --set)."`
	Reason string   `help:"The reason (with --set)."`

	Confirm  string `placeholder:"TIME" help:"Undo it unless somebody confirms it in time, such as 10m or '10m proof' (with --set)."`
	When     string `placeholder:"CONDITION" help:"Wait until few clients are connected, such as 'idle(5)' (with --set)."`
	Override string `placeholder:"FREEZE" help:"Do not wait until this freeze ends; it needs a reason and approvals (with --set)."`

	Proof bool `help:"Look at the server afterwards, as a client would (with --set)."`
}

func (f changeFlags) given() bool {
	return len(f.Set) > 0 || f.Server != "" || f.Region != "" || len(f.options()) > 0
}

// options are the keys that apply to the whole document.
func (f changeFlags) options() map[string]any {
	out := map[string]any{}
	for key, text := range map[string]string{"ref": f.Ref, "reason": f.Reason, "confirm": f.Confirm, "when": f.When, "override": f.Override} {
		if text != "" {
			out[key] = text
		}
	}
	if f.Proof {
		out["proof"] = true
	}
	return out
}

// document makes the change document that the flags describe.
func (f changeFlags) document() (remote.Document, error) {
	if f.Server == "" || f.Region == "" || len(f.Set) == 0 {
		return remote.Document{}, misused("a change without a file needs --region, --server and at least one --set KEY=VALUE")
	}
	one := map[string]any{"RegionId": f.Region, "SslVpnServerId": f.Server}
	for _, pair := range f.Set {
		key, text, ok := strings.Cut(pair, "=")
		if !ok {
			return remote.Document{}, misused("--set %s: write it as KEY=VALUE", pair)
		}
		if _, twice := one[key]; twice {
			return remote.Document{}, misused("--set %s: %s is given twice", pair, key)
		}
		value, err := settingValue(change.Field(key), text)
		if err != nil {
			return remote.Document{}, misused("--set %s: %v", pair, err)
		}
		one[key] = value
	}
	doc := map[string]any{"changes": []any{one}}
	maps.Copy(doc, f.options())
	data, err := json.Marshal(doc)
	return remote.Document{Data: data, JSON: true}, err
}

// settingValue converts the text to the setting's type. The function validates
// the value.
func settingValue(field change.Field, text string) (any, error) {
	switch field.Kind() {
	case change.KindNumber:
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("%s is a whole number", field)
		}
		return n, nil
	case change.KindFlag:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return nil, fmt.Errorf("%s is true or false", field)
		}
		return b, nil
	case change.KindText:
		return text, nil
	default:
		if field == "ClientToken" {
			return text, nil
		}
		var names []string
		for _, f := range change.Fields() {
			names = append(names, string(f))
		}
		return nil, fmt.Errorf("there is no setting %s; there are %s", field, strings.Join(names, ", "))
	}
}
