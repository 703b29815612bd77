package deploy

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

// State is what is deployed, as far as a later deployment must not lose it. In its
// stored form a secret is a digest under the state's own key: the file says whether a
// secret is the same, and not what it is.
type State struct {
	Format    int                 `json:"format"` // 1
	At        time.Time           `json:"at"`
	Key       string              `json:"key"`       // of the digests, hexadecimal
	Variables map[string]string   `json:"variables"` // those with a value; a digest for a secret
	Senders   map[string][]string `json:"senders"`   // the digests of their secrets
	Triggers  []string            `json:"triggers"`  // names; nil if they are not known
}

// stateFormat is the format that this version writes, and the newest that it reads.
const stateFormat = 1

// newState makes a state of the values of variables.
func newState(values map[string]string, triggers []string, at time.Time) *State {
	var key [16]byte
	_, _ = rand.Read(key[:]) // never fails
	s := &State{
		Format: stateFormat, At: at.UTC(), Key: hex.EncodeToString(key[:]),
		Variables: map[string]string{}, Senders: map[string][]string{}, Triggers: triggers,
	}
	for name, value := range values {
		if value == "" {
			continue
		}
		if known, ok := setting(name); !ok || known.Secret { // what is unknown may be a secret
			value = s.digest(value)
		}
		s.Variables[name] = value
	}
	s.Senders = s.senders(values[senders])
	return s
}

// digest stands for a secret.
func (s *State) digest(secret string) string {
	mac := hmac.New(sha256.New, []byte(s.Key))
	_, _ = mac.Write([]byte(secret)) // never fails
	return hex.EncodeToString(mac.Sum(nil))
}

// senders gives the digests of the secrets of a list of senders. An invalid list has
// none.
func (s *State) senders(list string) map[string][]string {
	out := map[string][]string{}
	parsed, err := webhook.ParseSenders(list)
	if err != nil {
		return out
	}
	for _, sender := range parsed {
		out[sender.Name] = append(out[sender.Name], s.digest(sender.Secret.Reveal()))
	}
	return out
}

// State is what the deployment of the file leaves.
func (f *File) State(triggers []string, at time.Time) *State {
	return newState(f.values, triggers, at)
}

// record is where the state of the last deployment is.
func record(path string) string { return path + ".last" }

// Save writes the state beside the file of settings.
func (s *State) Save(path string) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return replace(record(path), append(data, '\n'))
}

// Last reads the state of the last deployment; nil if there is no record of one.
//
//nolint:nilnil // no record is no error
func Last(path string) (*State, error) {
	data, err := os.ReadFile(record(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var s State
	if err := json.Unmarshal(data, &s); err != nil || s.Format < 1 || s.Key == "" || s.Variables == nil {
		return nil, fmt.Errorf("%s is damaged: delete it, and compare with the function itself by --deployed", record(path))
	}
	if s.Format > stateFormat {
		return nil, fmt.Errorf("%s was written by a newer version: deploy with that version, or delete the file and compare with the function itself by --deployed", record(path))
	}
	return &s, nil
}

// FromFunction reads a state from the answer of GetFunction of Function Compute, or
// from a JSON document that contains one, such as the output of "s info". The answer
// has no triggers, unless the document has them.
func FromFunction(data []byte, at time.Time) (*State, error) {
	var document any
	if err := json.Unmarshal(data, &document); err != nil {
		return nil, errors.New("what is deployed is not JSON: give the answer of \"aliyun fc GetFunction\"")
	}
	var found found
	found.walk(document)
	if len(found.variables) != 1 {
		return nil, fmt.Errorf("what is deployed has %d members environmentVariables, and must have one: give the answer of \"aliyun fc GetFunction\"", len(found.variables))
	}
	values := found.variables[0]
	for name, value := range values {
		if strings.Trim(value, "*") == "" && value != "" {
			return nil, fmt.Errorf("what is deployed hides the value of %s: give the answer of \"aliyun fc GetFunction\"", name)
		}
	}
	if values[Region] == "" && found.region != "" {
		values[Region] = found.region
	}
	slices.Sort(found.triggers)
	return newState(values, found.triggers, at), nil
}

// Complete adds what the answer of the function does not have: the triggers, and the
// variables that the function does not read, as the file has them.
func (s *State) Complete(f *File, triggers []string) {
	if len(s.Triggers) == 0 {
		s.Triggers = triggers
	}
	for _, known := range Settings() {
		value := f.values[known.Name]
		if s.Variables[known.Name] != "" || known.Function || value == "" {
			continue
		}
		if known.Secret {
			value = s.digest(value)
		}
		s.Variables[known.Name] = value
	}
}

// found is what a document says about a function.
type found struct {
	variables []map[string]string
	triggers  []string
	region    string
}

func (f *found) walk(node any) {
	switch node := node.(type) {
	case []any:
		for _, inner := range node {
			f.walk(inner)
		}
	case map[string]any:
		for key, inner := range node {
			text, _ := inner.(string)
			variables, ok := inner.(map[string]any)
			switch {
			case key == "environmentVariables" && ok:
				f.variables = append(f.variables, texts(variables))
			case key == "triggerName" && text != "":
				f.triggers = append(f.triggers, text)
			case key == "functionArn" && strings.Count(text, ":") >= 5: // acs:fc:cn-hangzhou:…
				f.region = strings.Split(text, ":")[2]
			default:
				f.walk(inner)
			}
		}
	}
}

func texts(m map[string]any) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		if text, ok := v.(string); ok {
			out[k] = text
		}
	}
	return out
}
