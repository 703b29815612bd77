package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// source is the eventSource of every record of OSS.
const source = "acs:oss"

// ossRecord is one element of an OSS event. Every field is optional on the
// wire.
type ossRecord struct {
	EventName        text     `json:"eventName"`
	EventSource      text     `json:"eventSource"`
	EventTime        text     `json:"eventTime"`
	OSS              *ossBody `json:"oss"`
	Region           text     `json:"region"`
	ResponseElements struct {
		RequestID text `json:"requestId"`
	} `json:"responseElements"`
	UserIdentity struct {
		PrincipalID text `json:"principalId"`
	} `json:"userIdentity"`
}

type ossBody struct {
	Bucket struct {
		ARN           text `json:"arn"`
		Name          text `json:"name"`
		OwnerIdentity text `json:"ownerIdentity"`
	} `json:"bucket"`
	Object struct {
		ETag text `json:"eTag"`
		Key  text `json:"key"`
		Size text `json:"size"`
	} `json:"object"`
}

// decodeOSS reads {"events": […]}.
func decodeOSS(obj object) (Event, error) {
	var records []ossRecord
	if err := json.Unmarshal(obj["events"], &records); err != nil {
		return Event{}, malformed("OSS", errors.New("events is not a list of OSS records"))
	}
	if len(records) == 0 {
		return Event{}, unknownObject(obj, "its events are an empty list")
	}
	out := make([]ObjectEvent, 0, len(records))
	for i := range records {
		r := &records[i]
		if r.EventSource != source {
			return Event{}, unknownObject(obj, fmt.Sprintf("the eventSource of events[%d] is not %q", i, source))
		}
		o, err := r.objectEvent()
		if err != nil {
			return Event{}, malformed("OSS", fmt.Errorf("events[%d]: %w", i, err))
		}
		out = append(out, o)
	}
	return Event{Objects: out}, nil
}

func (r *ossRecord) objectEvent() (ObjectEvent, error) {
	if r.OSS == nil {
		return ObjectEvent{}, errors.New("oss is missing")
	}
	region, account := splitBucketARN(string(r.OSS.Bucket.ARN))
	o := ObjectEvent{
		Name:        strings.TrimPrefix(string(r.EventName), "oss:"),
		Bucket:      string(r.OSS.Bucket.Name),
		Key:         string(r.OSS.Object.Key),
		ETag:        strings.ToUpper(strings.Trim(string(r.OSS.Object.ETag), `"`)),
		Region:      first(r.Region, region),
		AccountID:   first(r.OSS.Bucket.OwnerIdentity, account),
		PrincipalID: string(r.UserIdentity.PrincipalID),
		RequestID:   string(r.ResponseElements.RequestID),
		Time:        string(r.EventTime),
	}
	for _, need := range []struct{ name, value string }{
		{"eventName", o.Name},
		{"oss.bucket.name", o.Bucket},
		{"oss.object.key", o.Key},
	} {
		if need.value == "" {
			return ObjectEvent{}, fmt.Errorf("%s is missing", need.name)
		}
	}
	if s := r.OSS.Object.Size; s != "" {
		size, err := strconv.ParseInt(string(s), 10, 64)
		if err != nil || size < 0 {
			return ObjectEvent{}, errors.New("oss.object.size is not a size in bytes")
		}
		o.Size = size
	}
	return o, nil
}

// splitBucketARN reads the region and the account out of
// "acs:oss:<region>:<account>:<bucket>".
func splitBucketARN(arn string) (region, account text) {
	parts := strings.SplitN(arn, ":", 5)
	if len(parts) != 5 {
		return "", ""
	}
	return text(parts[2]), text(parts[3])
}

func first(values ...text) string {
	for _, v := range values {
		if v != "" {
			return string(v)
		}
	}
	return ""
}
