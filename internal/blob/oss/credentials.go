package oss

import (
	"encoding/json"
	"log/slog"
)

// Credentials sign requests. They print as their access key id alone.
type Credentials struct {
	AccessKeyID     string
	AccessKeySecret string
	SecurityToken   string // of temporary credentials; "" for a long-lived key
}

// String gives the access key id and nothing else.
func (c Credentials) String() string { return "credentials of " + c.AccessKeyID }

// GoString is String.
func (c Credentials) GoString() string { return c.String() }

// LogValue is the access key id.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.AccessKeyID) }

// MarshalJSON gives the access key id as a string.
func (c Credentials) MarshalJSON() ([]byte, error) { return json.Marshal(c.AccessKeyID) }
