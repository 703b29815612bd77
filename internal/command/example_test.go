package command_test

import (
	"errors"
	"fmt"

	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

func ExampleParse() {
	c, err := command.Parse("@bot 变更 office-hangzhou 端口＝1195 原因=“酒店封锁 UDP”")
	fmt.Println(c, err)
	// Output: apply office-hangzhou port=1195 reason="酒店封锁 UDP" <nil>
}

// The error lists every problem of a line, in English or Chinese.
func ExampleError() {
	_, err := command.Parse("apply office-hangzhou port=22 prot=tcp")
	if e, ok := errors.AsType[*command.Error](err); ok {
		for _, line := range append(e.Lines(lang.English), e.Lines(lang.Chinese)...) {
			fmt.Println(line)
		}
	}
	// Output:
	// There is no key prot. The nearest is proto.
	// port: port 22 is reserved by the VPN gateway. The nearest free ports are 21 and 23.
	// 没有 prot 这个键。最接近的是 proto。
	// port=22：该端口由 VPN 网关保留，请换一个，例如 21 或 23。
}
