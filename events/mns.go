package events

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
)

// decodeMessage reads the message of an MNS topic that OSS notifies: the
// records as JSON in base64 (what OSS sends), as JSON text, or as JSON itself.
func decodeMessage(raw json.RawMessage) (Event, error) {
	content := []byte(raw)
	var s string
	if json.Unmarshal(raw, &s) == nil {
		content = []byte(s)
	}
	obj, err := messageObject(content)
	if err != nil {
		return Event{}, malformed("MNS", err)
	}
	if found := shapesOf(obj); len(found) != 1 || found[0] != shapeOSS {
		return Event{}, malformed("MNS", errors.New("the message does not hold OSS events"))
	}
	return decodeNative(obj)
}

// decodeBareMessage reads a message that came without any envelope (a topic
// with the notification format STREAM).
func decodeBareMessage(raw []byte) (Event, error) {
	got := "a JSON value that is no object"
	if !json.Valid(raw) {
		got = "bytes that are not JSON"
	}
	content := raw
	var s string
	if json.Unmarshal(raw, &s) == nil {
		content = []byte(s)
	}
	obj, err := messageObject(content)
	if err != nil {
		return Event{}, &UnknownError{Got: got, Why: "it is no message of OSS either"}
	}
	if found := shapesOf(obj); len(found) != 1 || found[0] != shapeOSS {
		return Event{}, &UnknownError{Got: got, Why: "it is no message of OSS either"}
	}
	return decodeNative(obj)
}

// messageObject parses a JSON object, plain or in base64.
func messageObject(content []byte) (object, error) {
	content = bytes.TrimSpace(content)
	if !bytes.HasPrefix(content, []byte("{")) {
		plain := make([]byte, base64.StdEncoding.DecodedLen(len(content)))
		n, err := base64.StdEncoding.Decode(plain, content)
		if err != nil {
			return nil, errors.New("the message is neither a JSON object nor base64 of one")
		}
		content = plain[:n]
	}
	var obj object
	if err := json.Unmarshal(content, &obj); err != nil || obj == nil {
		return nil, errors.New("the message is neither a JSON object nor base64 of one")
	}
	return obj, nil
}
