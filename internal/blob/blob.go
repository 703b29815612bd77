package blob

import "time"

// Entry describes an object as listings and Head do.
type Entry struct {
	Key          string
	ETag         string // without quotes, upper case
	Size         int64
	LastModified time.Time // server's clock, whole seconds
}

// Object is an object with its content.
type Object struct {
	Entry

	Data []byte
	Now  time.Time // server's clock when it answered
}

// GetOptions narrows a Get.
type GetOptions struct {
	IfMatch string // only this ETag, else ErrChanged; "" for any
	Limit   int64  // bytes; a larger object is ErrTooLarge; 0 for DefaultLimit
}

// DefaultLimit bounds reads without a limit of their own: 4 MiB.
const DefaultLimit = 4 << 20

// ListOptions selects a page of a listing.
type ListOptions struct {
	Prefix string
	After  string // only keys after this one in byte order; "" from the start
	Max    int    // 1 to 1000 entries; 0 for 1000
}

// Page is one page of a listing in byte order.
type Page struct {
	Entries []Entry
	Next    string    // ListOptions.After of the next page; "" when this page is the last
	Now     time.Time // server's clock when it answered
}
