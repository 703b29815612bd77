package main

import (
	"context"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

type windowsCmd struct {
	askFlags

	Servers []string `arg:"" optional:"" name:"server" help:"Names of servers in the policy, or ids, vss-…; region/id if the region is not the function's; default: all servers that the sender may view."`
	Ics     bool     `help:"Print a calendar file (RFC 5545) of the openings and freezes."`
	Days    int      `default:"90" help:"How many days the calendar file looks ahead, 1 to 366 (with --ics)."`
}

// Run shows the windows of the next seven days, or writes a calendar file.
func (c *windowsCmd) Run(ctx context.Context, t *terminal) error {
	if c.Ics {
		return c.calendar(ctx, t)
	}
	if len(c.Servers) == 0 {
		return c.look(ctx, t, string(command.Windows))
	}
	for i, server := range c.Servers {
		if i > 0 && !c.JSON {
			t.say("")
		}
		if err := c.look(ctx, t, string(command.Windows), server); err != nil {
			return err
		}
	}
	return nil
}

func (c *windowsCmd) calendar(ctx context.Context, t *terminal) error {
	const most = 366
	switch {
	case c.Days < 1 || c.Days > most:
		return misused("--days is %d: use 1 to %d", c.Days, most)
	case c.JSON:
		return misused("--ics and --json exclude each other")
	}
	client, err := c.client(t)
	if err != nil {
		return err
	}
	servers := c.Servers
	if len(servers) == 0 {
		servers = []string{""}
	}
	from := time.Now().Truncate(time.Second)
	until := from.Add(time.Duration(c.Days) * 24 * time.Hour)
	var all []remote.Schedule
	for _, server := range servers {
		got, err := client.Windows(ctx, server, from, until, newDelivery())
		if err != nil {
			return err
		}
		all = append(all, got.Schedules...)
		if got.MoreServers > 0 {
			t.note("%s left out: name the servers", plural(got.MoreServers, "server"))
		}
	}
	file := calendarOf(all, lang.Tag(c.Lang), from).String()
	_, err = t.out.Write([]byte(file)) // as it is: the format's line ends are CRLF
	return err
}
