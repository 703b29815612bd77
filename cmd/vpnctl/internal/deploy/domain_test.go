package deploy_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/deploy"
)

// certificate writes a certificate for a name, and its key.
func certificate(t *testing.T, name string, until time.Time) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotBefore: until.AddDate(-1, 0, 0), NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "EC PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestDomains(t *testing.T) {
	t.Parallel()
	const name = "vpn.example.com"
	later := time.Now().AddDate(1, 0, 0)
	cert, key := certificate(t, name, later)
	otherCert, otherKey := certificate(t, "other.example.com", later)
	oldCert, oldKey := certificate(t, name, time.Now().AddDate(0, 0, -1))
	for title, c := range map[string]struct{ domain, cert, key, want string }{
		"none":                              {"", "", "", ""},
		"with a certificate":                {name, cert, key, ""},
		"for HTTP alone":                    {name, "", "", ""},
		"a certificate alone":               {"", cert, key, "no domain"},
		"no key":                            {name, cert, "", "set both"},
		"no certificate":                    {name, "", key, "set both"},
		"an address":                        {"https://" + name, "", "", "without https://"},
		"in capitals":                       {"VPN.example.com", "", "", "in lower case"},
		"with a path":                       {name + "/", "", "", "give the name of a domain"},
		"the platform's":                    {"x.cn-hangzhou.fcapp.run", "", "", "a domain of your own"},
		"another's certificate":             {name, otherCert, otherKey, "not " + name},
		"another's key":                     {name, cert, otherKey, "does not match"},
		"an expired certificate":            {name, oldCert, oldKey, "it has expired on"},
		"no file":                           {name, cert + "x", key, "no such file"},
		"the key in the certificate's line": {name, key, cert, "certificate"},
	} {
		f := parse(t, fresh(t))
		f.Set("CUSTOM_DOMAIN", c.domain)
		f.Set("CUSTOM_DOMAIN_CERTIFICATE", c.cert)
		f.Set("CUSTOM_DOMAIN_KEY", c.key)
		err := f.Check()
		if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "PRIVATE KEY-")) {
			t.Errorf("%s: got %v, want %q", title, err, c.want)
		}
		if err := f.CheckServerless(); (err != nil) != (c.domain != "" && c.cert == "") {
			t.Errorf("%s with Serverless Devs: %v", title, err)
		}
	}
}

// TestAStackTakesTheTextsOfTheFiles has the PEM texts as parameters, and Serverless Devs the
// paths.
func TestAStackTakesTheTextsOfTheFiles(t *testing.T) {
	t.Parallel()
	cert, key := certificate(t, "vpn.example.com", time.Now().AddDate(1, 0, 0))
	f := parse(t, fresh(t))
	f.Set("CUSTOM_DOMAIN", "vpn.example.com")
	f.Set("CUSTOM_DOMAIN_CERTIFICATE", cert)
	f.Set("CUSTOM_DOMAIN_KEY", key)
	m, err := deploy.ReadTemplate(repositoryPath("template.yml"))
	if err != nil {
		t.Fatal(err)
	}
	parameters, err := f.Parameters(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, p := range parameters {
		for parameter, path := range map[string]string{"CustomDomainCertificate": cert, "CustomDomainKey": key} {
			if data, err := os.ReadFile(path); p.Key == parameter && (err != nil || p.Value != string(data)) {
				t.Errorf("%s is not the text of the file", p.Key)
			} else if p.Key == parameter {
				found++
			}
		}
	}
	if found != 2 {
		t.Errorf("%d of 2 parameters", found)
	}
	f.Set("CUSTOM_DOMAIN_KEY", key+"x")
	if _, err := f.Parameters(m, nil); err == nil || !strings.Contains(err.Error(), "CUSTOM_DOMAIN_KEY cannot be read") {
		t.Errorf("got %v", err)
	}
	state := f.State(nil, moment())
	f.Set("CUSTOM_DOMAIN", "other.example.com")
	if losses := state.Losses(f, nil, false, deploy.Allowances{}); len(losses) != 1 || losses[0].Flag != "--allow-change CUSTOM_DOMAIN" {
		t.Errorf("another domain: %+v", losses)
	}
}
