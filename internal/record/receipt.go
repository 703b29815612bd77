package record

import (
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// ReceiptSchema is the schema of a receipt.
const ReceiptSchema = "sslvpn-change/receipt/v1"

// ReceiptStatus says whether a change file was accepted.
type ReceiptStatus string

// A change file is accepted as a whole or rejected as a whole.
const (
	FileAccepted ReceiptStatus = "accepted"
	FileRejected ReceiptStatus = "rejected"
)

// Receipt says whether one change file was accepted, and which changes it has.
type Receipt struct {
	Schema       string           `json:"schema"`
	File         string           `json:"file"`
	ETag         string           `json:"eTag"`
	LastModified time.Time        `json:"lastModified"`
	Status       ReceiptStatus    `json:"status"`
	Changes      []ReceiptChange  `json:"changes"`
	Problems     []change.Problem `json:"problems"`
	// Earlier is the key of the receipt of an earlier upload with the same content,
	// which has these changes: this upload requested nothing.
	Earlier string `json:"earlier,omitempty"`
}

// ReceiptChange names one change of an accepted file.
type ReceiptChange struct {
	ID     string `json:"id"`
	Record string `json:"record"` // the key its record will have
	// DueAt is when it becomes due; zero in receipts of earlier versions.
	DueAt time.Time `json:"dueAt,omitzero"`
	// Approval is how many people must approve it; 0: nobody, or a receipt of an earlier
	// version.
	Approval int `json:"approval,omitempty"`
	// Window says whether it may be sent when it is due; nil: nothing closes.
	Window *change.Gate `json:"window,omitempty"`
}
