package vpc

import (
	"crypto/rand"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/signed"
)

// The emulated actions.
const (
	DescribeSslVpnServers = "DescribeSslVpnServers"
	DescribeVpnGateway    = "DescribeVpnGateway"
	ModifySslVpnServer    = "ModifySslVpnServer"

	DescribeSslVpnClients     = "DescribeSslVpnClients"
	DescribeSslVpnClientCerts = "DescribeSslVpnClientCerts"
	DescribeSslVpnClientCert  = "DescribeSslVpnClientCert"
	DescribeVpcAttribute      = "DescribeVpcAttribute"

	DescribeVpnGateways      = "DescribeVpnGateways"
	DescribeRegions          = "DescribeRegions"
	DescribeVpnSslServerLogs = "DescribeVpnSslServerLogs"
	CreateSslVpnServer       = "CreateSslVpnServer"
	DeleteSslVpnServer       = "DeleteSslVpnServer"
	CreateSslVpnClientCert   = "CreateSslVpnClientCert"
	ModifySslVpnClientCert   = "ModifySslVpnClientCert"
	DeleteSslVpnClientCert   = "DeleteSslVpnClientCert"
)

// call is one request as received, in one form for both signature versions.
type call struct {
	at        time.Time
	requestID string
	action    string
	version   string
	params    url.Values // business parameters of query and form
	xml       bool       // answer in XML
	fault     FaultKind  // the fault that applies, for the log

	// What the signature covers.
	method    string
	path      string
	host      string
	query     url.Values
	form      url.Values
	header    http.Header
	body      []byte
	v3        bool
	keyID     string
	token     string // security token
	nonce     string
	timestamp string
}

const maxBody = 1 << 20

// parse reads a request of either signature version (documented): version 1
// has everything in query and form, version 3 has the action, the key and the
// token in headers.
func parse(w http.ResponseWriter, r *http.Request) (*call, *apiError) {
	c := &call{method: r.Method, path: r.URL.Path, host: r.Host, query: r.URL.Query(), header: r.Header}
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return c, &apiError{status: http.StatusMethodNotAllowed, code: "UnsupportedHTTPMethod", message: "This http method is not supported."} // own choice
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return c, &apiError{status: http.StatusBadRequest, code: "InvalidRequestBody", message: "The body cannot be read: it may have at most 1 MiB."} // own choice
	}
	c.body = body
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/x-www-form-urlencoded" {
		if c.form, err = url.ParseQuery(string(body)); err != nil {
			return c, &apiError{status: http.StatusBadRequest, code: "InvalidRequestBody", message: "The form cannot be decoded."} // own choice
		}
	}
	if strings.HasPrefix(r.Header.Get("Authorization"), signed.Scheme) {
		c.parseV3()
	} else {
		c.parseV1()
	}
	return c, nil
}

func (c *call) parseV3() {
	c.v3 = true
	c.params = merge(c.query, c.form)
	c.action, c.version = c.header.Get("X-Acs-Action"), c.header.Get("X-Acs-Version")
	c.token = c.header.Get("X-Acs-Security-Token")
	c.nonce, c.timestamp = c.header.Get("X-Acs-Signature-Nonce"), c.header.Get("X-Acs-Date")
	c.keyID = signed.Param(c.header.Get("Authorization"), "Credential")
	c.xml = strings.Contains(c.header.Get("Accept"), "xml")
}

func (c *call) parseV1() {
	c.params = merge(c.query, c.form)
	get := c.params.Get
	c.action, c.version = get("Action"), get("Version")
	c.keyID, c.token = get("AccessKeyId"), get("SecurityToken")
	c.nonce, c.timestamp = get("SignatureNonce"), get("Timestamp")
	c.xml = strings.EqualFold(get("Format"), "XML") // JSON is the default of this product (documented)
	for _, common := range []string{
		"AccessKeyId", "Action", "Format", "Signature", "SignatureMethod", "SignatureNonce",
		"SignatureType", "SignatureVersion", "SecurityToken", "Timestamp", "Version",
	} {
		c.params.Del(common)
	}
}

func merge(all ...url.Values) url.Values {
	out := url.Values{}
	for _, values := range all {
		for k, v := range values {
			out[k] = append(out[k], v...)
		}
	}
	return out
}

// newRequestID makes an id in the form of the API's.
func newRequestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return fmt.Sprintf("%X-%X-%X-%X-%X", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
