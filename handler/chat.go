package handler

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/sslvpn-change/sslvpn-change/events"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/notify"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/wording"
)

const chatPath = "/chat/"

// platform finds the platform of a path. A platform that is not configured has no
// route.
//
//nolint:ireturn // platforms have no other common type
func (c *invocation) platform(path string) (chat.Platform, bool) {
	name, ok := strings.CutPrefix(path, chatPath)
	if !ok {
		return nil, false
	}
	p, ok := c.Platforms[name]
	return p, ok
}

// chat answers a request of a chat platform: it verifies the request and executes
// the command. Another invocation sends how a change ends.
func (c *invocation) chat(ctx context.Context, req *events.HTTPRequest, p chat.Platform) response {
	if len(req.Body) > chat.MaxBody {
		return bodyTooLarge()
	}
	d, err := p.Receive(ctx, c.ChatClient, chat.Request{Method: req.Method, Query: req.Query, Header: req.Header.Get, Body: req.Body}, c.Now())
	if refused, ok := errors.AsType[*chat.RefusedError](err); ok {
		c.log.WarnContext(ctx, "chat request refused", slog.String("platform", p.Name()), slog.String("reason", string(refused.Reason)), slog.String("source_ip", req.SourceIP))
		return c.refusedChat(ctx, req, p, refused.Token)
	}
	if err != nil {
		c.log.ErrorContext(ctx, "chat request not verified, to be delivered again", slog.String("platform", p.Name()), slog.Any("error", err))
		return unavailableChat()
	}
	// Nothing is sent before the verification. Not c.open: the executor runs the
	// preflight concurrently with its other requests.
	s, err := c.services(ctx)
	if err != nil {
		return c.notNow(ctx, p, d, err)
	}
	use := c.useOf(ctx, s, req, p, d.Token)
	if d.Message == nil {
		return c.noMessage(ctx, p, d, use)
	}
	c.log.InfoContext(ctx, "chat message", slog.String("platform", p.Name()), slog.String("account", d.Message.Sender.String()), slog.Int("secret", d.SecretNumber))
	text, lanes, err := c.converse(ctx, s, p, d.Message, use)
	if _, unused := use(); unused != nil { // whatever the message is
		text, lanes, err = c.lasting(ctx, c.writer(lang.Of(d.Message.Text, p.Lang())), unused)
	}
	if err != nil {
		return c.notNow(ctx, p, d, err)
	}
	res, later := p.Answer(d, text)
	if !later {
		s.Intake.Wake(ctx, lanes)
		return raw(res)
	}
	if err := c.answerLater(ctx, s, p, d.Message, text, lanes); err != nil {
		c.log.ErrorContext(ctx, "chat answer not stored, to be delivered again", slog.Any("error", err))
		return unavailableChat()
	}
	return raw(res)
}

// refusedChat refuses a request. What it was verified by is claimed nevertheless:
// it could prove the identity of a sender elsewhere.
func (c *invocation) refusedChat(ctx context.Context, req *events.HTTPRequest, p chat.Platform, token string) response {
	if token == "" {
		return unauthorizedChat()
	}
	s, err := c.services(ctx)
	if err == nil {
		_, err = c.useOf(ctx, s, req, p, token)()
	}
	if no, ok := errors.AsType[*intake.RefusedError](err); err != nil && (!ok || !no.Conflict) {
		return c.notNow(ctx, p, chat.Delivery{}, err)
	}
	return unauthorizedChat()
}

// useOf is the claim of a request of a platform.
func (c *invocation) useOf(ctx context.Context, s Services, req *events.HTTPRequest, p chat.Platform, token string) useFunc {
	return c.use(ctx, s, intake.Delivery{Token: p.Name() + " " + token, Method: req.Method, Path: chatPath + p.Name(), Body: req.Body})
}

// noMessage answers a request that holds no message: a URL check, or what is
// ignored.
func (c *invocation) noMessage(ctx context.Context, p chat.Platform, d chat.Delivery, use useFunc) response {
	if d.Ignored != "" {
		c.log.InfoContext(ctx, "chat message ignored", slog.String("platform", p.Name()), slog.String("why", string(d.Ignored)))
	}
	_, err := use()
	if no, ok := errors.AsType[*intake.RefusedError](err); ok && no.Conflict {
		c.log.WarnContext(ctx, "chat request refused", slog.String("platform", p.Name()), slog.String("reason", "signature-reused"))
		return unauthorizedChat()
	}
	if err != nil {
		return c.notNow(ctx, p, d, err)
	}
	return raw(*d.Direct)
}

// converse executes the command of a message. It gives the answer and the lanes
// to wake.
func (c *invocation) converse(ctx context.Context, s Services, p chat.Platform, m *chat.Message, use useFunc) (chat.Text, []change.Target, error) {
	spoken := lang.Of(m.Text, p.Lang())
	switch m.Problem {
	case "":
	case chat.ProblemTooLong:
		return c.writer(spoken).TooLong(), nil, nil
	case chat.ProblemTextOnly:
		return c.writer(spoken).OnlyText(), nil, nil
	}
	cmd, err := command.Parse(m.Text)
	if err != nil {
		return c.writer(spoken).BadCommand(err), nil, nil
	}
	from, err := requesterOf(m, p.Lang(), use, c.inv.RequestID)
	if err != nil {
		return chat.Text{}, nil, err
	}
	from.Zone = c.zoneOf(p)
	ans, sender, err := s.Executor().Do(ctx, from, cmd)
	w := wording.In(answerLang(m.Text, sender, p.Lang())).At(c.Now(), cmp.Or(sender.Zone, from.Zone))
	if err != nil {
		return c.lasting(ctx, w, err)
	}
	return w.Answer(ans), ans.Lanes, nil
}

