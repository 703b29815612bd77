package sslvpn_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

func portPatch() change.Patch { return change.Patch{change.Port: change.Number(1195)} }

// TestFaults: every way in which the API misbehaves, for a modification and for
// a read. A read is sent three times while the class is unavailable.
func TestFaults(t *testing.T) {
	t.Parallel()
	const unknown, unavailable = sslvpn.ClassUnknown, sslvpn.ClassUnavailable
	apiFault := func(status int, code string) vpc.Fault {
		return vpc.Fault{Kind: vpc.FaultError, Status: status, Code: code, Message: "said so"}
	}
	tests := []struct {
		name         string
		fault        vpc.Fault
		modify, read sslvpn.Class
		code         string
		after        time.Duration
	}{
		{"throttled without a hint", vpc.Fault{Kind: vpc.FaultThrottle}, sslvpn.ClassThrottled, sslvpn.ClassThrottled, "Throttling.User", 0},
		{"throttled, x-acs-retry-after", vpc.Fault{Kind: vpc.FaultThrottle, Hint: vpc.HintAcs, Wait: 1500 * time.Millisecond}, sslvpn.ClassThrottled, sslvpn.ClassThrottled, "Throttling.User", 1500 * time.Millisecond},
		{"throttled, TimeLeft", vpc.Fault{Kind: vpc.FaultThrottle, Hint: vpc.HintTimeLeft, Wait: 2 * time.Second}, sslvpn.ClassThrottled, sslvpn.ClassThrottled, "Throttling.User", 2 * time.Second},
		{"throttled, Retry-After", vpc.Fault{Kind: vpc.FaultThrottle, Hint: vpc.HintRetryAfter, Wait: 3 * time.Second}, sslvpn.ClassThrottled, sslvpn.ClassThrottled, "Throttling.User", 3 * time.Second},
		{"throttled for too long", vpc.Fault{Kind: vpc.FaultThrottle, Hint: vpc.HintAcs, Wait: time.Hour}, sslvpn.ClassThrottled, sslvpn.ClassThrottled, "Throttling.User", 5 * time.Minute},
		{"500 InternalError", apiFault(500, "InternalError"), unknown, unavailable, "InternalError", 0},
		{"503 ServiceUnavailable", apiFault(503, "ServiceUnavailable"), unknown, unavailable, "ServiceUnavailable", 0},
		{"an XML error", vpc.Fault{Kind: vpc.FaultXMLError, Status: 400, Code: "VpnGateway.Configuring"}, sslvpn.ClassBusy, sslvpn.ClassBusy, "VpnGateway.Configuring", 0},
		{"an expired token", vpc.Fault{Kind: vpc.FaultExpiredToken}, sslvpn.ClassCredentials, sslvpn.ClassCredentials, "InvalidSecurityToken.Expired", 0},
		{"a proxy's 502", vpc.Fault{Kind: vpc.FaultHTML}, unknown, unavailable, "", 0},
		{"a proxy's 200", vpc.Fault{Kind: vpc.FaultHTML, Status: 200}, unknown, unavailable, "", 0},
		{"a proxy's 403", vpc.Fault{Kind: vpc.FaultHTML, Status: 403}, sslvpn.ClassOther, sslvpn.ClassOther, "", 0},
		{"a number for a code", vpc.Fault{Kind: vpc.FaultNumericCode}, unknown, unavailable, "502", 0},
		{"an empty 200", vpc.Fault{Kind: vpc.FaultEmpty}, unknown, unavailable, "", 0},
		{"a truncated 200", vpc.Fault{Kind: vpc.FaultTruncated}, unknown, unavailable, "", 0},
		{"a redirect", vpc.Fault{Kind: vpc.FaultRedirect, Message: "http://192.0.2.1/"}, unknown, unavailable, "", 0},
		{"a closed connection", vpc.Fault{Kind: vpc.FaultReset}, unknown, unavailable, "", 0},
		{"a closed connection after the effect", vpc.Fault{Kind: vpc.FaultReset, Commit: true}, unknown, unavailable, "", 0},
		{"a used nonce", apiFault(400, "SignatureNonceUsed"), unknown, unavailable, "SignatureNonceUsed", 0},
		{"a dry run", apiFault(400, "DryRunOperation"), sslvpn.ClassOther, sslvpn.ClassOther, "DryRunOperation", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newHarness(t, vpc.Options{})
			tt.fault.Times = -1
			w.inject(t, tt.fault)
			_, err := w.client.ModifyServer(t.Context(), modification(portPatch()))
			e := failure(t, err)
			if e.Class != tt.modify || e.Code != tt.code || e.RetryAfter != tt.after || e.Message == "" && tt.code == "" {
				t.Errorf("modify = %+v, want %s %q after %v", e, tt.modify, tt.code, tt.after)
			}
			_, err = w.client.DescribeServer(t.Context(), target())
			if e := failure(t, err); e.Class != tt.read || e.Code != tt.code {
				t.Errorf("read = %+v, want %s %q", e, tt.read, tt.code)
			}
			sent := 1
			if tt.read == unavailable {
				sent = 3
			}
			if got := len(w.Calls(vpc.DescribeSslVpnServers)); got != sent {
				t.Errorf("the read was sent %d times, want %d", got, sent)
			}
			if got := len(w.Calls(vpc.ModifySslVpnServer)); got != 1 {
				t.Errorf("the modification was sent %d times, want once", got)
			}
		})
	}
}

