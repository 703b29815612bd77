package localcloud

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/folder"
)

// keys are the access key of a person, who acts as the account itself.
type keys struct{ id, secret string }

// EnvFile sets, for a shell, the variables with which clients of the vendor find the
// local cloud: ossutil, the SDKs, aliyun-cli and Terraform. It has a key, and is
// readable by the owner only.
func (c *Cloud) EnvFile() string { return filepath.Join(c.dir, "env") }

// makeKeys makes a person's key, or reads the one that an earlier run left in the
// folder, and writes EnvFile with the addresses of this run.
func (c *Cloud) makeKeys() error {
	text, err := os.ReadFile(c.EnvFile())
	if err == nil {
		found := regexp.MustCompile(`(?m)^export OSS_ACCESS_KEY_ID=(LTAI[A-Z0-9]{20})\nexport OSS_ACCESS_KEY_SECRET=([A-Z0-9]{26,})$`).FindSubmatch(text)
		if found != nil {
			c.keys = keys{string(found[1]), string(found[2])}
		}
	}
	if c.keys.id == "" {
		c.keys = keys{"LTAI" + rand.Text()[:20], rand.Text()}
	}
	return folder.Write(c.EnvFile(), c.env())
}

func (c *Cloud) env() []byte {
	vpc := c.VPCURL()[len("http://"):]
	return fmt.Appendf(nil, `# The local cloud for clients: . this file
export OSS_ACCESS_KEY_ID=%[1]s
export OSS_ACCESS_KEY_SECRET=%[2]s
export OSS_REGION=%[3]s
export OSS_ENDPOINT=%[4]s
export ALIBABA_CLOUD_ACCESS_KEY_ID=%[1]s
export ALIBABA_CLOUD_ACCESS_KEY_SECRET=%[2]s
export ALIBABA_CLOUD_REGION_ID=%[3]s
export ALICLOUD_ACCESS_KEY=%[1]s
export ALICLOUD_SECRET_KEY=%[2]s
export ALICLOUD_REGION=%[3]s
export VPC_ENDPOINT=%[5]s
`, c.keys.id, c.keys.secret, Region, c.OSSURL(), vpc)
}

// PortError says that a port cannot be opened.
type PortError struct {
	Flag string // of vpnctl local; "" for a port that no flag selects
	Port int
	What string // listens there
	Err  error
}

func (e *PortError) Error() string {
	return fmt.Sprintf("port %d for %s is not free (0 takes any free one): %v", e.Port, e.What, e.Err)
}

// Unwrap is the cause.
func (e *PortError) Unwrap() error { return e.Err }
