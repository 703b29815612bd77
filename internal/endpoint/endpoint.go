package endpoint

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Parse reads an endpoint: scheme, host and optionally a port. The result has
// no other part set. The text of its errors follows the name of what was read,
// as in "VPC_ENDPOINT is …", and repeats no user name or password.
func Parse(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err == nil && u.User != nil {
		return nil, errors.New("has a user name in its URL: give scheme and host only, credentials come with each invocation")
	}
	if err != nil || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http") || !validPort(u) {
		if strings.Contains(s, "@") {
			s = "not a URL" // what stands before the @ may be a secret
		}
		return nil, fmt.Errorf("is %s: give a URL such as https://vpc.cn-hangzhou.aliyuncs.com", quoted(s))
	}
	if (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.ForceQuery || strings.Contains(s, "#") {
		return nil, fmt.Errorf("is %s: an endpoint is scheme and host only; remove what follows the host", quoted(u.Scheme+"://"+u.Host+"/…"))
	}
	if !Safe(u) {
		return nil, fmt.Errorf("is %s: plain http is for loopback addresses only, requests carry credentials; use %s",
			quoted(s), quoted("https://"+u.Host))
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

// ParseLocal reads an endpoint of the local cloud: plain http to a loopback
// address.
func ParseLocal(s string) (*url.URL, error) {
	u, err := Parse(s)
	if err == nil && u.Scheme != "http" {
		return nil, fmt.Errorf("is %s: it is for the local cloud only, such as http://127.0.0.1:9004; leave it out", quoted(s))
	}
	return u, err
}

// Safe reports whether credentials may be sent to u: by https, or by plain http
// to a loopback address.
func Safe(u *url.URL) bool {
	return u.Scheme == "https" || (u.Scheme == "http" && Loopback(u.Hostname()))
}

// Loopback reports whether host, without a port, is localhost or a loopback
// address.
func Loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.Atoi(u.Port())
	return err == nil && n > 0 && n < 65536
}

// quoted quotes a value for an error, cut to a readable length.
func quoted(s string) string {
	const most = 80
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return strconv.Quote(s)
}