func TestOddRepliesThatAreRight(t *testing.T) {
	t.Parallel()
	for _, kind := range []vpc.FaultKind{vpc.FaultTexts, vpc.FaultSampleShaped, vpc.FaultXML} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := newHarness(t, vpc.Options{})
			w.inject(t, vpc.Fault{Kind: kind, Times: -1})
			if _, err := w.client.ModifyServer(t.Context(), modification(portPatch())); err != nil {
				t.Errorf("modify: %v", err)
			}
			s, err := w.client.DescribeServer(t.Context(), target())
			if err != nil || s.Settings[change.Port] != change.Number(1195) || s.Settings[change.Compress] != change.Flag(false) ||
				s.Settings[change.ClientIPPool] != change.Text("10.30.30.0/24") {
				t.Errorf("server = %+v, %v", s, err)
			}
			g, err := w.client.DescribeGateway(t.Context(), gateway())
			if err != nil || g.Status != sslvpn.GatewayActive || g.SSLMaxConnections != 5 {
				t.Errorf("gateway = %+v, %v", g, err)
			}
		})
	}
}

func TestAReadRecovers(t *testing.T) {
	t.Parallel()
	w := newHarness(t, vpc.Options{})
	w.inject(t, vpc.Fault{Kind: vpc.FaultReset}, vpc.Fault{Kind: vpc.FaultError, Status: 503, Code: "ServiceUnavailable"})
	if _, err := w.client.DescribeServer(t.Context(), target()); err != nil {
		t.Errorf("error = %v, want the third try to succeed", err)
	}
	if len(w.calls) != 3 || w.calls[0].Class != sslvpn.ClassUnavailable || w.calls[2].Class != "" {
		t.Errorf("calls = %+v", w.calls)
	}
}

