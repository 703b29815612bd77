package policy_test

import (
	"fmt"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

func ExamplePolicy() {
	const file = `people:
  - name: mei
    accounts: [{door: slack, tenant: T1, user: U1}]
  - name: jun
    accounts: [{door: slack, tenant: T1, user: U2}]
servers:
  - {name: office, RegionId: cn-hangzhou, SslVpnServerId: vss-bp18q7hzj6largv4vk2fe}
grants:
  - {who: [mei], roles: [operator], servers: [office], settings: [Port, Proto]}
  - {who: [jun], roles: [approver], servers: [office]}
approvals:
  - {servers: [office], settings: [Port], need: 1}
tests:
  - "only mei may apply port or proto to office"
  - "nobody may apply name, pool, subnet, cipher, compress, mfa or IDaaS* to office"
  - "only jun may approve anything of office"
  - "nobody may cancel anything of office"
  - "only mei and jun may view office"
  - "port of office needs 1"
  - "name, pool, subnet, proto, cipher, compress, mfa, IDaaS* of office needs 0"
  - "nobody may view cn-beijing/vss-other"
`
	p, problems := policy.Parse([]byte(file), document.YAML)
	fmt.Println(len(problems), "problems")

	mei, _ := p.Person(policy.Account{Channel: "slack", Tenant: "T1", User: "U1"})
	office, _ := p.Server("office")
	port, cipher := []change.Field{change.Port}, []change.Field{change.Cipher}
	fmt.Println(p.May(mei, policy.Ask, office, port) == nil, p.Approvals(office, port), p.Approvers(change.Change{
		Request: change.Request{Target: office, Patch: change.Patch{change.Port: change.Number(1195)}},
		Origin:  change.Origin{Person: "mei"},
	}))
	fmt.Println(p.May(mei, policy.Ask, office, cipher))
	// Output:
	// 0 problems
	// true 1 [jun]
	// mei may not request changes of Cipher on office (cn-hangzhou/vss-bp18q7hzj6largv4vk2fe) [not-permitted]: nobody may; have the role operator granted in policy/policy.yaml
}
