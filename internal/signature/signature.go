package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

const (
	scheme = "ACS3-HMAC-SHA256"
	// emptySHA256 is the digest of an empty body.
	emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)

// Key is what a request is signed with.
type Key struct {
	ID     string
	Secret secret.Text
	Token  secret.Text // of temporary keys; zero for a permanent key
}

// Header is one header of a request, its name in net/http's spelling.
type Header struct{ Name, Value string }

// Request is a request that is to be signed.
type Request struct {
	Method, Host string
	Path         string // as it is sent, encoded
	Query        string // as it is sent: sorted by name, encoded after RFC 3986
	Action       string
	Version      string // of the API
	ContentType  string // "" for a request without a body
	Body         []byte
	Date         time.Time
	Nonce        string
	Plain        []Header // headers that are sent, and are not signed
}

// Sign returns the header of a request: what is signed except for the host, which
// net/http sends, the plain headers, and the Authorization.
func Sign(r Request, k Key) http.Header {
	signed := r.signed(k)
	h := make(http.Header, len(signed)+len(r.Plain)+1)
	values := make([]string, 0, len(signed)+len(r.Plain)+1) // in one piece: this is half of the cost
	set := func(name, value string) {
		values = append(values, value)
		h[name] = values[len(values)-1 : len(values) : len(values)]
	}
	set("Authorization", authorization(r, signed, k))
	for _, s := range signed {
		if s.Name != hostName {
			set(s.Name, s.Value)
		}
	}
	for _, p := range r.Plain {
		set(p.Name, p.Value)
	}
	return h
}

const (
	hostName   = "Host"
	digestName = "X-Acs-Content-Sha256"
)

// signed are the headers that are signed, sorted by name.
func (r Request) signed(k Key) []Header {
	out := make([]Header, 0, 10)
	if r.ContentType != "" {
		out = append(out, Header{"Content-Type", r.ContentType})
	}
	out = append(out, Header{hostName, r.Host})
	// As the vendor's SDKs do, one header says which kind of credentials signs.
	provider := "static_ak"
	if !k.Token.IsZero() {
		provider = "static_sts"
		out = append(out, Header{"X-Acs-Accesskey-Id", k.ID})
	}
	out = append(
		out,
		Header{"X-Acs-Action", r.Action},
		Header{digestName, digest(r.Body)},
		Header{"X-Acs-Credentials-Provider", provider},
		Header{"X-Acs-Date", r.Date.UTC().Format("2006-01-02T15:04:05Z")},
	)
	if !k.Token.IsZero() {
		out = append(out, Header{"X-Acs-Security-Token", k.Token.Reveal()})
	}
	return append(out, Header{"X-Acs-Signature-Nonce", r.Nonce}, Header{"X-Acs-Version", r.Version})
}

func digest(body []byte) string {
	if len(body) == 0 {
		return emptySHA256
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// authorization returns the Authorization of a request.
func authorization(r Request, signed []Header, k Key) string {
	buf := make([]byte, 0, 640+len(k.Token.Reveal()))
	buf = append(append(buf, r.Method...), '\n')
	buf = append(append(buf, r.Path...), '\n')
	buf = append(append(buf, r.Query...), '\n')
	body := emptySHA256
	for _, h := range signed {
		buf = append(appendLower(buf, h.Name), ':')
		buf = append(append(buf, strings.TrimSpace(h.Value)...), '\n')
		if h.Name == digestName {
			body = h.Value
		}
	}
	buf = append(appendNames(append(buf, '\n'), signed), '\n')
	buf = append(buf, body...)
	sum := sha256.Sum256(buf)
	mac := hmac.New(sha256.New, []byte(k.Secret.Reveal()))
	mac.Write(hex.AppendEncode(append(buf[:0], scheme+"\n"...), sum[:]))
	buf = append(buf[:0], scheme+" Credential="...)
	buf = append(append(buf, k.ID...), ",SignedHeaders="...)
	buf = append(appendNames(buf, signed), ",Signature="...)
	return string(hex.AppendEncode(buf, mac.Sum(sum[:0])))
}

// appendNames appends the names, in lower case and separated by semicolons.
func appendNames(buf []byte, headers []Header) []byte {
	for i, h := range headers {
		if i > 0 {
			buf = append(buf, ';')
		}
		buf = appendLower(buf, h.Name)
	}
	return buf
}

func appendLower(buf []byte, s string) []byte {
	for _, c := range []byte(s) {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf = append(buf, c)
	}
	return buf
}
