package mcp

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/listing"
)

// The bounds of what one answer lists.
const (
	maxServers = 100
	maxChanges = 50
	maxHistory = 20
	maxDays    = 31
	maxSpans   = 100
)

// addLooking adds the tools that only read.
func (s *Server) addLooking() {
	sdk.AddTool(s.mcp, &sdk.Tool{
		Name: "servers", Annotations: looks("Servers"), InputSchema: object(nil),
		Description: "Lists the SSL-VPN servers that you may view, with how many clients are connected. Start here: the other tools take these names.",
	}, s.servers)
	sdk.AddTool(s.mcp, &sdk.Tool{
		Name: "status", Annotations: looks("Status"), InputSchema: object(map[string]*jsonschema.Schema{
			"change": changeArgument("The id of a change: where it stands, who has to approve it, or how it ended."),
			"server": serverArgument("A server: its settings, and the changes that wait for it."),
		}),
		Description: "Shows a change or a server. Give exactly one of the two. Use it to see what has become of a proposal; do not propose again what waits.",
	}, s.status)
	sdk.AddTool(s.mcp, &sdk.Tool{
		Name: "list", Annotations: looks("Changes"), InputSchema: object(map[string]*jsonschema.Schema{
			"status": oneOf("Only these; by default all.", listing.Words()...),
			"server": serverArgument("Only changes of this server."),
			"by":     matching("Only what this person requested.", `^[^\s]+$`, 128, "mei"),
			"since":  matching("Only changes that ended, or were accepted while they wait, from then on: 24h, 7d, or a time.", `^[0-9A-Za-z:+.-]+$`, 40, "7d"),
			"limit":  count("How many.", maxChanges),
			"cursor": matching("The cursor of the answer before, to go on.", `^[^\s]+$`, 2048),
		}),
		Description: "Lists changes: those that wait, then those that ended, the newest first.",
	}, s.list)
	sdk.AddTool(s.mcp, &sdk.Tool{
		Name: "history", Annotations: looks("History"), InputSchema: object(map[string]*jsonschema.Schema{
			"server": serverArgument("The server."),
			"limit":  count("How many.", maxHistory),
		}, "server"),
		Description: "Lists the last changes of a server, with what each of them changed.",
	}, s.history)
	sdk.AddTool(s.mcp, &sdk.Tool{
		Name: "windows", Annotations: looks("Maintenance windows"), InputSchema: object(map[string]*jsonschema.Schema{
			"server": serverArgument("The server; by default all that you may view."),
			"days":   count("How many days to look ahead; by default 7.", maxDays),
		}),
		Description: "Shows when changes may be sent: the openings of maintenance windows, and freezes. A change that is approved earlier waits for its window by itself.",
	}, s.windows)
}

type noArguments struct{}

type serversResult struct {
	Servers []serverResult `json:"servers"`
	More    int            `json:"more,omitempty" jsonschema:"servers that the answer leaves out"`
}

func (s *Server) servers(ctx context.Context, _ *sdk.CallToolRequest, _ noArguments) (*sdk.CallToolResult, serversResult, error) {
	var ans answer
	if err := s.function.command(ctx, command.Command{Verb: command.Servers}, s.function.newID(), &ans); err != nil {
		return nil, serversResult{}, err
	}
	out := serversResult{Servers: []serverResult{}}
	for _, one := range ans.Servers[:min(len(ans.Servers), maxServers)] {
		out.Servers = append(out.Servers, one.result())
	}
	out.More = len(ans.Servers) - len(out.Servers)
	return answered(out, "%s.", plural(len(ans.Servers), "server"))
}

type statusArguments struct {
	Change string `json:"change"`
	Server string `json:"server"`
}

type statusResult struct {
	Change  *changeResult  `json:"change,omitempty"`
	Plan    []difference   `json:"plan,omitempty" jsonschema:"what the change would do now"`
	Server  *serverResult  `json:"server,omitempty"`
	Waiting []changeResult `json:"waiting,omitempty" jsonschema:"the changes that wait for the server"`
	Unknown *words         `json:"unknown,omitempty" jsonschema:"why the server cannot be read"`
}

