package change_test

import (
	"fmt"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

func ExampleValidate() {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	request := change.Request{
		Target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-bp18q7hzj6largv4vk2fe"},
		Patch:  change.Patch{change.Port: change.Number(443), change.ClientIPPool: change.Text("10.30.30.0/2")},
	}
	for _, p := range change.Validate([]change.Request{request}, now) {
		fmt.Println(p)
	}
	// Output:
	// ClientIpPool: the mask of 10.30.30.0/2 is shorter than /16 [pool-mask]: did you mean 10.30.30.0/24?
	// Port: port 443 is reserved by the VPN gateway [port-reserved]: the nearest free ports are 442 and 444
}

func ExampleDiff() {
	server := change.Settings{change.Port: change.Number(1194), change.Proto: change.Text("UDP")}
	patch := change.Patch{change.Port: change.Number(1195), change.Proto: change.Text("udp")}
	for _, d := range change.Diff(server, patch) {
		fmt.Println(d.Field, d.From, d.To)
	}
	// Output: Port 1194 1195
}

// The table of settings describes what a change of a setting means to clients.
func ExampleField_Setting() {
	for _, f := range []change.Field{change.Name, change.LocalSubnet, change.Port} {
		s := f.Setting()
		fmt.Printf("%s (%s, %s): disconnects %t, needs a new client file %t\n", f, s.English, s.Chinese, s.Disconnects, s.ClientFile)
	}
	// Output:
	// Name (name, 名称): disconnects false, needs a new client file false
	// LocalSubnet (local_subnet subnet, 本端网段): disconnects true, needs a new client file false
	// Port (port, 端口): disconnects true, needs a new client file true
}
