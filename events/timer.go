package events

import (
	"encoding/json"
	"errors"
	"time"
)

func decodeTimer(obj object) (Event, error) {
	name := obj.text("triggerName")
	if name == "" {
		return Event{}, malformed("timer", errors.New("triggerName is empty"))
	}
	at, err := time.Parse(time.RFC3339, obj.text("triggerTime"))
	if err != nil {
		return Event{}, malformed("timer", errors.New("triggerTime is not an RFC 3339 time"))
	}
	var payload string
	if obj.has("payload") {
		if err := json.Unmarshal(obj["payload"], &payload); err != nil {
			return Event{}, malformed("timer", errors.New("payload is not text: JSON belongs into a string"))
		}
	}
	return Event{Timer: &Timer{Name: name, Time: at.UTC(), Payload: payload}}, nil
}
