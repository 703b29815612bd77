package handler_test

import (
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
)

// A file with changes of one server is drained by the invocation that accepts it.
func TestAFileOfOneLaneIsDrainedAtOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-one")
	s := h.deliver(string(oss.EventJSON(h.upload("changes/a.yaml", setPort))))
	if len(s.Lanes) != 1 || s.Lanes[0].Ended != 1 {
		t.Errorf("the summary is %+v", s)
	}
	h.count("wake/", 0)
	h.count("results/", 1)
	h.count("queue/", 0)
}

// The lanes of a file with several have a wake object each, so that they are drained
// concurrently.
func TestAFileOfSeveralLanesWakesThem(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-one")
	h.Server("vss-two")
	if s := h.deliver(string(oss.EventJSON(h.upload("changes/a.yaml", twoServers)))); len(s.Lanes) != 0 {
		t.Errorf("the summary is %+v", s)
	}
	h.count("wake/", 2)
	h.count("queue/", 3)
}

// A drain that fails leaves the change to the next delivery of the file's event, and to
// the sweep.
func TestAFileWhoseDrainFailsIsDeliveredAgain(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-one")
	payload := string(oss.EventJSON(h.upload("changes/a.yaml", setPort)))
	h.fault(oss.Fault{Kind: oss.ServiceUnavailable, KeyPrefix: "lanes/", Times: -1})
	if out, err := h.invoke(payload); err == nil {
		t.Errorf("the summary is %s", out)
	}
	h.count("queue/", 1)
	h.OSS.ClearFaults()
	if s := h.deliver(payload); len(s.Lanes) != 1 || s.Lanes[0].Ended != 1 {
		t.Errorf("delivered again: %+v", s)
	}
	h.count("results/", 1)
	if n := h.sent(); n != 1 {
		t.Errorf("%d modifications", n)
	}
}
