package sslvpn

import (
	"context"
	"errors"
)

const describeKey action = "DescribeSslVpnClientCert"

// noCertificate has the form of the id of a certificate, and is that of none.
const noCertificate = "vsc-doctor0000000000000000"

// errKeys: the role may read private keys.
var errKeys = errors.New("the API answers a request for a certificate with its key: the role is not denied it")

// DeniesKeys checks that the role may not read the private keys of certificates, which
// DescribeSslVpnClientCert returns. It asks for a certificate that does not exist, and
// reads nothing of an answer but its error. Nil: the request is denied.
func (c *Client) DeniesKeys(ctx context.Context, regionID string) error {
	r := request{action: describeKey, region: regionID, params: []param{{"SslVpnClientCertId", noCertificate}}}
	err := c.send(ctx, r, func(node) error { return errKeys })
	if e, ok := errors.AsType[*Error](err); ok && e.Class == ClassDenied {
		return nil
	}
	if err == nil {
		return errKeys
	}
	return err
}
