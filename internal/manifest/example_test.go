package manifest_test

import (
	"fmt"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
)

func ExampleParse() {
	const file = `ref: CHG-1042
changes:
  - RegionId: cn-hangzhou
    SslVpnServerId: vss-bp18q7hzj6largv4vk2fe
    Port: 1195
    Proto: tcp
`
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	requests, problems := manifest.Parse([]byte(file), manifest.Options{Format: manifest.YAML, Now: now})
	for _, r := range requests {
		fmt.Println(r.Ref, r.Target, r.Path, "line", r.Line, r.Patch)
	}
	fmt.Println(len(problems), "problems")
	// Output:
	// CHG-1042 cn-hangzhou/vss-bp18q7hzj6largv4vk2fe changes[0] line 3 map[Port:1195 Proto:TCP]
	// 0 problems
}

// A document with a problem is refused as a whole.
func ExampleParse_problems() {
	const file = `RegionId: cn-hangzhou
SslVpnServerId: vss-bp18q7hzj6largv4vk2fe
Prot: TCP
Port: "1195"
`
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	_, problems := manifest.Parse([]byte(file), manifest.Options{Format: manifest.YAML, Now: now})
	for _, p := range problems {
		fmt.Println("line", p.Line, p)
	}
	// Output:
	// line 3 Prot: unknown key Prot [unknown-key]: the nearest known key is Proto
	// line 4 Port: Port takes a whole number, not a text [wrong-type]: remove the quotes
}
