package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// The function is killed at its n-th request of a change with a proof, for every n. The
// change is applied once, and its proof is written, whoever looked at the server.
func TestTheFunctionMayBeKilledAtAnyRequestOfAProof(t *testing.T) {
	t.Parallel()
	count := newTally(t)
	story := crashStory{
		ask: func(_ context.Context, h *harness) error {
			return h.Drop("changes/port.yaml", []byte("proof: true\n"+portChange(1195)))
		},
		want: outcome{effective: 1, records: 1, receipts: 1, port: 1195, proofs: 1},
	}
	for _, landed := range []bool{true, false} {
		t.Run(fmt.Sprintf("a file, effect %v", landed), func(t *testing.T) {
			t.Parallel()
			count.take(t, killEverywhere(t, landed, story.killAt))
		})
	}
}

// checkProofs compares the proofs with the expected number of them.
func checkProofs(h *harness, want int) error {
	var errs []error
	if left := h.keys(objects.Proofs); len(left) > 0 {
		errs = append(errs, fmt.Errorf("proofs still pending: %q", left))
	}
	n := 0
	for _, key := range h.keys("results/") {
		if !strings.HasSuffix(key, ".proof.json") {
			continue
		}
		n++
		p, err := readOne[record.Proof](h, key)
		if err != nil || p.After.Probe != probe.Listening && p.After.Reason != probe.NoRoute || p.Looks == 0 {
			errs = append(errs, fmt.Errorf("%s: %+v, %w", key, p, err))
		}
	}
	if n != want {
		errs = append(errs, fmt.Errorf("%d proofs, want %d", n, want))
	}
	return errors.Join(errs...)
}
