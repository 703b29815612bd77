package approval

import (
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/zone"
)

// The zone of a room is its own, else its platform's, else the function's.
func TestTheZoneOfARoom(t *testing.T) {
	t.Parallel()
	v := &visit{Approvals: New(Deps{Zone: zone.Load("Europe/Berlin"), Zones: map[string]*time.Location{"slack": zone.Load("Asia/Tokyo")}}, DefaultTimes())}
	for _, tt := range []struct {
		room room
		want string
	}{
		{room{Platform: "slack", Zone: "Asia/Shanghai"}, "Asia/Shanghai"},
		{room{Platform: "slack"}, "Asia/Tokyo"},
		{room{Platform: "feishu"}, "Europe/Berlin"},
	} {
		if got := v.zoneOf(&tt.room).String(); got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.room, got, tt.want)
		}
	}
}