// zoneOf is the time zone of people on a platform whose own is not known.
func (c *invocation) zoneOf(p chat.Platform) *time.Location {
	return cmp.Or(c.Zones[p.Name()], c.Zone)
}

// writer writes in a language, with times as the sender reads them.
func (c *invocation) writer(l lang.Tag) wording.Writer { return wording.In(l).At(c.Now(), c.Zone) }

// answerLang is the language to answer in: that of the text, else the person's,
// else the usual one of the channel.
func answerLang(text string, h executor.Sender, usual lang.Tag) lang.Tag {
	if l := lang.Of(text, ""); l != "" {
		return l
	}
	if h.Person.Lang != "" {
		return h.Person.Lang
	}
	return usual
}

// lasting gives the answer to an error that a repetition does not fix, and any
// other error.
func (c *invocation) lasting(ctx context.Context, w wording.Writer, err error) (text chat.Text, lanes []change.Target, other error) {
	no, reused := errors.AsType[*intake.RefusedError](err)
	late, isLate := errors.AsType[*executor.LateError](err)
	bad, invalid := errors.AsType[*policy.InvalidError](err)
	switch {
	case reused && no.Conflict:
		text = w.Reused()
	case isLate:
		text = w.Late(late.SentAt)
	case invalid && bad.Missing():
		text = w.NoPolicy()
	case invalid:
		text = w.BadPolicy()
	default:
		return chat.Text{}, nil, err
	}
	c.log.WarnContext(ctx, "command refused", slog.String("route", c.did.route), slog.Any("error", err))
	return text, nil, nil
}

// requesterOf gives who sent a message, and the identity by which a redelivery is
// recognized.
func requesterOf(m *chat.Message, usual lang.Tag, use useFunc, requestID string) (executor.Requester, error) {
	id := m.Sender
	content, err := json.Marshal([]string{id.String(), m.Room, m.Text})
	if err != nil {
		return executor.Requester{}, err
	}
	a := executor.Requester{
		Account: policy.Account{Channel: id.Platform, Tenant: id.Tenant, User: id.User},
		Message: intake.Message{
			Identity: change.ChatIdentity(id.Platform, id.Tenant, m.ID), Content: content, Use: use,
		},
		Origin: change.Origin{Kind: change.FromChat, Actor: id.String(), Source: "message " + m.ID, RequestID: requestID},
		SentAt: m.SentAt,
	}
	if m.Reply.Address != "" {
		a.Reply = func(h executor.Sender) (json.RawMessage, error) {
			return notify.Recipient{Reply: m.Reply, Reader: lang.Reader{Lang: answerLang(m.Text, h, usual), Zone: zoneName(h.Zone)}}.Encode()
		}
	}
	return a, nil
}

// zoneName is the name of a time zone; "" for an offset.
func zoneName(z *time.Location) string {
	if z == nil {
		return ""
	}
	return z.String()
}

// answerLater stores an answer in the outbox, whose trigger starts the invocation
// that sends it: this one may be frozen as soon as it has answered. Meanwhile it
// wakes the lanes, also if the answer cannot be stored.
func (c *invocation) answerLater(ctx context.Context, s Services, p chat.Platform, m *chat.Message, text chat.Text, lanes []change.Target) error {
	// A message without a command has not run the preflight, and the outbox relies
	// on create-only writes, too.
	if s.Preflight != nil {
		if err := s.Preflight(ctx); err != nil {
			return err
		}
	}
	var waking sync.WaitGroup
	defer waking.Wait()
	waking.Go(func() { s.Intake.Wake(ctx, lanes) })
	id := change.ChatIdentity(m.Sender.Platform, m.Sender.Tenant, m.ID)
	return s.Outbox.Post(ctx, notify.Answer(id, text, notify.Recipient{Reply: m.Reply, Reader: lang.Reader{Lang: p.Lang()}}))
}

// notNow answers a message whose command cannot be executed now: in the response
// where the platform shows it, elsewhere with an error that makes the platform
// deliver the message again.
func (c *invocation) notNow(ctx context.Context, p chat.Platform, d chat.Delivery, err error) response {
	c.log.ErrorContext(ctx, "chat message not answered", slog.String("platform", p.Name()), slog.Any("error", err))
	if d.Message == nil {
		return unavailableChat()
	}
	res, later := p.Answer(d, c.writer(lang.Of(d.Message.Text, p.Lang())).NotNow())
	if later {
		return unavailableChat()
	}
	return raw(res)
}

// unauthorizedChat answers every request whose signature is not valid.
func unauthorizedChat() response {
	return problem(401, "unauthorized", "The signature of the request is not valid.", "")
}

func unavailableChat() response {
	return problem(503, "unavailable", "The function cannot do this now.", "Deliver the message again unchanged.").with("Retry-After", "10")
}

// raw is a platform's own response.
func raw(r chat.Response) response {
	return response{StatusCode: r.Status, Body: string(r.Body), Headers: map[string]string{
		"Content-Type": r.ContentType, "Cache-Control": "no-store",
	}}
}
