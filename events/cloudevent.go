package events

import (
	"encoding/json"
	"errors"
	"fmt"
)

// decodeCloud reads one CloudEvent (version 1.0, JSON form) that EventBridge
// made of an OSS record. What stands in data is not documented: both one record
// and a list of records are taken.
func decodeCloud(obj object) (Event, error) {
	if obj.text("source") != cloudSource {
		return Event{}, unknownObject(obj, fmt.Sprintf("it is a CloudEvent whose source is not %q", cloudSource))
	}
	var data struct {
		ossRecord

		Events []ossRecord `json:"events"`
	}
	if err := json.Unmarshal(obj["data"], &data); err != nil {
		return Event{}, malformed("CloudEvents", errors.New("data is missing or is not an OSS record"))
	}
	records := data.Events
	switch {
	case data.OSS != nil && len(records) > 0:
		return Event{}, malformed("CloudEvents", errors.New("data has both oss and events"))
	case data.OSS != nil:
		records = []ossRecord{data.ossRecord}
	case len(records) == 0:
		return Event{}, malformed("CloudEvents", errors.New("data has neither oss nor events"))
	}
	out := make([]ObjectEvent, 0, len(records))
	for i := range records {
		r := &records[i]
		r.fillFromEnvelope(obj)
		o, err := r.objectEvent()
		if err != nil {
			return Event{}, malformed("CloudEvents", fmt.Errorf("data, record %d: %w", i+1, err))
		}
		out = append(out, o)
	}
	return Event{Objects: out}, nil
}

// fillFromEnvelope takes from the envelope what the record itself leaves out.
func (r *ossRecord) fillFromEnvelope(envelope object) {
	fill := func(dst *text, key string) {
		if *dst == "" {
			*dst = text(envelope.text(key))
		}
	}
	fill(&r.EventName, "type")
	fill(&r.EventTime, "time")
	if r.OSS != nil {
		if r.Region == "" {
			fill(&r.OSS.Region, "aliyunregionid")
		}
		if region, account := splitBucketARN(string(r.OSS.Bucket.ARN)); region == "" || account == "" {
			fill(&r.OSS.Bucket.OwnerIdentity, "aliyunaccountid")
		}
	}
}

// decodeCloudArray reads the batches that EventBridge's streams deliver.
func decodeCloudArray(raw []byte) (Event, error) {
	const got = "a JSON array"
	var list []object
	if err := json.Unmarshal(raw, &list); err != nil {
		return Event{}, &UnknownError{Got: got, Why: "it does not hold objects only"}
	}
	if len(list) == 0 {
		return Event{}, &UnknownError{Got: got, Why: "it is empty"}
	}
	var out []ObjectEvent
	for i, obj := range list {
		if found := shapesOf(obj); len(found) != 1 || found[0] != shapeCloud {
			return Event{}, &UnknownError{Got: got, Why: fmt.Sprintf("element %d is not a CloudEvent", i+1)}
		}
		e, err := decodeCloud(obj)
		if err != nil {
			return Event{}, fmt.Errorf("element %d: %w", i+1, err)
		}
		out = append(out, e.Objects...)
	}
	return Event{Objects: out}, nil
}
