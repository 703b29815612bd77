package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/version"
)

// Function is the deployed function, as far as it is asked without consent: nothing is
// written but the claim of a request.
type Function struct {
	URL    string
	HTTP   *http.Client
	Now    func() time.Time
	Remote *remote.Client // nil: there is no secret to sign with
	Own    string         // the version of vpnctl
}

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 64 << 10

// Check asks the function. Delivery makes a webhook-id.
func (f Function) Check(ctx context.Context, delivery func() string) []Result {
	methods, date := f.methods(ctx)
	return []Result{methods, f.clock(date), f.version(ctx, delivery())}
}

// exchange is an answer of the function.
type exchange struct {
	status int
	body   []byte
	date   time.Time // zero without a Date
	at     time.Time // on this machine, when the answer came
}

func (f Function) send(ctx context.Context, method string) (exchange, error) {
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(f.URL, "/")+"/healthz", http.NoBody)
	if err != nil {
		return exchange{}, err
	}
	resp, err := f.HTTP.Do(req)
	if err != nil {
		return exchange{}, err
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	out := exchange{status: resp.StatusCode, at: f.Now()}
	out.date, _ = http.ParseTime(resp.Header.Get("Date"))
	out.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return out, err
}

// methods sends GET and POST, and recognizes the function by its answers.
func (f Function) methods(ctx context.Context) (Result, exchange) {
	const check = "http-methods"
	get, err := f.send(ctx, http.MethodGet)
	if err != nil {
		return result(check, NotChecked, "no answer: "+err.Error()), exchange{}
	}
	var problems []string
	var said struct {
		Status any    `json:"status"`
		Type   string `json:"type"`
	}
	if err := json.Unmarshal(get.body, &said); err != nil || get.status != http.StatusOK || said.Status != "ok" {
		problems = append(problems, fmt.Sprintf("GET /healthz is answered with %d, and not by the function", get.status))
	}
	post, err := f.send(ctx, http.MethodPost)
	if err != nil {
		return result(check, NotChecked, "no answer: "+err.Error()), get
	}
	// The function answers that POST is not for this route; the platform, that it lets no
	// POST through.
	if err := json.Unmarshal(post.body, &said); err != nil || post.status != http.StatusMethodNotAllowed || !strings.HasPrefix(said.Type, "urn:sslvpn-change:") {
		problems = append(problems, fmt.Sprintf("POST /healthz is answered with %d, and not by the function", post.status))
	}
	return judge(check, problems, "the function answers GET and POST"), get
}

// maxSkew leaves half of the time for which signatures hold.
const maxSkew = 150 * time.Second

func (f Function) clock(e exchange) Result {
	const check = "function-clock"
	if e.date.IsZero() {
		return result(check, NotChecked, "the function gave no Date")
	}
	if off := e.at.Sub(e.date); off.Abs() > maxSkew {
		return result(check, Finding, fmt.Sprintf("this machine's clock is off by %s", off.Round(time.Second)))
	}
	return result(check, OK, fmt.Sprintf("the clocks are less than %s apart", e.at.Sub(e.date).Abs().Truncate(time.Second)+time.Second))
}

func (f Function) version(ctx context.Context, delivery string) Result {
	const check = "function-version"
	if f.Remote == nil {
		return result(check, NotChecked, "there is no secret to ask with: SSLVPN_SECRET_FILE")
	}
	theirs, err := f.Remote.Version(ctx, delivery)
	switch {
	case err != nil:
		return result(check, NotChecked, err.Error())
	case theirs.Version == version.Devel || f.Own == version.Devel:
		return result(check, NotChecked, fmt.Sprintf("the function is %s, vpnctl is %s: a build without a version cannot be compared", theirs.Version, f.Own))
	case theirs.Version != f.Own:
		return result(check, Finding, fmt.Sprintf("the function is %s, vpnctl is %s", theirs.Version, f.Own))
	}
	return result(check, OK, "both are "+f.Own)
}
