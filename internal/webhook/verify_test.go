package webhook_test

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

const vectorSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func mustSecret(t *testing.T, text string) webhook.Secret {
	t.Helper()
	s, err := webhook.ParseSecret(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func verifierAt(t *testing.T, now time.Time, senders ...webhook.Sender) *webhook.Verifier {
	t.Helper()
	v, err := webhook.NewVerifier(senders, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func lookup(fields map[string]string) func(string) string {
	return func(name string) string { return fields[name] }
}

// vector is a delivery with a known signature.
type vector struct {
	id, stamp, body, signature string
}

// official is the specification's own example.
func official() vector {
	return vector{
		"msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", `{"test": 2432232314}`,
		"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
	}
}

// command is a delivery of our own, signed by another implementation.
func command() vector {
	return vector{
		"msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", "1763836800",
		`{"type":"vpn.command","timestamp":"2025-11-22T18:40:00Z","data":{"command":"apply vss-bp18q7 port=1195 cipher=AES-256-CBC","actor":"ci@acme"}}`,
		"v1,ZRbZEyuaPWxmIi9u2OMnoWsLH20lYd2IXNYNbbjVjHM=",
	}
}

func (v vector) at(t *testing.T) time.Time {
	t.Helper()
	n, err := strconv.ParseInt(v.stamp, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(n, 0)
}

func (v vector) fields() map[string]string {
	return map[string]string{"webhook-id": v.id, "webhook-timestamp": v.stamp, "webhook-signature": v.signature}
}

func TestVectors(t *testing.T) {
	t.Parallel()
	secret := mustSecret(t, vectorSecret)
	for name, vec := range map[string]vector{"the official one": official(), "a command": command()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := verifierAt(t, vec.at(t), webhook.Sender{Name: "bot", Secret: secret})
			got, err := v.Verify(lookup(vec.fields()), []byte(vec.body))
			if err != nil {
				t.Fatal(err)
			}
			want := webhook.Delivery{Sender: "bot", ID: vec.id, SentAt: vec.at(t).UTC(), SecretNumber: 1}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			signed, err := webhook.Sign(secret, vec.id, vec.at(t), []byte(vec.body))
			if err != nil {
				t.Fatal(err)
			}
			for field, value := range vec.fields() {
				if signed[field] != value {
					t.Errorf("Sign: %s is %q, want %q", field, signed[field], value)
				}
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	type edit func(fields map[string]string)
	set := func(field, value string) edit { return func(m map[string]string) { m[field] = value } }
	unset := func(field string) edit { return func(m map[string]string) { delete(m, field) } }
	vec := command()
	tests := []struct {
		name string
		edit edit
		body string
		skew time.Duration
		want webhook.Reason
	}{
		{"no id", unset("webhook-id"), vec.body, 0, webhook.ReasonMissingHeader},
		{"no timestamp", unset("webhook-timestamp"), vec.body, 0, webhook.ReasonMissingHeader},
		{"no signature", unset("webhook-signature"), vec.body, 0, webhook.ReasonMissingHeader},
		{"an id with a dot", set("webhook-id", "msg.1"), vec.body, 0, webhook.ReasonInvalidID},
		{"an id with a blank", set("webhook-id", "msg 1"), vec.body, 0, webhook.ReasonInvalidID},
		{"an id with a letter of another script", set("webhook-id", "msg_变"), vec.body, 0, webhook.ReasonInvalidID},
		{"an id of 257 bytes", set("webhook-id", strings.Repeat("a", 257)), vec.body, 0, webhook.ReasonInvalidID},
		{"another id", set("webhook-id", "msg_other"), vec.body, 0, webhook.ReasonNoMatch},
		{"a timestamp of words", set("webhook-timestamp", "now"), vec.body, 0, webhook.ReasonInvalidTimestamp},
		{"a timestamp of zero", set("webhook-timestamp", "0"), vec.body, 0, webhook.ReasonInvalidTimestamp},
		{"a timestamp with a sign", set("webhook-timestamp", "+"+vec.stamp), vec.body, 0, webhook.ReasonInvalidTimestamp},
		{"a timestamp in milliseconds", set("webhook-timestamp", vec.stamp+"000"), vec.body, 0, webhook.ReasonInvalidTimestamp},
		{"a timestamp with leading zeros", set("webhook-timestamp", "00"+vec.stamp), vec.body, 0, webhook.ReasonInvalidTimestamp},
		{"a second later within the window", set("webhook-timestamp", "1763836801"), vec.body, 0, webhook.ReasonNoMatch},
		{"just too old", nil, vec.body, 5*time.Minute + time.Nanosecond, webhook.ReasonTooOld},
		{"just too new", nil, vec.body, -5*time.Minute - time.Nanosecond, webhook.ReasonTooNew},
		{"a changed body", nil, vec.body + " ", 0, webhook.ReasonNoMatch},
		{"no body", nil, "", 0, webhook.ReasonNoMatch},
		{"another version of signature", set("webhook-signature", "v1a"+vec.signature[2:]), vec.body, 0, webhook.ReasonNoMatch},
		{"a signature without version", set("webhook-signature", vec.signature[3:]), vec.body, 0, webhook.ReasonNoMatch},
		{"an empty signature", set("webhook-signature", "v1,"), vec.body, 0, webhook.ReasonNoMatch},
		{"nine signatures", set("webhook-signature", strings.Repeat("v1,AA ", 8)+vec.signature), vec.body, 0, webhook.ReasonTooManySignatures},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fields := vec.fields()
			if tt.edit != nil {
				tt.edit(fields)
			}
			v := verifierAt(t, vec.at(t).Add(tt.skew), webhook.Sender{Name: "bot", Secret: mustSecret(t, vectorSecret)})
			got, err := v.Verify(lookup(fields), []byte(tt.body))
			var refused *webhook.RefusedError
			if !errors.Is(err, webhook.ErrUnauthorized) || !errors.As(err, &refused) {
				t.Fatalf("got %+v, %v", got, err)
			}
			if refused.Reason != tt.want {
				t.Errorf("got reason %q, want %q", refused.Reason, tt.want)
			}
			if err.Error() != webhook.ErrUnauthorized.Error() {
				t.Errorf("the outward text tells more: %q", err)
			}
			if got != (webhook.Delivery{}) {
				t.Errorf("got %+v beside the error", got)
			}
		})
	}
}

func TestTheWindowIncludesItsEdges(t *testing.T) {
	t.Parallel()
	vec := command()
	for _, skew := range []time.Duration{-5 * time.Minute, 5 * time.Minute} {
		v := verifierAt(t, vec.at(t).Add(skew), webhook.Sender{Name: "bot", Secret: mustSecret(t, vectorSecret)})
		if _, err := v.Verify(lookup(vec.fields()), []byte(vec.body)); err != nil {
			t.Errorf("skew %v: %v", skew, err)
		}
	}
}

func TestTheSecretIdentifiesTheSender(t *testing.T) {
	t.Parallel()
	current, previous, other, stranger := mustSecret(t, encodedKey(24)), mustSecret(t, encodedKey(25)), mustSecret(t, encodedKey(26)), mustSecret(t, encodedKey(27))
	now := time.Unix(1763836800, 0)
	v := verifierAt(t, now,
		webhook.Sender{Name: "bot", Secret: current}, webhook.Sender{Name: "ci", Secret: other}, webhook.Sender{Name: "bot", Secret: previous})
	tests := []struct {
		name   string
		secret webhook.Secret
		sender string
		number int
	}{
		{"the current secret", current, "bot", 1},
		{"the previous secret", previous, "bot", 2},
		{"another sender's secret", other, "ci", 1},
		{"a stranger's secret", stranger, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fields, err := webhook.Sign(tt.secret, "msg_1", now, []byte("{}"))
			if err != nil {
				t.Fatal(err)
			}
			got, err := v.Verify(lookup(fields), []byte("{}"))
			if (err == nil) != (tt.sender != "") || got.Sender != tt.sender || got.SecretNumber != tt.number {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	// A sender that rotates signs with both secrets.
	a, err := webhook.Sign(stranger, "msg_1", now, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := webhook.Sign(previous, "msg_1", now, nil)
	if err != nil {
		t.Fatal(err)
	}
	a["webhook-signature"] += " " + b["webhook-signature"]
	if got, err := v.Verify(lookup(a), nil); err != nil || got.Sender != "bot" {
		t.Errorf("two signatures: got %+v, %v", got, err)
	}
}

func TestHeaderNamesMayBeCanonical(t *testing.T) {
	t.Parallel()
	vec := official()
	h, canonical := http.Header{}, map[string]string{}
	for k, v := range vec.fields() {
		h.Set(k, v)
		canonical[http.CanonicalHeaderKey(k)] = v
	}
	v := verifierAt(t, vec.at(t), webhook.Sender{Name: "bot", Secret: mustSecret(t, vectorSecret)})
	for name, get := range map[string]func(string) string{"http.Header": h.Get, "a map": lookup(canonical)} {
		if _, err := v.Verify(get, []byte(vec.body)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNewVerifierRefusesAmbiguousSenders(t *testing.T) {
	t.Parallel()
	a := mustSecret(t, encodedKey(24))
	tests := []struct {
		name    string
		senders []webhook.Sender
		want    string
	}{
		{"nobody", nil, "there are no senders"},
		{"a sender without name", []webhook.Sender{{Secret: a}}, "sender 1 has no valid name"},
		{"a sender without secret", []webhook.Sender{{Name: "bot"}}, "sender bot has no secret"},
		{"the same secret twice", []webhook.Sender{{Name: "bot", Secret: a}, {Name: "bot", Secret: a}}, "have the same secret"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if v, err := webhook.NewVerifier(tt.senders, time.Now); v != nil || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestSignRefusesWhatVerifyWould(t *testing.T) {
	t.Parallel()
	if _, err := webhook.Sign(webhook.Secret{}, "msg_1", time.Now(), nil); err == nil {
		t.Error("signed with no secret")
	}
	if _, err := webhook.Sign(mustSecret(t, vectorSecret), "msg.1", time.Now(), nil); err == nil {
		t.Error("signed an id with a dot")
	}
}
