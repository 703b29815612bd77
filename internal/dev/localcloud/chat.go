package localcloud

import (
	_ "embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
)

// policyKey is where the policy is in the bucket.
const policyKey = "policy/policy.yaml"

//go:embed policy.yaml
var localPolicy []byte

// Policy has the people of the chat page with their accounts on every platform,
// the HTTP sender, and the person who copies files into the bucket's folder. One
// of the servers needs another person's approval.
func Policy() []byte { return append([]byte(nil), localPolicy...) }

// Chat is the chat services.
func (c *Cloud) Chat() *chat.Service { return c.chat }

func (c *Cloud) startChat(opts Options) error {
	o := chat.Options{FunctionURL: c.URL(), Speak: c.speak}
	if opts.Page != nil {
		o.Beside = UIPath
	}
	if opts.TuneChat != nil {
		opts.TuneChat(&o)
	}
	s, err := chat.New(o)
	if err != nil {
		return err
	}
	c.chat = s
	c.cleanup = append(c.cleanup, s.Close)
	return nil
}

// seedPolicy puts the policy into a bucket that has none.
func (c *Cloud) seedPolicy(policy []byte) error {
	_, err := os.Stat(filepath.Join(c.BucketDir(), filepath.FromSlash(policyKey)))
	if policy == nil || !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return c.Drop(policyKey, policy)
}
