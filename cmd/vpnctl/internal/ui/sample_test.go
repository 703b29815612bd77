package ui_test

import (
	"fmt"
	"maps"
	"time"
)

// The servers of the samples.
func sampleServers() []object {
	return []object{
		{"regionId": "cn-hangzhou", "sslVpnServerId": "vss-bp1w3n8c5t7k2m9x4r6y1", "name": "office-hangzhou", "state": object{"gateway": "updating", "connected": 12, "maxConnections": 200}},
		{"regionId": "cn-shanghai", "sslVpnServerId": "vss-uf6d2k9x4m7q1w8r5t3y0", "name": "office-shanghai"},
		{"regionId": "cn-hangzhou", "sslVpnServerId": "vss-bp18q7hzj6largv4vk2fe", "name": "test", "state": object{"gateway": "active", "connected": 2, "maxConnections": 5}},
	}
}

// The ids of the samples.
const (
	askedID   = "20261127-7f3akq2cd2kq3mzr5w7bxa4nhc"
	busyID    = "20261127-psfvgfo4zpkq3mzr5w7bxa4nhc"
	windowID  = "20261127-w3fvgfo4zpkq3mzr5w7bxa4nhb"
	appliedID = "20261126-qq3akq2cd2kq3mzr5w7bxa4nhd"
)

func ago(d time.Duration) string { return time.Now().Add(-d).UTC().Format(time.RFC3339Nano) }

// base is what every row of the list has.
func base(server object, id string, age time.Duration) object {
	return object{
		"id": id, "regionId": server["regionId"], "sslVpnServerId": server["sslVpnServerId"], "name": server["name"],
		"by": "Mei", "acceptedAt": ago(age), "dueAt": ago(age),
	}
}

func with(o object, more object) object {
	out := maps.Clone(o)
	maps.Copy(out, more)
	return out
}

// sample sets a usual morning: an approval to give, a change that waits for its gateway,
// one that waits for others, and a history.
func sample(f *function) {
	servers := sampleServers()
	asked := with(base(servers[0], askedID, 12*time.Minute), object{
		"status": "waiting", "cause": "approval", "why": "waits to be approved", "requested": object{"Port": 1195, "Proto": "TCP"},
		"reason": "Hotels block UDP/1194", "until": ago(-7 * 24 * time.Hour), "expiresAt": ago(-7 * 24 * time.Hour),
		"approvalsNeeded": 1, "approvers": []string{"Jun", "Lan"},
		"window": object{"open": false, "opensAt": ago(-5 * time.Hour), "windows": []string{"nights"}},
	})
	f.waiting = []object{
		asked,
		with(base(servers[0], busyID, 40*time.Second), object{
			"status": "waiting", "cause": "gateway", "why": "the gateway is updating", "requested": object{"Cipher": "AES-256-CBC"}, "by": "Jun",
			"until": ago(-20 * time.Second), "expiresAt": ago(-24 * time.Hour),
		}),
		with(base(servers[1], "20261127-k3fvgfo4zpkq3mzr5w7bxa4nhb", 3*time.Hour), object{
			"status": "waiting", "cause": "not-due", "why": "not due", "requested": object{"Compress": false}, "dueAt": ago(-9 * time.Hour),
			"until": ago(-9 * time.Hour), "expiresAt": ago(-33 * time.Hour), "reason": "OpenVPN 2.6 refuses compression",
		}),
	}
	nights := time.Now().Add(200 * time.Minute)
	f.waiting = append(f.waiting, with(base(servers[1], windowID, 95*time.Minute), object{
		"status": "waiting", "cause": "window", "why": "the window nights is closed", "requested": object{"Proto": "TCP"}, "reason": "Hotels block UDP",
		"window": object{"open": false, "opensAt": nights.UTC(), "windows": []string{"nights"}}, "until": nights.UTC(), "expiresAt": nights.Add(24 * time.Hour).UTC(), "override": "move",
	}))
	f.changes[windowID] = with(f.waiting[3], object{"nextAttemptAt": nights.UTC()})
	f.plans[windowID] = object{"verb": "status", "outcome": "shown", "text": "…", "change": with(f.waiting[3], object{"asker": "Mei"})}
	opening := func(days int) object {
		return object{"from": nights.AddDate(0, 0, days).UTC(), "until": nights.AddDate(0, 0, days).Add(8 * time.Hour).UTC(), "windows": []string{"nights"}}
	}
	f.windows = object{"schedules": []object{
		with(servers[1], object{"parts": []object{
			{"settings": []string{"Proto", "Port"}, "windows": []string{"nights"}, "timeZones": []string{"Asia/Shanghai"}, "open": false, "opensAt": nights.UTC(), "spans": []object{opening(0), opening(1), opening(2), opening(3)}},
			{"settings": []string{"Name"}, "open": true, "spans": []object{}},
		}}),
		with(servers[2], object{"parts": []object{{"settings": []string{"Name"}, "open": true, "closesAt": ago(-90 * time.Hour), "spans": []object{{"from": ago(-90 * time.Hour), "until": ago(-120 * time.Hour), "freeze": "double-eleven", "reason": "双十一", "overrideNeeds": 2}}}}}),
		with(servers[0], object{"parts": []object{{"settings": []string{"Name"}, "open": true, "spans": []object{}}}}),
	}}
	f.servers = servers
	f.plans[askedID] = object{
		"verb": "status", "outcome": "shown", "text": "…",
		"change": with(asked, object{"asker": "Mei", "approvalsNeeded": 1}),
		"plan": object{
			"changed": []object{{"field": "Proto", "from": "UDP", "to": "TCP"}, {"field": "Port", "from": 1194, "to": 1195}}, "code": "k7m2q4xa",
			"impact": object{
				"class": "new-file", "connected": 12, "maxConnections": 200,
				"certificates": []object{{"id": "vsc-1", "name": "mei-laptop"}, {"id": "vsc-2", "name": "jun-laptop"}},
				"lines":        []object{{"setting": "Port", "old": "remote 203.0.113.20 1194", "new": "remote 203.0.113.20 1195"}, {"setting": "Proto", "old": "proto udp", "new": "proto tcp"}},
			},
		},
	}
	f.changes[askedID] = object{
		"id": askedID, "status": "waiting", "cause": "approval", "why": "waits to be approved", "acceptedAt": asked["acceptedAt"], "dueAt": asked["dueAt"],
		"nextAttemptAt": asked["expiresAt"], "expiresAt": asked["expiresAt"], "approval": object{"need": 1, "agreed": []object{}},
	}
	f.votes["approve"] = object{"verb": "approve", "outcome": "taken", "by": "Jun", "text": "✅ 20261127-7f3akq2cd2 is approved\nApproved by Jun\nIt will be applied to office-hangzhou when the gateway is free."}
	f.votes["reject"] = object{"verb": "reject", "outcome": "taken", "by": "Jun", "text": "20261127-7f3akq2cd2 was rejected by Jun"}
	f.changes[appliedID] = record(servers[0])
	f.ended = history(servers, 7)
	f.policy = object{
		"regionId": "cn-hangzhou", "sslVpnServerId": servers[0]["sslVpnServerId"], "name": "office-hangzhou", "settings": []string{"Port"}, "by": "Jun",
		"people": []object{
			{"person": "Mei", "read": true, "request": true, "approve": false, "cancelOthers": false},
			{"person": "Jun", "read": true, "request": false, "approve": true, "cancelOthers": false, "lacking": []string{"Port"}},
			{"person": "Lan", "read": true, "request": true, "approve": true, "cancelOthers": true},
		},
		"approvals": 1, "approvers": []string{"Jun", "Lan"}, "guards": []object{{"maxConnected": 20, "otherwise": "refuse"}}, "confirm": "20m proof",
	}
}

