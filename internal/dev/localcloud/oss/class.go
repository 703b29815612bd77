package oss

import (
	"cmp"
	"fmt"
	"net/http"
)

const standard = "Standard"

// class is the storage class that a request asks for; "" for Standard.
func class(h http.Header) string {
	if c := h.Get("X-Oss-Storage-Class"); c != standard {
		return c
	}
	return ""
}

// archived reports whether the object must be restored before it can be read.
func (o *object) archived() bool {
	switch o.Class {
	case "Archive", "ColdArchive", "DeepColdArchive":
		return true
	default:
		return false
	}
}

func (o *object) class() string { return cmp.Or(o.Class, standard) }

func errArchived() *apiError {
	return fault(http.StatusForbidden, "InvalidObjectState", "0016-00000401", "The operation is not valid for the object's state")
}

// SetClass changes an object's storage class as a lifecycle rule does: without a new
// Last-Modified, and without an event.
func (e *Emulator) SetClass(bucket, key, class string) error {
	b := e.bucket(bucket)
	if b == nil {
		return fmt.Errorf("no bucket %q", bucket)
	}
	if err := b.edit(key, func(o *object) { o.Class = class }); err != nil {
		return fmt.Errorf("object %q: %w", key, err)
	}
	return nil
}
