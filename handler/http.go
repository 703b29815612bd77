package handler

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/events"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

const changesPath = "/v1/changes"

// http answers a request to the HTTP trigger.
func (c *invocation) http(ctx context.Context, req *events.HTTPRequest) response {
	path := strings.TrimSuffix(req.Path, "/")
	c.did.route = c.route(req.Method, path)
	id, isChange := strings.CutPrefix(path, changesPath+"/")
	switch {
	case path == "/healthz":
		return c.allow(req, []string{"GET", "HEAD"}, func() response { return reply(200, map[string]string{"status": "ok"}) })
	case path == changesPath:
		return c.allow(req, []string{"GET", "POST"}, func() response {
			if req.Method == http.MethodGet {
				return c.signed(ctx, req, c.listChanges)
			}
			return c.signed(ctx, req, c.postChanges)
		})
	case path == "/v1/plans":
		return c.allow(req, []string{"POST"}, func() response { return c.signed(ctx, req, c.postPlans) })
	case isChange && id != "" && !strings.Contains(id, "/"):
		return c.allow(req, []string{"GET"}, func() response {
			return c.signed(ctx, req, func(ctx context.Context, s Services, r request) response { return c.getChange(ctx, s, r, id) })
		})
	case path == commandsPath:
		return c.allow(req, []string{"POST"}, func() response { return c.signed(ctx, req, c.postCommand) })
	case path == reindexPath:
		return c.allow(req, []string{"POST"}, func() response { return c.signed(ctx, req, c.postReindex) })
	case path == doctorPath:
		return c.allow(req, []string{"POST"}, func() response { return c.examined(ctx, req) })
	case path == permissionsPath:
		return c.allow(req, []string{"GET"}, func() response { return c.signed(ctx, req, c.getPermissions) })
	case path == identityPath:
		return c.allow(req, []string{"GET"}, func() response { return c.signed(ctx, req, c.getIdentity) })
	case path == windowsPath:
		return c.allow(req, []string{"GET"}, func() response { return c.signed(ctx, req, c.getWindows) })
	case path == versionPath:
		return c.allow(req, []string{"GET"}, func() response {
			return c.signed(ctx, req, func(context.Context, Services, request) response { return c.getVersion() })
		})
	case path == policyPath || strings.HasPrefix(path, policyPath+"/"):
		return c.policy(ctx, req, strings.TrimPrefix(path, policyPath))
	case path == receiptsPath:
		return c.allow(req, []string{"GET"}, func() response { return c.signed(ctx, req, c.getReceipts) })
	}
	if p, ok := c.platform(path); ok {
		return c.allow(req, p.Methods(), func() response { return c.chat(ctx, req, p) })
	}
	return nothingHere()
}

func nothingHere() response {
	return problem(404, "not-found", "There is nothing here.",
		"The routes are "+routes+".")
}

// routes are those of the HTTP trigger but chat's, as a request of none is told. Log lines
// have no other path: see route.
const routes = "POST /v1/changes, POST /v1/plans, POST /v1/commands, POST /v1/reindex, POST /v1/doctor, POST /v1/policy, POST /v1/policy/check, " +
	"GET /v1/changes, GET /v1/changes/{id}, GET /v1/permissions, GET /v1/identity, GET /v1/windows, GET /v1/version, GET /v1/receipts, GET /v1/policy, GET /v1/policy/history, " +
	"GET /v1/policy/history/{number} and GET /healthz"

func (c *invocation) allow(req *events.HTTPRequest, methods []string, next func() response) response {
	if !slices.Contains(methods, req.Method) {
		list := strings.Join(methods, ", ")
		return problem(405, "method", "The method is not allowed here.", "Use "+list+".").with("Allow", list)
	}
	return next()
}

// request is a request whose sender is verified.
type request struct {
	*events.HTTPRequest

	delivery webhook.Delivery
	use      useFunc // to be called before anything is stored
}

// signed verifies the sender before anything else is looked at. Whatever is
// wrong with the signature, the answer is the same; the log says which. The
// signature covers neither method nor path nor parameters, so that the webhook-id is
// claimed for them and the body: repeated as it was, a request gets its answer again.
func (c *invocation) signed(ctx context.Context, req *events.HTTPRequest, next func(context.Context, Services, request) response) response {
	res, err := c.verified(ctx, req, c.open, next)
	if err != nil {
		return c.unavailable(ctx, err)
	}
	return res
}

