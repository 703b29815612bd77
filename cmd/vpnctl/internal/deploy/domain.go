package deploy

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"
)

// domainName is what Function Compute takes as a domain, in lower case.
var domainName = regexp.MustCompile(`^([a-z0-9][-a-z0-9]{0,62}\.)+[a-z]{2,}$`)

// checkDomain fails for a domain that cannot be deployed. Without a domain there must be
// no certificate.
func (f *File) checkDomain() error {
	name, cert, key := f.values[customDomain], f.values[certificate], f.values[privateKey]
	switch {
	case name == "" && cert == "" && key == "":
		return nil
	case name == "":
		return fmt.Errorf("%s: there is a certificate, and no domain: set %s", f.Path, customDomain)
	case !domainName.MatchString(name):
		return fmt.Errorf("%s: %s is %q: give the name of a domain in lower case, such as vpn.example.com, without https://", f.Path, customDomain, name)
	case strings.HasSuffix(name, ".fcapp.run"), strings.HasSuffix(name, ".aliyuncs.com"):
		return fmt.Errorf("%s: %s is %q, which is Function Compute's: give a domain of your own", f.Path, customDomain, name)
	case (cert == "") != (key == ""):
		return fmt.Errorf("%s: set both %s and %s, or none of them", f.Path, certificate, privateKey)
	case cert == "":
		return nil
	}
	if err := checkCertificate(name, cert, key, time.Now()); err != nil {
		return fmt.Errorf("%s: the certificate of %s: %w", f.Path, name, err)
	}
	return nil
}

// checkCertificate fails for a certificate that clients of the domain would refuse. No
// error has the text of the key.
func checkCertificate(name, cert, key string, now time.Time) error {
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return err
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return err
	}
	if err := leaf.VerifyHostname(name); err != nil {
		return err
	}
	if now.After(leaf.NotAfter) {
		return fmt.Errorf("it has expired on %s", leaf.NotAfter.Format(time.DateOnly))
	}
	return nil
}

// CheckServerless fails for what s-domain.yaml cannot deploy.
func (f *File) CheckServerless() error {
	if f.values[customDomain] != "" && f.values[certificate] == "" {
		return fmt.Errorf("%s: s-domain.yaml needs a certificate for %s: set %s and %s", f.Path, f.values[customDomain], certificate, privateKey)
	}
	return nil
}

// content is what the stack takes for a setting: the value, or the text of the file that
// it names.
func (s Setting) content(value string) (string, error) {
	if !s.Path || value == "" {
		return value, nil
	}
	data, err := os.ReadFile(value)
	if err != nil {
		return "", errors.Join(fmt.Errorf("%s cannot be read", s.Name), err)
	}
	return string(data), nil
}
