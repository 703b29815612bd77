package oss

import (
	"encoding/json"
	"time"
)

// The events of creations that the emulator has.
const (
	PutObjectEvent    = "ObjectCreated:PutObject"
	CopyObjectEvent   = "ObjectCreated:CopyObject"
	PostObjectEvent   = "ObjectCreated:PostObject"
	AppendObjectEvent = "ObjectCreated:AppendObject"
	MultipartEvent    = "ObjectCreated:CompleteMultipartUpload"
)

// LocalFile is the principal of files that were copied into the folder, which
// are PutObject events.
const LocalFile = "local-file"

// Event says that an object was created.
type Event struct {
	Name      string // one of the constants above
	Region    string
	AccountID string
	Bucket    string
	Key       string
	ETag      string // upper case, without quotes
	Size      int64
	DeltaSize int64 // Size less that of the object before
	Time      time.Time
	Principal string // who wrote it: an account, a RAM user, LocalFile
	RequestID string // of the write
	SourceIP  string
}

// EventJSON is the payload that a native OSS trigger gives a function, with one
// event.
//
// Documented: the shape and eTag; no order is guaranteed. Own choice: the ids
// that only a real trigger has.
func EventJSON(e Event) []byte {
	type object struct {
		DeltaSize int64  `json:"deltaSize"`
		ETag      string `json:"eTag"`
		Key       string `json:"key"`
		Size      int64  `json:"size"`
	}
	type bucket struct {
		ARN           string `json:"arn"`
		Name          string `json:"name"`
		OwnerIdentity string `json:"ownerIdentity"`
		VirtualBucket string `json:"virtualBucket"`
	}
	type record struct {
		EventName    string `json:"eventName"`
		EventSource  string `json:"eventSource"`
		EventTime    string `json:"eventTime"`
		EventVersion string `json:"eventVersion"`
		OSS          struct {
			Bucket           bucket `json:"bucket"`
			Object           object `json:"object"`
			OSSSchemaVersion string `json:"ossSchemaVersion"`
			RuleID           string `json:"ruleId"`
		} `json:"oss"`
		Region            string            `json:"region"`
		RequestParameters map[string]string `json:"requestParameters"`
		ResponseElements  map[string]string `json:"responseElements"`
		UserIdentity      map[string]string `json:"userIdentity"`
	}
	r := record{
		EventName: e.Name, EventSource: "acs:oss", EventVersion: "1.0", Region: e.Region,
		EventTime:         e.Time.UTC().Format("2006-01-02T15:04:05.000Z"),
		RequestParameters: map[string]string{"sourceIPAddress": e.SourceIP},
		ResponseElements:  map[string]string{"requestId": e.RequestID},
		UserIdentity:      map[string]string{"principalId": e.Principal},
	}
	r.OSS.Bucket = bucket{
		ARN: "acs:oss:" + e.Region + ":" + e.AccountID + ":" + e.Bucket, Name: e.Bucket, OwnerIdentity: e.AccountID,
	}
	r.OSS.Object = object{DeltaSize: e.DeltaSize, ETag: e.ETag, Key: e.Key, Size: e.Size}
	r.OSS.OSSSchemaVersion, r.OSS.RuleID = "1.0", "local"
	out, err := json.Marshal(map[string][]record{"events": {r}})
	if err != nil {
		return nil // strings and numbers always marshal
	}
	return out
}

func (e *Emulator) notify(name string, b *bucket, o *object, before int64, who, requestID, ip string) {
	if e.opts.Notify == nil {
		return
	}
	e.opts.Notify(Event{
		Name: name, Region: e.opts.Region, AccountID: e.opts.AccountID, Bucket: b.name, Key: o.Key, ETag: o.ETag,
		Size: o.Size, DeltaSize: o.Size - before, Time: o.LastModified, Principal: who, RequestID: requestID, SourceIP: ip,
	})
}
