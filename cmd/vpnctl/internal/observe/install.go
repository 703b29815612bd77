package observe

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Step is one document and what is to be done with it.
type Step struct {
	Document
	Action Action

	body map[string]any // to be sent
}

// Action is what is done with a document.
type Action string

// The actions.
const (
	Create  Action = "create"
	Replace Action = "replace" // with what differs
	Keep    Action = "keep"    // it is as it should be
)

// Installer installs a Spec.
type Installer struct {
	spec   *Spec
	client *client
}

// NewInstaller checks where to install. It sends nothing.
func NewInstaller(spec *Spec, cfg Config) (*Installer, error) {
	c, err := newClient(cfg)
	if err != nil {
		return nil, err
	}
	return &Installer{spec: spec, client: c}, nil
}

// Plan reads what is there, and returns what is to be done. It changes nothing.
func (in *Installer) Plan(ctx context.Context) ([]Step, error) {
	docs := in.spec.Documents(in.client.cfg.Target)
	out := make([]Step, len(docs))
	for i, d := range docs {
		there, err := in.client.get(ctx, d)
		if err != nil {
			return nil, err
		}
		out[i] = step(d, there)
	}
	return out, nil
}

// step compares a document with what is there; nil for nothing.
func step(d Document, there map[string]any) Step {
	s := Step{Document: d, Action: Keep, body: d.Body}
	if there == nil {
		s.Action = Create
		return s
	}
	if d.Kind == KindIndex {
		s.body = merged(there, d.Body)
	}
	if !within(s.body, there) {
		s.Action = Replace
	}
	return s
}

// merged is an index with our fields, and with those that it has beside them.
func merged(there, ours map[string]any) map[string]any {
	out := maps.Clone(ours)
	keys := map[string]any{}
	if old, ok := there["keys"].(map[string]any); ok {
		maps.Copy(keys, old)
	}
	if mine, ok := ours["keys"].(map[string]any); ok {
		maps.Copy(keys, mine)
	}
	out["keys"] = keys
	return out
}

// within reports whether everything that is wanted is there. The API adds members of its
// own, such as times.
func within(want, there any) bool {
	switch w := want.(type) {
	case map[string]any:
		t, ok := there.(map[string]any)
		for k, v := range w {
			ok = ok && within(v, t[k])
		}
		return ok
	case []any:
		t, _ := there.([]any)
		return slices.EqualFunc(w, t, within)
	case int:
		return reflect.DeepEqual(float64(w), there)
	case string:
		return w == there || w == "" && there == nil
	case bool:
		return w == there || !w && there == nil
	default:
		return reflect.DeepEqual(want, there)
	}
}

// Apply does the steps in order, and calls done after each that changed something. What
// fails leaves the rest undone: Plan and Apply may be repeated.
func (in *Installer) Apply(ctx context.Context, steps []Step, done func(Step)) error {
	for i, s := range steps {
		if s.Action == Keep {
			continue
		}
		if err := in.client.put(ctx, s.Document, s.body, s.Action == Create); err != nil {
			return fmt.Errorf("%w; %d of %d are done, and the command may be repeated", err, i, len(steps))
		}
		done(s)
	}
	return nil
}