// history makes changes that ended, of every status.
func history(servers []object, n int) []object {
	kinds := []string{"applied", "applied", "failed", "rejected", "unchanged", "cancelled", "expired", "superseded", "planned"}
	out := make([]object, 0, n)
	for i := range n {
		row := with(base(servers[i%len(servers)], fmt.Sprintf("20261126-%026d", i), time.Duration(i+1)*5*time.Hour), object{
			"status": kinds[i%len(kinds)], "endedAt": ago(time.Duration(i+1)*5*time.Hour - 90*time.Second), "tookMs": 21400 + i*1000,
			"changed": []object{{"field": "Port", "from": 1194 + i, "to": 1195 + i}}, "approvedBy": []string{"Jun"},
		})
		if i == 0 {
			row["id"], row["undo"] = appliedID, "20261126-zz3akq2cd2kq3mzr5w7bxa4nhd"
		}
		if row["status"] == "failed" {
			row["code"] = "InvalidParameter.Port"
		}
		out = append(out, row)
	}
	return out
}

// record is a change with everything that a timeline shows.
func record(server object) object {
	at := func(d time.Duration) string { return ago(5*time.Hour - d) }
	return object{
		"schema": "sslvpn-change/record/v1", "id": appliedID, "status": "applied", "regionId": server["regionId"], "sslVpnServerId": server["sslVpnServerId"],
		"reason": "Hotels block UDP/1194", "ref": "OPS-1042", "origin": object{"kind": "chat", "actor": "slack:T07LOCAL01/U07MEI0001", "person": "Mei", "source": "message 1795.1"},
		"requested": object{"Port": 1195, "Proto": "TCP"}, "confirm": "20m proof", "verified": true, "proof": true,
		"changed":    []object{{"field": "Proto", "from": "UDP", "to": "TCP"}, {"field": "Port", "from": 1194, "to": 1195}},
		"impact":     object{"class": "new-file", "connected": 12, "maxConnections": 200, "certificates": []string{"vsc-1", "vsc-2"}},
		"acceptedAt": at(0), "dueAt": at(0), "startedAt": at(9 * time.Minute), "finishedAt": at(9*time.Minute + 52*time.Second),
		"waitedMs": object{"gateway": 31000, "breaker": 0, "throttle": 2500, "queue": 540000},
		"votes":    []object{{"word": "approve", "person": "Jun", "account": "slack:T07LOCAL01/U07JUN0001", "at": at(8*time.Minute + 40*time.Second)}},
		"attempts": []object{
			{"at": at(9*time.Minute + time.Second), "action": "ModifySslVpnServer", "httpStatus": 503, "code": "Throttling.User", "durationMs": 180},
			{"at": at(9*time.Minute + 4*time.Second), "action": "ModifySslVpnServer", "httpStatus": 200, "durationMs": 420, "requestId": "4F0A"},
		},
		"undo": object{"id": "20261126-zz3akq2cd2kq3mzr5w7bxa4nhd", "dueAt": at(30 * time.Minute), "status": "cancelled", "by": "Mei", "at": at(14 * time.Minute)},
		"proofResult": object{
			"before":     object{"at": at(9 * time.Minute), "probe": "listening", "connected": 12},
			"after":      object{"at": at(11 * time.Minute), "probe": "listening", "connected": 9},
			"verifiedAt": at(9*time.Minute + 50*time.Second), "looks": 6, "returned": 9,
		},
		"cost": object{"vpcCalls": 7, "ossRequests": 14, "invocations": 2},
	}
}
