package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
)

// claimSchema names the form of a claim.
const claimSchema = "sslvpn-change/claim/v1"

// storedClaim is claims/<hash>.json. The intake of any version writes it once
// and the intake of any later version reads it, up to 30 days later, when the
// sweep deletes it. Fields may be added; a name, a type or a meaning never
// changes.
type storedClaim struct {
	Schema   string         `json:"schema"`
	Identity string         `json:"identity"`
	At       time.Time      `json:"at"`
	Hash     string         `json:"hash"`
	IDs      []string       `json:"ids"`
	Document string         `json:"document,omitempty"` // of the ids; missing: of 10 characters
	Admitted storedAdmitted `json:"admitted,omitzero"`
	Place    *storedPlace   `json:"place,omitempty"` // of a ClientToken's change
	Read     *storedReading `json:"read,omitempty"`  // of a tick that names its document
}

type storedAdmitted struct {
	Person    string `json:"person,omitempty"`
	Assistant bool   `json:"assistant,omitempty"`
	Approvals []int  `json:"approvals,omitempty"`
	// Confirm has a text for each change, as ParseConfirmation reads it; "" for none.
	Confirm []string `json:"confirm,omitempty"`
	// Windows are what windows and freezes said, each once, and WindowOf the number of that
	// of each change, from 1; 0: nothing. Missing: nothing for all.
	Windows  []storedWindow `json:"windows,omitempty"`
	WindowOf []int          `json:"windowOf,omitempty"`
}

// storedWindow is the stored form of a change.Gate.
type storedWindow struct {
	Open     bool      `json:"open"`
	OpensAt  time.Time `json:"opensAt,omitzero"`
	ClosesAt time.Time `json:"closesAt,omitzero"`
	Windows  []string  `json:"windows,omitempty"`
	Freeze   string    `json:"freeze,omitempty"`
	Reason   string    `json:"reason,omitempty"`
}

// store adds the windows of the changes. Many changes have the same.
func (s *storedAdmitted) store(windows []*change.Gate) {
	if !slices.ContainsFunc(windows, func(w *change.Gate) bool { return w != nil }) {
		return
	}
	s.WindowOf = make([]int, len(windows))
	for i, w := range windows {
		if w == nil {
			continue
		}
		at := slices.IndexFunc(s.Windows, func(other storedWindow) bool { return sameWindow(other, storedWindow(*w)) })
		if at < 0 {
			at = len(s.Windows)
			s.Windows = append(s.Windows, storedWindow(*w))
		}
		s.WindowOf[i] = at + 1
	}
}

func sameWindow(a, b storedWindow) bool {
	return a.Open == b.Open && a.OpensAt.Equal(b.OpensAt) && a.ClosesAt.Equal(b.ClosesAt) && a.Freeze == b.Freeze && a.Reason == b.Reason &&
		slices.Equal(a.Windows, b.Windows)
}

// windows are what store stored.
func (s *storedAdmitted) windows() ([]*change.Gate, error) {
	if s.WindowOf == nil {
		return nil, nil
	}
	out := make([]*change.Gate, len(s.WindowOf))
	for i, n := range s.WindowOf {
		switch {
		case n < 0 || n > len(s.Windows):
			return nil, fmt.Errorf("there is no window %d", n)
		case n > 0:
			w := change.Gate(s.Windows[n-1])
			out[i] = &w
		}
	}
	return out, nil
}

func (a admission) stored() storedAdmitted {
	s := storedAdmitted{Person: a.Person, Assistant: a.Assistant, Approvals: a.Approvals}
	s.store(a.Windows)
	for _, c := range a.Confirm {
		s.Confirm = append(s.Confirm, c.String())
	}
	return s
}

func (s *storedAdmitted) admission() (admission, error) {
	windows, err := s.windows()
	if err != nil {
		return admission{}, err
	}
	a := admission{Person: s.Person, Assistant: s.Assistant, Approvals: s.Approvals, Windows: windows}
	for _, text := range s.Confirm {
		var c change.Confirmation
		if text != "" {
			var p *change.Problem
			if c, p = change.ParseConfirmation(text); p != nil {
				return admission{}, errors.New(p.Message)
			}
		}
		a.Confirm = append(a.Confirm, c)
	}
	return a, nil
}

type storedPlace struct {
	Document  string    `json:"document"`
	Index     int       `json:"index"`
	DueAt     time.Time `json:"dueAt"`
	ExpiresAt time.Time `json:"expiresAt"`
}

type storedReading struct {
	Data    []byte         `json:"data,omitempty"`
	Format  string         `json:"format,omitempty"`
	Problem *storedProblem `json:"problem,omitempty"`
}

type storedProblem struct {
	Path    string `json:"path"`
	Line    int    `json:"line,omitempty"`
	Rule    string `json:"rule"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// storedWake is wake/<region>/<server>, for people who look at the bucket. The
// function never reads it. Fields may be added.
type storedWake struct {
	RungAt string `json:"rungAt"`
	By     string `json:"by"`
}

// encode gives the stored form of a claim.
func (c claim) encode() ([]byte, error) {
	s := storedClaim{
		Schema: claimSchema, Identity: c.Identity, At: c.At, Hash: c.Hash, IDs: c.IDs, Document: c.Document,
		Admitted: c.Admitted.stored(),
	}
	if c.Place != nil {
		p := storedPlace(*c.Place)
		s.Place = &p
	}
	if c.Read != nil {
		s.Read = &storedReading{Data: c.Read.Data, Format: string(c.Read.Format)}
		if c.Read.Problem != nil {
			p := storedProblem(*c.Read.Problem)
			s.Read.Problem = &p
		}
	}
	return json.Marshal(s)
}

// decodeClaim reads a stored claim. It refuses one of another form, and one
// that lacks what every claim has.
func decodeClaim(data []byte) (claim, error) {
	var s storedClaim
	if err := json.Unmarshal(data, &s); err != nil {
		return claim{}, err
	}
	switch {
	case s.Schema != claimSchema:
		return claim{}, fmt.Errorf("schema %.60q is not %s", s.Schema, claimSchema)
	case s.Identity == "" || s.At.IsZero() || s.Hash == "":
		return claim{}, errors.New("identity, time or hash is missing")
	case s.Document != "" && !change.IsDocumentID(s.Document):
		return claim{}, fmt.Errorf("document %.60q is none", s.Document)
	}
	admitted, err := s.Admitted.admission()
	if err != nil {
		return claim{}, err
	}
	c := claim{Identity: s.Identity, At: s.At, Hash: s.Hash, IDs: s.IDs, Document: s.Document, Admitted: admitted}
	if s.Place != nil {
		p := place(*s.Place)
		c.Place = &p
	}
	if s.Read != nil {
		c.Read = &reading{Data: s.Read.Data, Format: manifest.Format(s.Read.Format)}
		if s.Read.Problem != nil {
			p := change.Problem(*s.Read.Problem)
			c.Read.Problem = &p
		}
	}
	return c, nil
}
