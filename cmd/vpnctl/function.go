package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/deploy"
	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

// functionFlags select the function and the sender.
type functionFlags struct {
	URL        string `name:"url" variable:"SSLVPN_URL" default:"http://127.0.0.1:9000" help:"The function's HTTP trigger."`
	SecretFile string `variable:"SSLVPN_SECRET_FILE" type:"path" help:"File with the secret, whsec_… lines of sender=whsec_…, or .env.deploy; default: the secret in the variable SSLVPN_SECRET."`
	Sender     string `variable:"SSLVPN_SENDER" help:"The sender whose secret signs, if there are several."`
}

// client returns the client for the flags.
func (f functionFlags) client(t *terminal) (*remote.Client, error) {
	secret, err := f.secret(t)
	if err != nil {
		return nil, err
	}
	client, err := remote.New(remote.Options{URL: f.URL, Secret: secret})
	if err != nil {
		return nil, unset(err.Error(), "give the URL of the function's HTTP trigger with --url or in "+variableURL)
	}
	return client, nil
}

func (f functionFlags) secret(t *terminal) (webhook.Secret, error) {
	text, source := t.variable(variableSecret), variableSecret
	if f.SecretFile != "" {
		data, err := os.ReadFile(f.SecretFile)
		if err != nil {
			return webhook.Secret{}, unset("read the secret: "+err.Error(), "check --secret-file and "+variableSecretFile)
		}
		text, source = string(data), f.SecretFile
	}
	if strings.TrimSpace(text) == "" {
		return webhook.Secret{}, unset("no secret to sign with: give --secret-file FILE, or set "+variableSecret+" or "+variableSecretFile,
			"the secret is one of the function's WEBHOOK_SECRETS: its operator has it; vpnctl local prints the file of a local cloud")
	}
	secret, err := pick(text, f.Sender)
	if err != nil {
		return webhook.Secret{}, unset(fmt.Sprintf("%s: %v", source, err), "")
	}
	return secret, nil
}

// pick returns the sender's first secret from a list in the form of
// WEBHOOK_SECRETS, separated by commas or lines, or from the settings of a deployment.
// A secret without a sender matches every sender.
func pick(text, sender string) (webhook.Secret, error) {
	if list, ok := deploy.Secrets(text); ok {
		text = list
	}
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, webhook.SecretPrefix) {
		return webhook.ParseSecret(text)
	}
	senders, err := webhook.ParseSenders(strings.Join(strings.Fields(strings.ReplaceAll(text, ",", " ")), ","))
	if err != nil {
		return webhook.Secret{}, err
	}
	var found []webhook.Sender
	names := map[string]bool{}
	for _, s := range senders {
		if sender == "" || s.Name == sender {
			found = append(found, s)
			names[s.Name] = true
		}
	}
	switch {
	case len(found) == 0:
		return webhook.Secret{}, fmt.Errorf("there is no secret of sender %q", sender)
	case len(names) > 1:
		return webhook.Secret{}, errors.New("there are secrets of several senders: name one with --sender")
	default:
		return found[0].Secret, nil
	}
}

// newDelivery makes a webhook-id.
func newDelivery() string { return "vpnctl-" + strings.ToLower(rand.Text()) }
