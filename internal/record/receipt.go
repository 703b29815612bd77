package record

import (
	"time"

	"sslvpnchange/internal/change"
)

// ReceiptSchema names the form of a receipt.
const ReceiptSchema = "sslvpn-change/receipt/v1"

// ReceiptStatus says how a change file was taken.
type ReceiptStatus string

// The ways a change file is taken: as a whole or not at all.
const (
	FileAccepted ReceiptStatus = "accepted"
	FileRejected ReceiptStatus = "rejected"
)

// Receipt says how one change file was taken.
type Receipt struct {
	Schema       string           `json:"schema"`
	File         string           `json:"file"`
	ETag         string           `json:"eTag"`
	LastModified time.Time        `json:"lastModified"`
	Status       ReceiptStatus    `json:"status"`
	Changes      []ReceiptChange  `json:"changes"`
	Problems     []change.Problem `json:"problems"`
}

// ReceiptChange names one change of an accepted file.
type ReceiptChange struct {
	ID     string `json:"id"`
	Record string `json:"record"` // the key its record will have
}
