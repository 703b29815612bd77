package sslvpn

import (
	"context"
	"errors"
)

const describeKey action = "DescribeSslVpnClientCert"

// noCertificate has the form of the id of a certificate, and is that of none.
const noCertificate = "vsc-doctor0000000000000000"

// DeniesKeys reports whether the role may not read the private keys of certificates,
// which DescribeSslVpnClientCert returns. It asks for a certificate that does not exist,
// and reads nothing of an answer but its error. It fails if that cannot be known.
func (c *Client) DeniesKeys(ctx context.Context, regionID string) (bool, error) {
	r := request{action: describeKey, region: regionID, params: []param{{"SslVpnClientCertId", noCertificate}}}
	err := c.send(ctx, r, func(node) error { return nil })
	e, failed := errors.AsType[*Error](err)
	switch {
	case failed && e.Class == ClassDenied:
		return true, nil
	case !failed, e.Class == ClassInvalid && e.HTTPStatus != 0: // there is no such certificate
		return false, nil
	}
	return false, err
}