// verified is signed, with what sets up the services. Its error says why the webhook-id
// could not be claimed.
func (c *invocation) verified(ctx context.Context, req *events.HTTPRequest, open func(context.Context) (Services, error), next func(context.Context, Services, request) response) (response, error) {
	if len(req.Body) > manifest.MaxSize {
		return bodyTooLarge(), nil
	}
	if c.Verifier == nil {
		c.log.WarnContext(ctx, "request refused: WEBHOOK_SECRETS is not set, so nobody may send over HTTP")
		return unauthorized(), nil
	}
	delivery, err := c.Verifier.Verify(req.Header.Get, req.Body)
	if err != nil {
		reason := "unknown"
		if refused, ok := errors.AsType[*webhook.RefusedError](err); ok {
			reason = string(refused.Reason)
		}
		c.log.WarnContext(ctx, "request refused: not signed as it should be",
			slog.String("reason", reason), slog.String("source_ip", req.SourceIP), slog.String("path", req.Path))
		return unauthorized(), nil
	}
	c.did.sender = delivery.Sender
	services, err := open(ctx)
	if err != nil {
		return c.unavailable(ctx, err), nil
	}
	use := c.use(ctx, services, intake.Delivery{
		Token: change.HTTPIdentity(delivery.Sender, delivery.ID), Method: req.Method, Path: strings.TrimSuffix(req.Path, "/") + parameters(req.Query), Body: req.Body,
	})
	res := next(ctx, services, request{req, delivery, use})
	_, err = use() // whatever the answer is
	if no, ok := errors.AsType[*intake.RefusedError](err); ok && no.Conflict {
		return refused(intake.ReusedID()), nil
	}
	return res, err
}

// parameters writes the parameters of a request as one text, "" for none.
func parameters(query map[string]string) string {
	if len(query) == 0 {
		return ""
	}
	values := url.Values{}
	for name, value := range query {
		values.Set(name, value)
	}
	return "?" + values.Encode()
}

func unauthorized() response {
	return problem(401, "unauthorized", "The signature of the request is not valid.",
		"Sign it by Standard Webhooks: webhook-id, webhook-timestamp (within 5 minutes), webhook-signature over the body as sent.").
		with("WWW-Authenticate", `StandardWebhooks realm="sslvpn-change"`)
}

// unavailable answers when the object store or the API failed. Repeating the
// request does not repeat its effect.
func (c *invocation) unavailable(ctx context.Context, err error) response {
	c.log.ErrorContext(ctx, "request not answered", slog.Any("error", err))
	if bad, ok := errors.AsType[*policy.InvalidError](err); ok {
		if bad.Missing() {
			p := bad.Problems[0]
			return problem(503, "policy", "There is no policy, so every request is refused.", p.Hint+". Then repeat the request unchanged, with the same webhook-id.", p).
				with("Retry-After", "60")
		}
		// The problems are not shown: the sender may not be permitted to read the policy.
		return problem(503, "policy", "The policy is invalid, so every request is refused.",
			"Fix "+objects.PolicyFile+": vpnctl validate lists its problems. Then repeat the request unchanged, with the same webhook-id.").
			with("Retry-After", "60")
	}
	return problem(503, "unavailable", "The function cannot do this now.",
		"Repeat the request unchanged, with the same webhook-id: it will not be executed twice. The function's log has the details, under request "+c.inv.RequestID+".").
		with("Retry-After", "10")
}

// refused answers a document that cannot be accepted.
func refused(e *intake.RefusedError) response {
	switch {
	case e.Forbidden:
		return problem(403, "forbidden", "The policy does not permit this.", "Nothing of it was accepted.", e.Problems...)
	case e.Conflict:
		return problem(409, "conflict", "The webhook-id was used for something else.", "Use a new webhook-id for each request.", e.Problems...)
	case unreadable(e.Problems):
		return problem(400, "unparsable", "The document cannot be read.", "Nothing of it was accepted.", e.Problems...)
	default:
		return problem(422, "invalid", "The document breaks rules.", "Nothing of it was accepted; every problem is listed.", e.Problems...)
	}
}

// unreadable reports whether a document was refused because it could not be
// parsed.
func unreadable(problems []change.Problem) bool {
	return slices.ContainsFunc(problems, func(p change.Problem) bool {
		switch p.Rule {
		case document.RuleEncoding, document.RuleYAMLSyntax, document.RuleJSONSyntax, document.RuleTooDeep, document.RuleEmptyDocument:
			return true
		default:
			return false
		}
	})
}

// posted reads the document that a request posts.
func posted(r request, requestID string) (intake.Post, *response) {
	format, ok := manifest.FormatOfContentType(r.Header.Get("content-type"))
	if !ok {
		res := problem(415, "media-type", "The Content-Type is not one of a change document.",
			"Send application/json or application/yaml, in UTF-8.")
		return intake.Post{}, &res
	}
	return intake.Post{
		Sender: r.delivery.Sender, ID: r.delivery.ID, RequestID: requestID, Format: format, Body: r.Body,
	}, nil
}

// maxWait bounds the time that a Prefer: wait can ask for.
const maxWait = 60 * time.Second

// preferWait reads the wait preference of RFC 7240; 0 when there is none.
func preferWait(header string) time.Duration {
	for part := range strings.SplitSeq(header, ",") {
		part, _, _ = strings.Cut(part, ";")
		name, value, _ := strings.Cut(part, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "wait") {
			continue
		}
		// A number that overflows is above the limit, too.
		n, err := strconv.Atoi(strings.Trim(strings.TrimSpace(value), `"`))
		if err != nil && !errors.Is(err, strconv.ErrRange) || n <= 0 {
			return 0
		}
		return min(time.Duration(min(n, 3600))*time.Second, maxWait)
	}
	return 0
}