func (s *Server) status(ctx context.Context, _ *sdk.CallToolRequest, in statusArguments) (*sdk.CallToolResult, statusResult, error) {
	c := command.Command{Verb: command.Status, Change: in.Change}
	c.Region, c.Server = serverOf(in.Server)
	if (in.Change == "") == (in.Server == "") {
		return nil, statusResult{}, errors.New("give either change or server")
	}
	if _, ok := change.ParseTyped(in.Change); in.Change != "" && !ok {
		return nil, statusResult{}, errors.New("this is not the id of a change: copy it from propose or list")
	}
	var ans answer
	if err := s.function.command(ctx, c, s.function.newID(), &ans); err != nil {
		return nil, statusResult{}, err
	}
	var out statusResult
	switch {
	case ans.Record != nil:
		r := recordResult(*ans.Record, nameOf(ans.Server))
		out.Change = &r
	case ans.Change != nil:
		r := ans.Change.result()
		out.Change = &r
		if ans.Plan != nil {
			out.Plan = differences(ans.Plan.Changed)
		}
	case ans.Server != nil:
		r := ans.Server.result()
		out.Server = &r
		for _, q := range ans.Queue[:min(len(ans.Queue), maxChanges)] {
			out.Waiting = append(out.Waiting, q.result())
		}
	}
	if ans.Plan != nil && ans.Plan.Unseen != nil {
		out.Unknown = quoted(ans.Plan.Unseen.Message)
	}
	return answered(out, "%s", out.summary())
}

func nameOf(s *server) string {
	if s == nil {
		return ""
	}
	return orID(s.Name, s.ServerID)
}

func (r statusResult) summary() string {
	switch {
	case r.Change != nil && r.Change.Ended:
		return fmt.Sprintf("The change %s has ended: %s.", r.Change.ID, r.Change.Status)
	case r.Change != nil && r.Change.Needs > len(r.Change.ApprovedBy):
		return fmt.Sprintf("The change %s waits for %s of: %s. People are asked; there is nothing to do here.",
			r.Change.ID, plural(r.Change.Needs-len(r.Change.ApprovedBy), "approval"), orNobody(r.Change.Approvers))
	case r.Change != nil:
		return fmt.Sprintf("The change %s is %s.", r.Change.ID, r.Change.Status)
	case r.Server != nil:
		return fmt.Sprintf("%s has %s that wait.", orID(r.Server.Name, r.Server.ServerID), plural(len(r.Waiting), "change"))
	default:
		return "Nothing is known of it."
	}
}

type listArguments struct {
	Status string `json:"status"`
	Server string `json:"server"`
	By     string `json:"by"`
	Since  string `json:"since"`
	Limit  int    `json:"limit"`
	Cursor string `json:"cursor"`
}

type listResult struct {
	Changes []changeResult `json:"changes"`
	Cursor  string         `json:"cursor,omitempty" jsonschema:"pass it to list to go on; absent at the end"`
}

func (s *Server) list(ctx context.Context, _ *sdk.CallToolRequest, in listArguments) (*sdk.CallToolResult, listResult, error) {
	params := url.Values{"limit": {strconv.Itoa(orDefault(in.Limit, 20))}}
	for name, value := range map[string]string{"status": in.Status, "server": in.Server, "by": in.By, "since": in.Since, "cursor": in.Cursor} {
		if value != "" {
			params.Set(name, value)
		}
	}
	var page listing.Page
	if err := s.function.get(ctx, "/v1/changes?"+params.Encode(), &page); err != nil {
		return nil, listResult{}, err
	}
	out := listResult{Changes: []changeResult{}, Cursor: page.Next}
	for _, c := range page.Changes[:min(len(page.Changes), maxChanges)] {
		out.Changes = append(out.Changes, listed(c))
	}
	return answered(out, "%s.", plural(len(out.Changes), "change"))
}

// listed is a change of a list.
func listed(c listing.Change) changeResult {
	out := changeResult{
		ID: c.ID, Status: string(c.Status), Ended: c.Ended(), Server: orID(c.Name, c.ServerID), RequestedBy: c.By, Assistant: c.Assistant,
		Reason: quoted(c.Reason), Ref: quoted(c.Ref), Requested: settingsOf(c.Requested), Changed: differences(c.Changed), ApprovedBy: c.ApprovedBy,
		AcceptedAt: stamp(c.AcceptedAt), DueAt: stamp(c.DueAt), Undoes: c.Undoes,
	}
	if w := c.Wait; w != nil {
		out.Waits, out.Why, out.Needs, out.Approvers, out.Window = w.Cause, quoted(w.Why), w.Need, w.Approvers, gateOf(w.Window)
		out.Confirm, out.ExpiresAt = w.Confirm.String(), stamp(w.ExpiresAt)
	}
	if e := c.End; e != nil {
		out.EndedAt, out.Code, out.UndoneBy, out.UndoAt = stamp(e.EndedAt), e.Code, e.Undo, stamp(e.UndoBy)
	}
	return out
}

