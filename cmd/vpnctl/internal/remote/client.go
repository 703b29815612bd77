package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/endpoint"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

const (
	maxAnswer = 32 << 20 // bytes; the platform's own limit
	tries     = 4
)

// Options configure a Client.
type Options struct {
	URL    string // of the function, such as http://127.0.0.1:9000
	Secret webhook.Secret
	HTTP   *http.Client     // nil: one that waits 90 s for an answer
	Now    func() time.Time // nil: time.Now
	Pause  time.Duration    // before the second try, doubled for each further one; 0: 1 s
}

// Client is the client of one function. Not usable as its zero value; call New.
type Client struct {
	base *url.URL
	opts Options
}

// Document is a change document and its format.
type Document struct {
	Data []byte
	JSON bool // else YAML
}

// New checks the function's address.
func New(opts Options) (*Client, error) {
	base, err := url.Parse(strings.TrimSuffix(opts.URL, "/"))
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, fmt.Errorf("%q is not the URL of a function: give its HTTP trigger, such as https://….fcapp.run", opts.URL)
	}
	if !endpoint.Safe(base) {
		return nil, fmt.Errorf("%s is not encrypted: plain http is for this machine's local cloud only; use https", base.Host)
	}
	if opts.HTTP == nil {
		opts.HTTP = &http.Client{
			Timeout:       90 * time.Second, // longer than a request is held
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Pause == 0 {
		opts.Pause = time.Second
	}
	return &Client{base: base, opts: opts}, nil
}

// Submit requests the document's changes under a delivery id. One id is executed
// once, however often it is sent.
func (c *Client) Submit(ctx context.Context, doc Document, id string) ([]Change, error) {
	var out struct {
		Changes []Change `json:"changes"`
	}
	if err := c.do(ctx, http.MethodPost, "/v1/changes", doc, id, &out); err != nil {
		return nil, err
	}
	if len(out.Changes) == 0 {
		return nil, c.foreign("the function accepted the document and named no change")
	}
	return out.Changes, nil
}

// Plan returns the document's difference without changing anything.
func (c *Client) Plan(ctx context.Context, doc Document, id string) ([]Plan, error) {
	var out struct {
		Changes []Plan `json:"changes"`
	}
	err := c.do(ctx, http.MethodPost, "/v1/plans", doc, id, &out)
	return out.Changes, err
}

// resubmit repeats a document. The function holds the request until all changes have
// ended, or for a time; it is reported whether it did.
func (c *Client) resubmit(ctx context.Context, doc Document, id string, hold time.Duration) ([]Change, bool, error) {
	var out struct {
		Changes []Change `json:"changes"`
	}
	held, err := c.ask(ctx, request{method: http.MethodPost, path: "/v1/changes", doc: doc, id: id, hold: hold, tries: 1}, &out)
	return out.Changes, held, err
}

// Change returns the state or the record of a change.
func (c *Client) Change(ctx context.Context, id, delivery string) (Change, error) {
	ch, _, err := c.change(ctx, request{id: delivery, tries: tries}, id)
	return ch, err
}

// held is Change, asked once. The function holds the request until the change has ended,
// or for a time; it is reported whether it did.
func (c *Client) held(ctx context.Context, id, delivery string, hold time.Duration) (Change, bool, error) {
	return c.change(ctx, request{id: delivery, hold: hold, tries: 1}, id)
}

func (c *Client) change(ctx context.Context, r request, id string) (Change, bool, error) {
	var out Change
	r.method, r.path = http.MethodGet, "/v1/changes/"+url.PathEscape(id)
	held, err := c.ask(ctx, r, &out)
	if err == nil && out.Status == "" {
		err = c.foreign("the answer is not this function's: it has no status")
	}
	return out, held, err
}

// request is one request, sent under one delivery id until it is answered.
type request struct {
	method, path string
	doc          Document
	id           string
	hold         time.Duration // for how long the function may wait before it answers
	tries        int
}

// do sends until the function answers, and decodes the answer into out.
func (c *Client) do(ctx context.Context, method, path string, doc Document, id string, out any) error {
	_, err := c.ask(ctx, request{method: method, path: path, doc: doc, id: id, tries: tries}, out)
	return err
}

// ask sends until the function answers, and decodes the answer into out. It reports
// whether the function has waited.
func (c *Client) ask(ctx context.Context, r request, out any) (held bool, err error) {
	pause := c.opts.Pause
	for try := 1; ; try++ {
		resp, body, err := c.send(ctx, r) //nolint:bodyclose // send has closed it
		switch {
		case err == nil && resp.StatusCode/100 == 2:
			if err := json.Unmarshal(body, out); err != nil {
				return false, c.foreign(fmt.Sprintf("the answer of %s does not have this function's format: %v", c.base.Host, err))
			}
			return resp.Header.Get("Preference-Applied") != "", nil
		case err == nil && (!passing(resp.StatusCode) || try >= r.tries):
			return false, c.refused(resp, body)
		case err != nil:
			if no := c.noAnswer(ctx, err); try >= r.tries || no.lasting() || ctx.Err() != nil {
				return false, no
			}
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return false, c.noAnswer(ctx, ctx.Err())
		}
		pause *= 2
	}
}

// send signs with the current time and sends once.
func (c *Client) send(ctx context.Context, r request) (*http.Response, []byte, error) {
	headers, err := webhook.Sign(c.opts.Secret, r.id, c.opts.Now(), r.doc.Data)
	if err != nil {
		return nil, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, r.method, c.base.String()+r.path, bytes.NewReader(r.doc.Data))
	if err != nil {
		return nil, nil, err
	}
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	req.Header.Set("Accept", "application/json")
	if seconds := int(r.hold.Seconds()); seconds > 0 {
		req.Header.Set("Prefer", fmt.Sprintf("wait=%d", seconds))
	}
	if r.method == http.MethodPost {
		req.Header.Set("Content-Type", "application/yaml")
		if r.doc.JSON {
			req.Header.Set("Content-Type", "application/json")
		}
	}
	resp, err := c.opts.HTTP.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }() // read to its end below
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && len(body) > maxAnswer {
		err = fmt.Errorf("the answer is larger than %d bytes", maxAnswer)
	}
	return resp, body, err
}

