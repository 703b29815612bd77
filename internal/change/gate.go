package change

import "time"

// Gate says for people whether maintenance windows and freezes let a change be sent, and
// when that changes.
type Gate struct {
	Open     bool      `json:"open"`
	OpensAt  time.Time `json:"opensAt,omitzero"`  // if it is not open; zero: not within 366 days
	ClosesAt time.Time `json:"closesAt,omitzero"` // if it is open; zero: not within 366 days
	Windows  []string  `json:"windows,omitempty"` // that apply to the change
	Freeze   string    `json:"freeze,omitempty"`  // that closes them
	Reason   string    `json:"reason,omitempty"`  // of the freeze
}