type historyArguments struct {
	Server string `json:"server"`
	Limit  int    `json:"limit"`
}

func (s *Server) history(ctx context.Context, _ *sdk.CallToolRequest, in historyArguments) (*sdk.CallToolResult, listResult, error) {
	c := command.Command{Verb: command.History, Limit: orDefault(in.Limit, 5)}
	c.Region, c.Server = serverOf(in.Server)
	var ans answer
	if err := s.function.command(ctx, c, s.function.newID(), &ans); err != nil {
		return nil, listResult{}, err
	}
	out := listResult{Changes: []changeResult{}}
	for _, r := range ans.History[:min(len(ans.History), maxHistory)] {
		out.Changes = append(out.Changes, recordResult(r, nameOf(ans.Server)))
	}
	return answered(out, "%s of %s.", plural(len(out.Changes), "change"), nameOf(ans.Server))
}

type windowsArguments struct {
	Server string `json:"server"`
	Days   int    `json:"days"`
}

type windowsResult struct {
	From    string     `json:"from"`
	Until   string     `json:"until"`
	Servers []schedule `json:"servers"`
	More    int        `json:"more,omitempty" jsonschema:"servers that the answer leaves out"`
}

type schedule struct {
	Server string `json:"server"`
	Parts  []part `json:"parts"`
}

type part struct {
	Settings []string `json:"settings" jsonschema:"settings that may be changed at the same times"`
	Windows  []string `json:"windows,omitempty" jsonschema:"absent: at any time, apart from freezes"`
	Spans    []span   `json:"spans"`
}

type span struct {
	From    string   `json:"from"`
	Until   string   `json:"until"`
	Windows []string `json:"windows,omitempty"`
	Freeze  string   `json:"freeze,omitempty" jsonschema:"a freeze: nothing is sent"`
	Reason  *words   `json:"reason,omitempty"`
}

func (s *Server) windows(ctx context.Context, _ *sdk.CallToolRequest, in windowsArguments) (*sdk.CallToolResult, windowsResult, error) {
	from := s.now().Truncate(time.Second)
	until := from.AddDate(0, 0, orDefault(in.Days, 7))
	params := url.Values{"from": {stamp(from)}, "until": {stamp(until)}}
	if in.Server != "" {
		params.Set("server", in.Server)
	}
	var ans struct {
		Schedules []struct {
			change.Target

			Name  string `json:"name"`
			Parts []struct {
				Settings []string `json:"settings"`
				Windows  []string `json:"windows"`
				Spans    []struct {
					From, Until time.Time
					Windows     []string
					Freeze      string
					Reason      string
				} `json:"spans"`
			} `json:"parts"`
		} `json:"schedules"`
		MoreServers int `json:"moreServers"`
	}
	if err := s.function.get(ctx, "/v1/windows?"+params.Encode(), &ans); err != nil {
		return nil, windowsResult{}, err
	}
	out := windowsResult{From: stamp(from), Until: stamp(until), Servers: []schedule{}, More: ans.MoreServers}
	for _, one := range ans.Schedules {
		sch := schedule{Server: orID(one.Name, one.ServerID), Parts: []part{}}
		for _, p := range one.Parts {
			made := part{Settings: p.Settings, Windows: p.Windows, Spans: []span{}}
			for _, sp := range p.Spans[:min(len(p.Spans), maxSpans)] {
				made.Spans = append(made.Spans, span{stamp(sp.From), stamp(sp.Until), sp.Windows, sp.Freeze, quoted(sp.Reason)})
			}
			sch.Parts = append(sch.Parts, made)
		}
		out.Servers = append(out.Servers, sch)
	}
	return answered(out, "When changes of %s may be sent, from %s to %s.", plural(len(out.Servers), "server"), out.From, out.Until)
}

// orDefault is a number, or what stands for 0.
func orDefault(n, fallback int) int {
	if n == 0 {
		return fallback
	}
	return n
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// orNobody lists names.
func orNobody(names []string) string {
	if len(names) == 0 {
		return "nobody; the policy has no approver for it"
	}
	return strings.Join(names, ", ")
}
