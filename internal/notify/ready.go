package notify

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// PostReady posts a text that is ready to every room of some recipients, which were
// encoded with Recipient.Encode. A room gets it once, in the language of its first
// recipient. About names what it is about: posting about the same again stores no
// second one. An unreadable recipient is skipped and logged.
func (o *Outbox) PostReady(ctx context.Context, about string, recipients []json.RawMessage, text func(lang.Reader) chat.Text) error {
	type place struct{ platform, room string }
	rooms := map[place][]Recipient{}
	var order []place
	for _, raw := range recipients {
		r, err := decodeRecipient(raw)
		if err != nil {
			o.Log.WarnContext(ctx, "address not readable, nobody is told", slog.String("about", about))
			continue
		}
		at := place{r.Reply.Platform, r.Reply.Room}
		if rooms[at] == nil {
			order = append(order, at)
		}
		rooms[at] = append(rooms[at], r)
	}
	errs := make([]error, 0, len(order))
	for _, at := range order {
		n := Answer(about+" to "+at.platform+" "+at.room, text(rooms[at][0].Reader), rooms[at][0])
		n.To = rooms[at]
		errs = append(errs, o.Post(ctx, n))
	}
	return errors.Join(errs...)
}
