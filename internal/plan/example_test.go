package plan_test

import (
	"fmt"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
)

// Two due changes of one server become one modification. The later one wins, and
// the pool is sent with the subnets.
func ExampleMake() {
	p := plan.Make(plan.Input{
		Readable: true,
		Now:      time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
		Before: change.Settings{
			change.Port: change.Number(1194), change.ClientIPPool: change.Text("10.30.30.0/24"), change.LocalSubnet: change.Text("10.20.20.0/24"),
		},
		Changes: []change.Change{
			{ID: "first", Request: change.Request{Patch: change.Patch{change.Port: change.Number(1195)}}},
			{ID: "second", Request: change.Request{Patch: change.Patch{change.Port: change.Number(1196), change.LocalSubnet: change.Text("10.21.0.0/16")}}},
		},
	})
	for _, o := range p.Outcomes {
		fmt.Println(o.ID, o.Status, o.SupersededBy)
	}
	for _, f := range p.Patch.Fields() {
		fmt.Println(f, p.Patch[f])
	}
	// Output:
	// first superseded map[Port:second]
	// second applied map[]
	// ClientIpPool 10.30.30.0/24
	// LocalSubnet 10.21.0.0/16
	// Port 1196
}
