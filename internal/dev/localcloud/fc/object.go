package fc

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ObjectTrigger is an OSS trigger: one prefix, one suffix, no wildcard.
type ObjectTrigger struct {
	Name   string
	Prefix string
	Suffix string
	Events []string // as configured: "oss:ObjectCreated:PutObject"
}

// ObjectEvent is what happened to an object, with the payload that OSS sends
// for it.
type ObjectEvent struct {
	Name    string // with or without "oss:", which a payload's eventName lacks
	Key     string
	Payload []byte
}

// checkObjectTriggers refuses what OSS refuses: overlapping prefix and suffix
// with the same event type.
func checkObjectTriggers(triggers []ObjectTrigger) error {
	var errs []error
	for n, t := range triggers {
		if t.Name == "" {
			errs = append(errs, errors.New("an OSS trigger has no name"))
		}
		for _, o := range triggers[:n] {
			if overlap(t, o) {
				errs = append(errs, fmt.Errorf("OSS triggers %q and %q: cannot specify overlapping prefix and suffix with same event type", o.Name, t.Name))
			}
		}
	}
	return errors.Join(errs...)
}

func overlap(a, b ObjectTrigger) bool {
	either := func(has func(string, string) bool, x, y string) bool { return has(x, y) || has(y, x) }
	return either(strings.HasPrefix, a.Prefix, b.Prefix) && either(strings.HasSuffix, a.Suffix, b.Suffix) &&
		slices.ContainsFunc(a.Events, func(e string) bool { return slices.Contains(b.Events, e) })
}

func (t ObjectTrigger) matches(ev ObjectEvent) bool {
	return strings.HasPrefix(ev.Key, t.Prefix) && strings.HasSuffix(ev.Key, t.Suffix) &&
		slices.Contains(t.Events, "oss:"+strings.TrimPrefix(ev.Name, "oss:"))
}

// ObjectChanged gives an event to the OSS triggers and returns how many fired. It
// only queues, so the store may call it before it answers its client: the real
// order is not guaranteed either.
func (e *Emulator) ObjectChanged(ev ObjectEvent) (int, error) {
	fired := 0
	for _, t := range e.opts.Objects {
		if !t.matches(ev) || e.silent(t.Name) {
			continue
		}
		if _, err := e.enqueue("oss:"+t.Name, ev.Payload); err != nil {
			return fired, err
		}
		fired++
	}
	return fired, nil
}
