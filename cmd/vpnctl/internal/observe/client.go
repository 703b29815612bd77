package observe

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
	"github.com/sslvpn-change/sslvpn-change/internal/signature"
)

// Config is how SLS is reached.
type Config struct {
	Target Target
	Key    signature.Key // of somebody who may change the log project
	// Endpoint is the address of SLS without the project, such as
	// http://127.0.0.1:9010; "" for https://<region>.log.aliyuncs.com.
	Endpoint string
	Now      func() time.Time // nil: time.Now
}

// client calls the API of SLS for one project.
type client struct {
	cfg  Config
	base *url.URL
	host string
	http *http.Client
}

// callTime bounds one request and its answer; maxAnswer is the most that is read of that.
const (
	callTime  = 15 * time.Second
	maxAnswer = 4 << 20
)

func newClient(cfg Config) (*client, error) {
	if err := cfg.Target.Check(); err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	c := &client{cfg: cfg, http: &http.Client{
		Timeout: callTime,
		// A redirect would carry the signature elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	address := cfg.Endpoint
	if address == "" {
		address = "https://" + cfg.Target.Region + ".log.aliyuncs.com"
	}
	base, err := endpoint.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("the address of SLS %w", err)
	}
	c.base, c.host = base, cfg.Target.Project+"."+base.Host
	if !endpoint.Loopback(base.Hostname()) {
		c.base = &url.URL{Scheme: base.Scheme, Host: c.host}
	}
	return c, nil
}

// APIError is a refusal of SLS, or an answer that is not one of SLS.
type APIError struct {
	Doing      string // such as "read the index fc-logs"
	HTTPStatus int
	Code       string
	Message    string
	RequestID  string
}

// Error says what was refused, and the way out where it is known.
func (e *APIError) Error() string {
	out := fmt.Sprintf("%s: SLS answered %d %s: %s", e.Doing, e.HTTPStatus, e.Code, e.Message)
	if e.RequestID != "" {
		out += " (request " + e.RequestID + ")"
	}
	switch {
	case e.Code == "ProjectNotExist":
		out += "; the log project is not there: check --project and --region"
	case e.Code == "LogStoreNotExist":
		out += "; the log store is not there: check --logstore, or create it first (docs/policies/README.md)"
	case e.HTTPStatus == http.StatusUnauthorized:
		out += "; check the access key in ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, and this machine's clock"
	case e.HTTPStatus == http.StatusForbidden:
		out += "; the access key lacks a right on the log project: see docs/observe.md"
	}
	return out
}

// absent reports whether the answer means that a document is not there yet.
func (e *APIError) absent() bool {
	switch e.Code {
	case "ProjectNotExist", "LogStoreNotExist":
		return false
	default:
		return e.HTTPStatus == http.StatusNotFound || strings.HasSuffix(e.Code, "NotExist")
	}
}

// get reads a document; nil when it is not there.
func (c *client) get(ctx context.Context, d Document) (map[string]any, error) {
	path, _ := d.path()
	data, err := c.call(ctx, http.MethodGet, path, nil, "read the "+d.title())
	if err != nil {
		if no, ok := err.(*APIError); ok && no.absent() { //nolint:errorlint // call does not wrap it
			return nil, nil //nolint:nilnil // no document is an answer, not an error
		}
		return nil, err
	}
	var out map[string]any
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, fmt.Errorf("read the %s: the answer is not JSON: check that the address is that of SLS", d.title())
	}
	return out, nil
}

// put creates or replaces a document.
func (c *client) put(ctx context.Context, d Document, body map[string]any, isNew bool) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	path, collection := d.path()
	if isNew {
		_, err = c.call(ctx, http.MethodPost, collection, data, "create the "+d.title())
		return err
	}
	_, err = c.call(ctx, http.MethodPut, path, data, "replace the "+d.title())
	return err
}

func (d Document) title() string { return string(d.Kind) + " " + d.Name }

func (c *client) call(ctx context.Context, method, path string, body []byte, doing string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base.String()+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Host = c.host
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "vpnctl")
	sign(req, body, c.cfg.Key, c.cfg.Target.Region, c.cfg.Now())
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%s: SLS does not answer: %s", doing, c.cfg.Key.Scrub(err.Error()))
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("%s: the answer of SLS broke off: %w", doing, err)
	}
	if resp.StatusCode == http.StatusOK {
		return data, nil
	}
	var no struct {
		Code    string `json:"errorCode"`
		Message string `json:"errorMessage"`
	}
	if json.Unmarshal(data, &no) != nil || no.Code == "" {
		no.Message = "the answer is not one of SLS"
	}
	return nil, &APIError{
		Doing: doing, HTTPStatus: resp.StatusCode, Code: no.Code, Message: c.cfg.Key.Scrub(fmt.Sprintf("%.300s", no.Message)),
		RequestID: resp.Header.Get("X-Log-Requestid"),
	}
}
