package reconcile

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/lane"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// storedState is the stored form of state: the "state" of a lane's generation.
// This package alone writes and reads it. Fields may be added: readers ignore
// those that they do not know, and a missing one means "nothing". The name, the
// type and the meaning of a field never change, here and in every stored type
// below. testdata/stored/state has a sample of every version.
type storedState struct {
	Intent  *storedIntent   `json:"intent,omitempty"`
	Decided *storedDecision `json:"decided,omitempty"`
	Apart   []string        `json:"apart,omitempty"` // state.Separate
	Wait    *storedWait     `json:"wait,omitempty"`
	Stalls  []storedStall   `json:"stalls,omitempty"` // state.Waits.Past
	Spent   storedSpent     `json:"spent,omitzero"`   // state.Cost
	Past    []storedPast    `json:"past,omitempty"`
	Armed   *storedArmed    `json:"armed,omitempty"`
}

type storedArmed struct {
	ID    string             `json:"id"`
	Key   string             `json:"key"`
	Of    string             `json:"of"`
	Due   time.Time          `json:"dueAt"`
	Proof bool               `json:"proof,omitempty"`
	Done  []storedDifference `json:"done"`
}

type storedIntent struct {
	Token          string          `json:"token"`
	Patch          storedSettings  `json:"patch"`
	Asked          storedSettings  `json:"asked"`
	Before         storedSettings  `json:"before,omitempty"`
	After          storedSettings  `json:"after,omitempty"`
	Readable       bool            `json:"readable"`
	GatewayID      string          `json:"vpnGatewayId,omitempty"`
	Connected      int             `json:"connected,omitempty"`
	MaxConnections int             `json:"maxConnections,omitempty"` // 0: neither is known
	Keys           []string        `json:"keys"`
	Outcomes       []storedOutcome `json:"outcomes"`
	StartedAt      time.Time       `json:"startedAt"`
	FirstEnd       time.Time       `json:"firstEnd"`
	LastEnd        time.Time       `json:"lastEnd"`
	Accepted       bool            `json:"accepted,omitempty"`
	AgedNs         int64           `json:"agedNs,omitempty"`
	Doubted        time.Time       `json:"doubted,omitzero"`
	Refusal        *storedRefusal  `json:"refusal,omitempty"`
	Withdrawn      bool            `json:"withdrawn,omitempty"`
	WatchedNs      int64           `json:"watchedNs,omitempty"`
	Answers        *storedAnswers  `json:"answers,omitempty"`
	Idle           int             `json:"idle,omitempty"`
	Override       string          `json:"override,omitempty"`
	Sent           bool            `json:"sent,omitempty"`
	ConfirmMs      int64           `json:"confirmMs,omitempty"` // intent.Confirm.For
	Prove          bool            `json:"prove,omitempty"`     // intent.Confirm.Proof
	Look           *storedLook     `json:"look,omitempty"`
}

type storedAnswers struct {
	Sends     int            `json:"sends,omitempty"`
	Count     int            `json:"count,omitempty"`
	First     time.Time      `json:"first,omitzero"`
	Last      time.Time      `json:"last,omitzero"`
	Failure   *storedFailure `json:"failure,omitempty"`
	Next      time.Time      `json:"nextAt,omitzero"`
	Landed    time.Time      `json:"landedAt,omitzero"` // zero only if definite
	Unchanged bool           `json:"unchanged,omitempty"`
	Definite  bool           `json:"definite,omitempty"`
	At        time.Time      `json:"at"`
}

type storedRefusal struct {
	At      time.Time     `json:"at"`
	Split   bool          `json:"split"` // refusal.Separately
	Failure storedFailure `json:"failure"`
}

