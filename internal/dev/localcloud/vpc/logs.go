package vpc

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// maxLogMinutes is the longest MinutePeriod (documented for the logs of IPsec
// connections: 1 to 10).
const maxLogMinutes = 10

// serverLogs answers DescribeVpnSslServerLogs: a line for each client that connected in
// the period, in the words of OpenVPN (own choice: the lines are not published).
func (e *Emulator) serverLogs(c *call) outcome {
	id := c.params.Get("VpnSslServerId")
	if id == "" {
		return refuse(errMissing("VpnSslServerId"))
	}
	s := e.servers[id]
	if s == nil || s.RegionID != c.params.Get("RegionId") {
		return refuse(errNoServer())
	}
	if s.DenyReads {
		return refuse(denied(s))
	}
	page, size, refusal := paging(c)
	if refusal != nil {
		return refuse(refusal)
	}
	from, to, refusal := period(c)
	if refusal != nil {
		return refuse(refusal)
	}
	var lines []string
	clients, _ := e.online(s)
	for _, k := range clients {
		only := c.params.Get("SslVpnClientCertId")
		if k.ConnectedAt.Before(from) || k.ConnectedAt.After(to) || only != "" && only != k.Certificate {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s %s:%d [%s] Peer Connection Initiated with [AF_INET]%s:%d",
			k.ConnectedAt.UTC().Format(time.DateTime), k.IP, k.Port, k.Certificate, k.IP, k.Port))
	}
	slices.Sort(lines)
	first := min((page-1)*size, len(lines))
	shown := lines[first:min(first+size, len(lines))]
	return outcome{reply: object{
		{"RequestId", c.requestID},
		{"PageNumber", page},
		{"PageSize", size},
		{"Count", len(lines)},
		{"IsCompleted", true},
		{"Data", object{{"Logs", words(shown)}}},
	}}
}

// period reads From, To and MinutePeriod: two of them, or the last alone, which then
// ends now (documented).
func period(c *call) (from, to time.Time, refusal *apiError) {
	get := func(param string) (n int64, given bool) {
		v := c.params.Get(param)
		if v == "" || refusal != nil {
			return 0, false
		}
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n < 1 || param == "MinutePeriod" && n > maxLogMinutes {
			refusal = illegal(param, v)
		}
		return n, true
	}
	begin, hasFrom := get("From")
	end, hasTo := get("To")
	minutes, hasMinutes := get("MinutePeriod")
	span := time.Duration(minutes) * time.Minute
	from, to = time.Unix(begin, 0), time.Unix(end, 0)
	switch {
	case refusal != nil:
	case hasFrom && hasTo:
		if from.After(to) {
			refusal = illegal("From", c.params.Get("From"))
		}
	case !hasMinutes:
		refusal = errMissing("MinutePeriod")
	case hasFrom:
		to = from.Add(span)
	case hasTo:
		from = to.Add(-span)
	default:
		from, to = c.at.Add(-span), c.at
	}
	return from, to, refusal
}