// passing reports whether an answer may come from the platform instead of the function,
// so that a retry is useful.
func passing(status int) bool {
	return status == http.StatusTooManyRequests || status == http.StatusPreconditionFailed || status >= http.StatusInternalServerError
}

func (c *Client) refused(resp *http.Response, body []byte) error {
	e := &RefusedError{}
	// An answer that is not a problem document leaves the fields empty.
	_ = json.Unmarshal(body, e)
	if json.Valid(body) {
		e.Raw = body
	}
	e.Status = resp.StatusCode
	if e.Title == "" {
		e.Title = http.StatusText(resp.StatusCode)
	}
	if kind := resp.Header.Get("X-Fc-Error-Type"); kind != "" {
		e.Detail = strings.TrimSuffix("the function failed ("+kind+"): "+e.Detail, ": ")
		e.Hint = "see the function's log for request " + resp.Header.Get("X-Fc-Request-Id")
	}
	if e.Status == http.StatusUnauthorized {
		e.Hint = "check that the secret in SSLVPN_SECRET, or in the file of SSLVPN_SECRET_FILE or --secret-file, is one of this function's WEBHOOK_SECRETS" + c.skew(resp)
	}
	return e
}

// skew describes how far this machine's clock is off, if that explains a refusal.
func (c *Client) skew(resp *http.Response) string {
	at, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return ""
	}
	if off := c.opts.Now().Sub(at); off.Abs() > 4*time.Minute {
		return fmt.Sprintf("; this machine's clock is off by %s, and signatures hold for 5 minutes", off.Round(time.Minute))
	}
	return ""
}