type storedDecision struct {
	Before         storedSettings `json:"before,omitempty"`
	After          storedSettings `json:"after,omitempty"`
	GatewayID      string         `json:"vpnGatewayId,omitempty"`
	Connected      int            `json:"connected,omitempty"`
	MaxConnections int            `json:"maxConnections,omitempty"` // 0: neither is known
	Token          string         `json:"token,omitempty"`
	Verified       bool           `json:"verified"`
	StartedAt      time.Time      `json:"startedAt"`
	FinishedAt     time.Time      `json:"finishedAt"`
	Stalls         []storedStall  `json:"stalls,omitempty"` // decision.Waits
	Spent          storedSpent    `json:"spent"`            // decision.Cost
	Items          []storedItem   `json:"items"`
	Merged         []string       `json:"merged,omitempty"`
	Armed          *storedArmed   `json:"armed,omitempty"`
	Look           *storedLook    `json:"look,omitempty"`
	Version        string         `json:"version,omitempty"` // missing: of a version before v0.1.0
}

type storedLook struct {
	At         time.Time         `json:"at"`
	Probe      probe.Result      `json:"probe"`
	Reason     probe.Reason      `json:"reason,omitempty"`
	Connected  *int              `json:"connected,omitempty"`
	NotCounted record.NotCounted `json:"notCounted,omitempty"`
}

// storedSettings holds values of settings by their names in the API: strings,
// whole numbers and booleans.
type storedSettings map[string]change.Value

type storedOutcome struct {
	ID           string             `json:"id"`
	Status       string             `json:"status"`
	Changed      []storedDifference `json:"changed,omitempty"`
	SupersededBy map[string]string  `json:"supersededBy,omitempty"` // ids of changes by names of settings
	Problems     []storedProblem    `json:"problems,omitempty"`
	Votes        []storedVote       `json:"votes,omitempty"`
}

type storedItem struct {
	storedOutcome

	Key     string         `json:"key"`
	Failure *storedFailure `json:"failure,omitempty"`
}

type storedDifference struct {
	Field string       `json:"field"`
	From  change.Value `json:"from"`
	To    change.Value `json:"to"`
}

