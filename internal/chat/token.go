package chat

import (
	"context"
	"math"
	"time"
)

// accessToken keeps an access token until it ends. One caller at a time
// asks for a new one; the others wait for that.
type accessToken struct {
	now   func() time.Time
	turn  chan struct{}
	value string
	until time.Time
}

func newAccessToken() *accessToken {
	return &accessToken{now: time.Now, turn: make(chan struct{}, 1)}
}

// get returns the token, or fetches another one than refused, which the platform
// no longer took.
func (t *accessToken) get(ctx context.Context, refused string, fetch func(context.Context) (string, int64, error)) (string, error) {
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return "", &SendError{Again: true, Code: "timeout", Message: "the time was over before there was an access token"}
	}
	if t.value != "" && t.value != refused && t.now().Before(t.until) {
		return t.value, nil
	}
	asked := t.now()
	value, seconds, err := fetch(ctx)
	if err != nil {
		return "", err
	}
	// Nine tenths of its life, so that it does not end on the way.
	life := time.Duration(min(max(seconds, 0), math.MaxInt32)) * time.Second
	t.value, t.until = value, asked.Add(life/10*9)
	return value, nil
}
