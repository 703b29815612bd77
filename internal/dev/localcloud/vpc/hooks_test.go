package vpc_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

func TestHooksStandAroundTheEffect(t *testing.T) {
	t.Parallel()
	c := newClock()
	var e *vpc.Emulator
	var saw []string
	note := func(when string) func(vpc.Call) {
		return func(call vpc.Call) {
			s, _ := e.Server(serverID)
			saw = append(saw, when+" "+call.Action+" "+call.Params["Port"]+" "+s.Proto)
		}
	}
	e = newEmulator(t, c, vpc.Options{Before: note("before"), After: note("after")})
	if code := modify(t, e, c, "Port=1195&Proto=TCP"); code != "" {
		t.Fatal(code)
	}
	want := []string{"before ModifySslVpnServer 1195 UDP", "after ModifySslVpnServer 1195 TCP"}
	if !slices.Equal(saw, want) {
		t.Errorf("the hooks saw %q, want %q", saw, want)
	}
}

func TestHookThatCutsTheConnection(t *testing.T) {
	t.Parallel()
	cut := func(vpc.Call) { panic(http.ErrAbortHandler) }
	tests := []struct {
		name string
		opts vpc.Options
		port int
	}{
		{"before the effect", vpc.Options{Before: cut}, 1194},
		{"after the effect", vpc.Options{After: cut}, 1195},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			e := newEmulator(t, c, tt.opts)
			func() {
				defer func() {
					if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
						t.Errorf("the call ended with %v", err)
					}
				}()
				answer(e, c.signed("ModifySslVpnServer", "SslVpnServerId="+serverID+"&Port=1195"))
			}()
			if s, _ := e.Server(serverID); s.Port != tt.port {
				t.Errorf("the port is %d, want %d", s.Port, tt.port)
			}
		})
	}
}