func TestAReadIsNotRepeatedIntoTheDeadline(t *testing.T) {
	t.Parallel()
	w := newHarness(t, vpc.Options{})
	w.inject(t, vpc.Fault{Kind: vpc.FaultError, Status: 503, Code: "ServiceUnavailable", Times: -1})
	client := w.newClient(t, sslvpn.Config{Reserve: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := client.DescribeServer(ctx, target())
	if e := failure(t, err); e.Code != "ServiceUnavailable" || len(w.Calls("")) != 1 {
		t.Errorf("error = %v after %d calls, want the API's own after 1", err, len(w.Calls("")))
	}
}

// TestNothingIsListening: without a connection nothing can have been done, not
// even by a modification.
func TestNothingIsListening(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	endpoint := "http://" + listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	c, err := sslvpn.New(sslvpn.Config{Endpoint: endpoint})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.With(creds(), nil).ModifyServer(t.Context(), modification(portPatch()))
	if e := failure(t, err); e.Class != sslvpn.ClassUnavailable || e.HTTPStatus != 0 || !strings.Contains(e.Message, "refused") {
		t.Errorf("error = %+v, want unavailable", e)
	}
}

func TestACertificateThatNobodyTrusts(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	c, err := sslvpn.New(sslvpn.Config{Endpoint: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.With(creds(), nil).ModifyServer(t.Context(), modification(portPatch()))
	if e := failure(t, err); e.Class != sslvpn.ClassUnavailable || !strings.Contains(e.Message, "certificate") {
		t.Errorf("error = %+v, want unavailable", e)
	}
}

// TestTheCallersContext: before there is a connection nothing was done; from
// then on a modification may have been.
func TestTheCallersContext(t *testing.T) {
	t.Parallel()
	w := newHarness(t, vpc.Options{})
	done, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := w.client.ModifyServer(done, modification(portPatch()))
	if e := failure(t, err); e.Class != sslvpn.ClassUnavailable || !errors.Is(err, context.Canceled) || len(w.Calls("")) != 0 {
		t.Errorf("canceled before: %+v, want unavailable and nothing sent", e)
	}

	w.inject(t, vpc.Fault{Kind: vpc.FaultHang, Times: -1})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { // once the API has the request
		for len(w.Calls("")) == 0 && ctx.Err() == nil {
			<-time.After(time.Millisecond)
		}
		cancel()
	}()
	_, err = w.client.ModifyServer(ctx, modification(portPatch()))
	if e := failure(t, err); e.Class != sslvpn.ClassUnknown || !errors.Is(err, context.Canceled) {
		t.Errorf("canceled during: %+v, want unknown", e)
	}

	short := w.newClient(t, sslvpn.Config{CallTimeout: time.Second})
	_, err = short.ModifyServer(t.Context(), modification(portPatch()))
	if e := failure(t, err); e.Class != sslvpn.ClassUnknown || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("timed out: %+v, want unknown", e)
	}
}

func TestAnAnswerWithoutEnd(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(strings.Repeat(" ", 1<<20+1)))
	}))
	t.Cleanup(server.Close)
	c, err := sslvpn.New(sslvpn.Config{Endpoint: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.With(creds(), nil).ModifyServer(t.Context(), modification(portPatch()))
	if e := failure(t, err); e.Class != sslvpn.ClassUnknown || !strings.Contains(e.Message, "1 MiB") || e.HTTPStatus != 200 {
		t.Errorf("error = %+v, want unknown", e)
	}
}

// TestErrorsHoldNoCredentials: the API repeats what was signed, and more.
func TestErrorsHoldNoCredentials(t *testing.T) {
	t.Parallel()
	w := newHarness(t, vpc.Options{})
	w.inject(t, vpc.Fault{
		Kind: vpc.FaultError, Status: 400, Code: "SignatureDoesNotMatch",
		Message: "no match for STS.testid CAIS+to/ken== CAIS%2Bto%2Fken%3D%3D server string to sign is:POST&%2F&secret" + strings.Repeat("x", 4096),
	})
	_, err := w.client.ModifyServer(t.Context(), modification(portPatch()))
	if got, want := failure(t, err).Message, "no match for [redacted] [redacted] [redacted]"; got != want {
		t.Errorf("message = %q, want %q", got, want)
	}
}

func TestLongMessagesAreCut(t *testing.T) {
	t.Parallel()
	w := newHarness(t, vpc.Options{})
	w.inject(t, vpc.Fault{Kind: vpc.FaultError, Status: 400, Code: "Odd", Message: strings.Repeat("长", 2000)})
	_, err := w.client.ModifyServer(t.Context(), modification(portPatch()))
	if got := failure(t, err).Message; len(got) > 1030 || !strings.HasSuffix(got, "长…") {
		t.Errorf("message of %d bytes ends in %q", len(got), got[len(got)-6:])
	}
}
