package chat

import (
	"context"
	"math"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

// AccessToken caches the token with which an app calls its platform's API. One
// caller at a time fetches a new one; the others wait for it. Make one with
// NewAccessToken.
type AccessToken struct {
	now   func() time.Time
	fetch func(context.Context, Doer) (value string, seconds int64, err error)

	turn  chan struct{}
	value secret.Text
	until time.Time
}

// NewAccessToken makes an empty cache. fetch requests a token and returns how
// many seconds it is valid; it fails with *SendError.
func NewAccessToken(now func() time.Time, fetch func(context.Context, Doer) (value string, seconds int64, err error)) *AccessToken {
	return &AccessToken{now: now, fetch: fetch, turn: make(chan struct{}, 1)}
}

// Use calls send with the token. When the platform rejects the token, which can
// be revoked early, it calls send once more with a new one.
func (t *AccessToken) Use(ctx context.Context, client Doer, send func(token secret.Text) (rejected bool, err error)) error {
	token, err := t.get(ctx, client, secret.Text{})
	if err != nil {
		return err
	}
	rejected, err := send(token)
	if !rejected {
		return err
	}
	if token, err = t.get(ctx, client, token); err != nil {
		return err
	}
	_, err = send(token)
	return err
}

// get returns the cached token, or fetches one if there is none but the
// rejected one.
func (t *AccessToken) get(ctx context.Context, client Doer, rejected secret.Text) (secret.Text, error) {
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return secret.Text{}, &SendError{Again: true, Code: CodeTimeout, Message: "no access token was available in time"}
	}
	if !t.value.IsZero() && !t.value.Equal(rejected) && t.now().Before(t.until) {
		return t.value, nil
	}
	begin := t.now()
	value, seconds, err := t.fetch(ctx, client)
	if err != nil {
		return secret.Text{}, err
	}
	// Nine tenths of its lifetime, so that it does not expire in transit.
	life := time.Duration(min(max(seconds, 0), math.MaxInt32)) * time.Second
	t.value, t.until = secret.New(value), begin.Add(life/10*9)
	return t.value, nil
}
