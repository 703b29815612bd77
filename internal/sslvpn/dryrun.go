package sslvpn

import (
	"context"
	"errors"
	"net/http"
)

// codeDryRun is the code of the error with which the API says that a dry run passed.
const codeDryRun = "DryRunOperation"

// errNotDry: the API answered a dry run as it answers a modification.
var errNotDry = errors.New("the API answered a dry run like a modification; read the server back: it may have been modified")

// DryRun asks the API whether it would accept a modification, and sends no
// ClientToken. An API that does not know the parameter would carry the modification
// out: then the error says so, and is of ClassUnknown. Any other failure to get an
// answer changed nothing.
func (c *Client) DryRun(ctx context.Context, m Modification) error {
	if len(m.Patch) == 0 {
		return refuse(modifyServer, "nothing to check: the patch is empty")
	}
	r := request{action: modifyServer, region: m.RegionID, passed: codeDryRun, params: append(m.settings(),
		param{"SslVpnServerId", m.ServerID},
		param{"DryRun", "true"},
	)}
	err := c.send(ctx, r, func(node) error { return errNotDry })
	if e, ok := errors.AsType[*Error](err); ok && e.Class == ClassUnknown && e.HTTPStatus != http.StatusOK {
		e.Class = ClassUnavailable
	}
	return err
}

// settings are the parameters of the settings to modify.
func (m Modification) settings() []param {
	out := make([]param, 0, len(m.Patch)+2) // what identifies the request comes too
	for f, v := range m.Patch {
		out = append(out, param{string(f), v.String()})
	}
	return out
}