type storedProblem struct {
	Path    string `json:"path"`
	Line    int    `json:"line,omitempty"`
	Rule    string `json:"rule"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

type storedVote struct {
	Word    string    `json:"word"` // change.Vote.Kind
	Person  string    `json:"person"`
	Account string    `json:"account"`
	At      time.Time `json:"at"`
	Showing string    `json:"showing,omitempty"` // change.Vote.Digest
	Reason  string    `json:"reason,omitempty"`
	Until   time.Time `json:"until,omitzero"`
	Lapses  time.Time `json:"lapsesAt,omitzero"`
}

type storedFailure struct {
	Code      string `json:"code"`
	Class     string `json:"class"`
	Message   string `json:"message"`
	Hint      string `json:"hint,omitempty"`
	RequestID string `json:"requestId,omitempty"`
}

type storedWait struct {
	Cause string    `json:"cause"`
	Why   string    `json:"why"`
	Since time.Time `json:"since"`
	Next  time.Time `json:"next"`
	Hold  bool      `json:"hold,omitempty"`
	// Connected is missing except for the cause clients, and Settings except for clients
	// and window.
	Connected int               `json:"connected,omitempty"`
	Settings  []string          `json:"settings,omitempty"`
	Gateway   string            `json:"vpnGatewayId,omitempty"` // missing except for the cause gateway
	Holders   map[string]string `json:"holders,omitempty"`      // ids of changes by names of settings
	Chain     int64             `json:"chain,omitempty"`        // missing: that of the generation itself
	// Of the cause window.
	Windows []string  `json:"windows,omitempty"`
	Freeze  string    `json:"freeze,omitempty"`
	Opens   time.Time `json:"opensAt,omitzero"` // missing: it does not open in the time that is looked at
}

type storedStall struct {
	Cause string    `json:"cause"`
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
}

type storedSpent struct {
	VPCCalls    int             `json:"vpcCalls,omitempty"`
	OSSRequests int             `json:"ossRequests,omitempty"`
	Invocations int             `json:"invocations,omitempty"`
	Attempts    []storedAttempt `json:"attempts,omitempty"`
}

type storedAttempt struct {
	At         time.Time `json:"at"`
	Action     string    `json:"action"`
	HTTPStatus int       `json:"httpStatus"`
	Code       string    `json:"code,omitempty"`
	Class      string    `json:"class,omitempty"`
	RequestID  string    `json:"requestId,omitempty"`
	DurationMs int64     `json:"durationMs"`
}

type storedPast struct {
	ID     string    `json:"id"`
	Status string    `json:"status"`
	At     time.Time `json:"at"`
}

// readState decodes what a generation says. It refuses what is not whole: no
// modification must be verified, and no change recorded, from a part of what was
// stored of it.
func readState(h lane.Head) (state, error) {
	if len(h.State) == 0 {
		return state{}, nil
	}
	var s storedState
	err := json.Unmarshal(h.State, &s)
	if err == nil {
		err = s.check()
	}
	if err != nil {
		return state{}, fmt.Errorf("the state in %s is not whole: delete this object, and the generation before it counts again "+
			"(only the function may write below lanes/): %w", h.Key, err)
	}
	return s.state(), nil
}

func (s *storedState) check() error {
	if s.Intent != nil {
		if err := s.Intent.check(); err != nil {
			return fmt.Errorf("intent: %w", err)
		}
	}
	if err := s.Armed.check(); err != nil {
		return fmt.Errorf("armed: %w", err)
	}
	d := s.Decided
	if d == nil {
		return nil
	}
	if len(d.Items) == 0 && d.StartedAt.IsZero() && d.Token == "" && len(d.Merged) == 0 {
		// Earlier versions wrote this when every change of an intent had been
		// deleted before it was sent. There is nothing to record.
		s.Decided = nil
		return nil
	}
	if err := d.check(); err != nil {
		return fmt.Errorf("decision: %w", err)
	}
	return nil
}

func (in *storedIntent) check() error {
	switch {
	case in.Token == "":
		return errors.New("token is missing")
	case !in.Patch.whole():
		return errors.New("patch is missing or has an empty value")
	case !in.Asked.whole():
		return errors.New("asked is missing or has an empty value")
	case len(in.Keys) == 0 || slices.Contains(in.Keys, ""):
		return errors.New("keys are missing")
	case len(in.Keys) != len(in.Outcomes):
		return fmt.Errorf("%d keys have %d outcomes", len(in.Keys), len(in.Outcomes))
	}
	if err := in.Answers.check(); err != nil {
		return fmt.Errorf("answers: %w", err)
	}
	for _, o := range in.Outcomes {
		refused := o.Status == string(change.Rejected) || o.Status == string(change.Failed)
		if o.ID == "" || o.Status == "" || refused && len(o.Problems) == 0 {
			return fmt.Errorf("outcome of %q with status %q is not whole", o.ID, o.Status)
		}
	}
	return nil
}

func (a *storedAnswers) check() error {
	switch {
	case a == nil:
		return nil
	case a.At.IsZero() || a.Landed.IsZero() && !a.Definite:
		return errors.New("at or landedAt is missing")
	case a.Sends < 0 || a.Count < 0 || a.Count > a.Sends:
		return fmt.Errorf("%d answers to %d sends", a.Count, a.Sends)
	case a.Count > 0 && (a.First.IsZero() || a.Last.IsZero() || a.Failure == nil || a.Failure.Code == ""):
		return errors.New("first, last or failure is missing")
	default:
		return nil
	}
}

func (d *storedDecision) check() error {
	if len(d.Items) == 0 {
		return errors.New("items are missing")
	}
	if err := d.Armed.check(); err != nil {
		return fmt.Errorf("armed: %w", err)
	}
	for _, it := range d.Items {
		if it.Key == "" || it.ID == "" || it.Status == "" {
			return fmt.Errorf("item of %q with status %q and key %q is not whole", it.ID, it.Status, it.Key)
		}
	}
	return nil
}

func (a *storedArmed) check() error {
	if a != nil && (a.ID == "" || a.Key == "" || a.Of == "" || a.Due.IsZero() || len(a.Done) == 0) {
		return errors.New("id, key, of, dueAt or done is missing")
	}
	return nil
}

// whole reports whether there is a setting, and each has a value.
func (s storedSettings) whole() bool {
	for _, v := range s {
		if v.IsZero() {
			return false
		}
	}
	return len(s) > 0
}
