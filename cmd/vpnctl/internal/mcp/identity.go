package mcp

import (
	"context"
	"errors"
)

// identity is the answer to GET /v1/identity.
type identity struct {
	Person    string `json:"person"`
	Assistant bool   `json:"assistant"`
	NoPolicy  bool   `json:"noPolicy"`
	May       struct {
		Read    bool `json:"read"`
		Request bool `json:"request"`
		Approve bool `json:"approve"`
		Cancel  bool `json:"cancelOthers"`
	} `json:"may"`
}

// UnfitError says why the sender must not be used for an assistant.
type UnfitError struct{ Message, Hint string }

func (e *UnfitError) Error() string { return e.Message }

// howTo says how a sender becomes fit.
const howTo = "give the assistant a sender of its own in WEBHOOK_SECRETS, and add it to the policy as " +
	"{name: robot, assistant: true, accounts: [{door: http, user: THE-SENDER}]}; see docs/mcp.md"

// identify asks who the sender is. It fails with *UnfitError for one that must not be used.
//
// What a person requests may need no approval, and a person may be an approver elsewhere,
// so an assistant never works under a person's name, whatever it would ask for.
func (f function) identify(ctx context.Context) (identity, error) {
	var who identity
	err := f.get(ctx, "/v1/identity", &who)
	if no, ok := errors.AsType[*refusedError](err); ok && no.status == 404 {
		return identity{}, &UnfitError{"the function is older than this vpnctl: it does not say who the sender is", "upgrade the function"}
	}
	switch {
	case err != nil:
		return identity{}, err
	case who.NoPolicy:
		return identity{}, &UnfitError{"the function works without a policy, so that every sender may change every server without an approval", "write a policy, and " + howTo}
	case !who.Assistant && (who.May.Request || who.May.Approve || who.May.Cancel):
		return identity{}, &UnfitError{who.Person + " is a person who may do more than read, and no assistant by the policy", howTo}
	default:
		return who, nil
	}
}

// proposes reports whether the sender may request changes.
func (i identity) proposes() bool { return i.Assistant && i.May.Request }
