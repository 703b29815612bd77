package handler

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/sslvpn-change/sslvpn-change/events"
)

// Misconfigured answers every invocation of a function whose configuration was
// refused. The answers say that it does not work, and the log says why.
func Misconfigured(cause error, log *slog.Logger) func(context.Context, []byte) (json.RawMessage, error) {
	return func(ctx context.Context, payload []byte) (json.RawMessage, error) {
		log.ErrorContext(ctx, "configuration refused", slog.Any("error", cause))
		if ev, err := events.Decode(payload); err == nil && ev.HTTP != nil {
			return problem(503, "misconfigured", "The function is not configured correctly.",
				"Its log says which settings to correct.").encode(), nil
		}
		return nil, fmt.Errorf("the function's configuration is refused: %w", cause)
	}
}
