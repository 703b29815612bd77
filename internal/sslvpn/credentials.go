package sslvpn

import (
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
	"github.com/sslvpn-change/sslvpn-change/internal/signature"
)

// Credentials sign requests. The function gets new ones with every invocation,
// so they belong to a copy of the client made by With and are not kept longer.
type Credentials struct {
	AccessKeyID     string
	AccessKeySecret secret.Text
	SecurityToken   secret.Text // zero for a permanent key
}

// scrub removes the credentials from a text of the API: the message of a
// refused signature repeats what was signed.
func (c Credentials) scrub(s string) string { return c.key().Scrub(s) }

// key is what requests are signed with.
func (c Credentials) key() signature.Key {
	return signature.Key{ID: c.AccessKeyID, Secret: c.AccessKeySecret, Token: c.SecurityToken}
}
