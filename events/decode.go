package events

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// object is a decoded JSON object whose members are still raw.
type object map[string]json.RawMessage

// has reports whether every key is there and not null.
func (o object) has(keys ...string) bool {
	for _, k := range keys {
		if v, ok := o[k]; !ok || string(v) == "null" {
			return false
		}
	}
	return true
}

// text returns a member that is text, or "".
func (o object) text(key string) string {
	var s text
	if raw, ok := o[key]; !ok || json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return string(s)
}

// shape is one of the forms that a JSON object can have.
type shape int

const (
	shapeHTTP shape = iota + 1
	shapeOSS
	shapeTimer
	shapeWake
	shapeDoctor
)

func (s shape) String() string {
	switch s {
	case shapeHTTP:
		return "HTTP"
	case shapeOSS:
		return "OSS"
	case shapeTimer:
		return "timer"
	case shapeWake:
		return "wake"
	case shapeDoctor:
		return "doctor"
	default:
		return "unknown"
	}
}

// Decode reads a trigger's payload. A payload that is no known event is an
// [*UnknownError]; any other error names the part of a known event that is
// missing or wrong.
func Decode(raw []byte) (Event, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return Event{}, &UnknownError{Got: "an empty payload", Why: "there is nothing to read"}
	}
	if raw[0] != '{' && json.Valid(raw) {
		return Event{}, &UnknownError{Got: "a JSON value that is no object", Why: "every event is an object"}
	}
	var obj object
	if err := json.Unmarshal(raw, &obj); err != nil {
		return Event{}, &UnknownError{Got: fmt.Sprintf("%d bytes that are not JSON", len(raw)), Why: "it cannot be parsed"}
	}
	return decodeShape(obj)
}

// shapesOf lists every shape whose fields the object has.
func shapesOf(obj object) []shape {
	var found []shape
	add := func(is bool, s shape) {
		if is {
			found = append(found, s)
		}
	}
	add(hasHTTPContext(obj), shapeHTTP)
	add(obj.has("events"), shapeOSS)
	add(obj.has("triggerName", "triggerTime"), shapeTimer)
	add(obj.has("wake"), shapeWake)
	add(obj.has("doctor"), shapeDoctor)
	return found
}

func decodeShape(obj object) (Event, error) {
	found := shapesOf(obj)
	switch len(found) {
	case 0:
		return Event{}, unknownObject(obj, "it has the fields of no trigger")
	case 1:
	default:
		return Event{}, unknownObject(obj, fmt.Sprintf("it has the fields of %v and of %v events", found[0], found[1]))
	}
	switch found[0] {
	case shapeHTTP:
		return decodeHTTP(obj)
	case shapeOSS:
		return decodeOSS(obj)
	case shapeTimer:
		return decodeTimer(obj)
	case shapeWake:
		return decodeWake(obj)
	case shapeDoctor:
		return decodeDoctor(obj)
	default:
		return Event{}, unknownObject(obj, "it has the fields of no trigger")
	}
}
