package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// What Feishu and WeCom share: a signed time of ten digits, an access token to
// post as an app, API answers with a code in them, and text without a format.

// feishuWecomTolerance is how far a signed time may be off.
const feishuWecomTolerance = 5 * time.Minute

// feishuWecomMaxAnswer bounds what is read of an API's answer.
const feishuWecomMaxAnswer = 64 << 10

// feishuWecomFresh reads a signed time. It has exactly ten digits: the signed
// text has no separator, so that of another length could be cut elsewhere.
func feishuWecomFresh(text string, now time.Time) (time.Time, Reason) {
	if len(text) != 10 || strings.Trim(text, "0123456789") != "" {
		return time.Time{}, ReasonTimestamp
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, ReasonTimestamp
	}
	at := time.Unix(seconds, 0).UTC()
	switch {
	case now.Sub(at) > feishuWecomTolerance:
		return time.Time{}, ReasonTooOld
	case at.Sub(now) > feishuWecomTolerance:
		return time.Time{}, ReasonTooNew
	default:
		return at, ""
	}
}

// feishuWecomName tells whether s is an id: letters, digits and marks that mean
// nothing in a path, a header or a list of accounts.
func feishuWecomName(s, marks string, most int) bool {
	if s == "" || len(s) > most {
		return false
	}
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune(marks, r) {
			return false
		}
	}
	return true
}

// feishuWecomPlain takes out of a text what a client might act on: control and
// invisible characters, those that change the direction, the beginning of tags
// such as <at> and <@>, and the schemes that make a link of what follows.
func feishuWecomPlain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '<':
			return '＜'
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		default:
			return r
		}
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.ReplaceAll(s, "://", "：//")
}

// feishuWecomCut shortens a text to at most limit bytes, and shows that it did.
func feishuWecomCut(s string, limit int) string {
	const more = "…"
	if len(s) <= limit {
		return s
	}
	end := max(0, limit-len(more))
	for end > 0 && s[end]&0xC0 == 0x80 {
		end--
	}
	return s[:end] + more
}

// feishuWecomMark is a mark as a sign before the title.
func feishuWecomMark(m Mark) string {
	switch m {
	case Done:
		return "✅ "
	case Waits:
		return "⏳ "
	case Refused:
		return "⛔ "
	case Info:
		return "ℹ️ "
	default:
		return ""
	}
}

// feishuWecomToken keeps an access token until it ends. One caller at a time
// asks for a new one; the others wait for that.
type feishuWecomToken struct {
	now   func() time.Time
	turn  chan struct{}
	value string
	until time.Time
}

func newFeishuWecomToken() *feishuWecomToken {
	return &feishuWecomToken{now: time.Now, turn: make(chan struct{}, 1)}
}

// get returns the token, or fetches another one than refused, which the platform
// no longer took.
func (t *feishuWecomToken) get(ctx context.Context, refused string, fetch func(context.Context) (string, int64, error)) (string, error) {
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

// feishuWecomCall sends a request with a JSON body, or without one if body is
// nil, and returns the status and the beginning of the answer. It fails with
// *SendError, whose text does not hold the address: addresses hold tokens.
func feishuWecomCall(ctx context.Context, client Doer, method, address, bearer string, body any) (int, []byte, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, nil, &SendError{Code: "unsendable", Message: "the answer cannot be written as JSON"}
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, address, content)
	if err != nil {
		return 0, nil, &SendError{Code: "invalid-address", Message: "the reply address is not a URL"}
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	if bearer != "" {
		request.Header.Set("Authorization", "Bearer "+bearer)
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, feishuWecomLost(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, feishuWecomMaxAnswer))
	if err != nil {
		return 0, nil, feishuWecomLost(err)
	}
	return response.StatusCode, text, nil
}

// feishuWecomLost keeps what a Doer says in the contract's form, and hides the
// rest: the text of a failed request holds its address.
func feishuWecomLost(err error) *SendError {
	if known, ok := errors.AsType[*SendError](err); ok {
		return known
	}
	return &SendError{Again: true, Code: "no-answer", Message: "the platform cannot be reached, or its answer broke off"}
}

// feishuWecomStatus is the failure of an answer that has no code in it.
func feishuWecomStatus(status int) *SendError {
	switch {
	case status >= 200 && status < 300:
		return &SendError{Again: true, Code: "unreadable-answer", Message: "the platform's answer is not of its API's form"}
	case status >= 500, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout:
		return &SendError{Again: true, Code: "HTTP" + strconv.Itoa(status), Message: "the platform is not available or asks for fewer messages"}
	default:
		return &SendError{Code: "HTTP" + strconv.Itoa(status), Message: "the platform refused the request"}
	}
}
