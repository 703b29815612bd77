package localcloud

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/zone"
)

// speak has the bot answer the people of the chat page in a language, with times in a
// zone: it writes both into the policy, as an admin would. A policy that somebody has
// rewritten stays as it is.
func (c *Cloud) speak(l lang.Tag, zoneName string) error {
	if l != lang.English && l != lang.Chinese {
		return fmt.Errorf("there is no language %q", l)
	}
	c.speaking.Lock()
	defer c.speaking.Unlock()
	old, err := os.ReadFile(filepath.Join(c.BucketDir(), filepath.FromSlash(policyKey)))
	if err != nil {
		return nil // without a policy, nobody has a language
	}
	said := "${1}    lang: " + string(l) + "\n"
	if zone.Known(zoneName) {
		said += "    timeZone: " + zoneName + "\n"
	}
	demo := regexp.MustCompile(`(?m)^(  - name: (?:Mei|Jun)\n)(?:    (?:lang|timeZone): \S+\n)*`)
	made := demo.ReplaceAll(old, []byte(said))
	if string(made) == string(old) {
		return nil
	}
	if err := c.Drop(policyKey, made); err != nil {
		return err
	}
	// An instance uses a policy for 30 seconds, and people look at the next answer.
	for _, i := range c.fc.Instances() {
		if i.RequestID == "" {
			_ = c.fc.Kill(i.ID) // it may have ended by itself
		}
	}
	return nil
}
