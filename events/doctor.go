package events

import (
	"encoding/json"
	"errors"
	"strings"
)

// decodeDoctor reads {"doctor": {"run": …, "fail": …}}, which the function sends to
// itself. Anybody who may invoke the function can send it as well. All that it does is
// to store a note that it arrived, so it is bounded, and not authenticated.
func decodeDoctor(obj object) (Event, error) {
	var d Doctor
	if err := json.Unmarshal(obj["doctor"], &d); err != nil {
		return Event{}, malformed("doctor", errors.New("doctor is not an object with a run"))
	}
	if len(d.Run) != 26 || strings.Trim(d.Run, "abcdefghijklmnopqrstuvwxyz234567") != "" {
		return Event{}, malformed("doctor", errors.New("doctor.run is not the name of a run"))
	}
	return Event{Doctor: &d}, nil
}
