package oss

import "github.com/sslvpn-change/sslvpn-change/internal/secret"

// Credentials sign requests.
type Credentials struct {
	AccessKeyID     string
	AccessKeySecret secret.Text
	SecurityToken   secret.Text // of temporary credentials; zero for a permanent key
}
