package sim_test

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

// platform is Function Compute and the people who submit documents. It delivers
// events in any order, usually once, sometimes twice or not at all.
type platform struct {
	h         *harness
	weather   weather
	instances []*instance
	nobody    *instance // owner of requests that belong to no instance
	sender    webhook.Sender
	timeout   time.Duration
	idleTicks int             // sweeps since the last one with something to do
	asked     int             // documents submitted
	posts     map[string]bool // webhook-ids answered with 2xx
	answered  map[string][]string
	docs      map[string]string // posted documents by webhook-id
	most      int               // instances at a time; 0: as many as events come
	backlog   []func()          // events that wait for an instance
	paid      time.Duration     // of all invocations
}

func newHarness(cfg config, tracing bool) *harness {
	h := &harness{cfg: cfg, rng: rand.New(rand.NewPCG(cfg.seed, 2)), moments: rand.New(rand.NewPCG(cfg.seed, 6)), start: time.Now(), signal: make(chan struct{}, 1), tracing: tracing, sent: map[string]bool{}, unknown: map[string]bool{}, authors: map[string]string{}, onItsWay: map[string]int{}, uploads: map[string]time.Time{}, waited: map[string]time.Duration{}}
	h.store = &store{h: h, objects: map[string]*object{}, gone: map[string]time.Time{}, skew: time.Duration(h.rng.IntN(61)-30) * time.Second}
	h.api = &api{h: h, gateways: map[change.Target]*gateway{}, quota: vpc.NewQuota(nil)}
	h.api.busy = h.busyTimes()
	secret, err := webhook.ParseSecret("whsec_" + base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef")))
	if err != nil {
		panic(err)
	}
	h.platform = &platform{
		h: h, weather: drawWeather(h.rng), sender: webhook.Sender{Name: "sim", Secret: secret}, posts: map[string]bool{},
		answered: map[string][]string{}, docs: map[string]string{}, timeout: []time.Duration{5 * time.Minute, 5 * time.Minute, time.Minute, 30 * time.Second}[h.rng.IntN(4)],
	}
	h.platform.timeout = cmp.Or(cfg.timeout, h.platform.timeout)
	h.platform.nobody = &instance{harness: h}
	for i := range cfg.servers {
		t := change.Target{RegionID: regionID, ServerID: fmt.Sprintf("vss-sim%d", i)}
		g := &gateway{target: t, tokens: map[string]bool{}, sent: map[string][]time.Time{}, settings: change.Settings{
			change.Name: change.Text("sim"), change.Port: change.Number(1194), change.Proto: change.Text("UDP"),
			change.Cipher: change.Text("AES-128-CBC"), change.Compress: change.Flag(false),
			change.ClientIPPool: change.Text("10.30.30.0/24"), change.LocalSubnet: change.Text("10.20.20.0/24"),
		}}
		h.api.gateways[t] = g
		h.api.order = append(h.api.order, g)
	}
	h.hours = newTimekeeper(h)
	if cfg.chats {
		h.chat = newTalk(h)
	}
	if cfg.damages {
		h.damage = newDamager(h)
	}
	h.foreign = newForeigner(h)
	h.failing = newFailer(h)
	h.confirms = newConfirmer(h)
	h.proofs = newProver(h)
	h.alarm = newAlarm(h)
	return h
}

// deliver delivers an asynchronous event, and repeats it after an error, at most
// three times.
func (p *platform) deliver(name string, payload []byte, try int) {
	h := p.h
	if p.full() {
		p.backlog = append(p.backlog, func() { p.deliver(name, payload, try) })
		return
	}
	in := p.idle()
	in.doing = name
	if name == "wake-up" && try > 0 {
		h.alarm.again++
	}
	h.note("%s delivered to %s, try %d", name, in, try)
	h.handled(name, true)
	h.invoke(in, payload, p.timeout, func(out json.RawMessage, err error, ok bool) {
		h.handled(name, false)
		h.note("%s in %s: ok %v, error %v", name, in, ok, err)
		if len(p.backlog) > 0 {
			h.after(0, p.backlog[0])
			p.backlog = p.backlog[1:]
		}
		if (err != nil || !ok) && try < 3 {
			h.after(time.Duration(1<<try)*time.Second, func() { p.deliver(name, payload, try+1) })
		}
	})
}

// emit schedules the delivery of an event: once, twice or not at all.
func (p *platform) emit(name string, payload []byte) {
	h := p.h
	if h.cfg.silence == noEvents || (h.cfg.silence == noWakes && strings.HasPrefix(name, "wake ")) {
		return
	}
	times, spread := 1, 2000
	if !h.cfg.calm && time.Since(h.start) < h.cfg.length {
		switch h.rng.IntN(12) {
		case 0:
			if h.cfg.kinds.has(lostEvents) {
				times = 0
			}
		case 1:
			if h.cfg.kinds.has(doubledEvents) {
				times, spread = 2, 120_000
			}
		}
	}
	for range times {
		h.after(time.Duration(1+h.rng.IntN(spread))*time.Millisecond, func() { p.deliver(name, payload, 0) })
	}
}

// full reports whether as many instances as allowed are busy.
func (p *platform) full() bool {
	busy := 0
	for _, in := range p.instances {
		if in.busy && !in.dead {
			busy++
		}
	}
	return p.most > 0 && busy >= p.most
}

// idle returns an instance that is not busy, if need be a new one.
func (p *platform) idle() *instance {
	for _, in := range p.instances {
		if !in.busy && !in.dead && !in.frozenUntil.After(time.Now()) {
			return in
		}
	}
	return p.h.newInstance()
}

// objectEvent returns the event of an object's creation.
func objectEvent(key, etag string) []byte {
	data, err := json.Marshal(map[string]any{"events": []any{map[string]any{
		"eventName": "ObjectCreated:PutObject", "eventSource": "acs:oss", "eventTime": "2026-11-22T08:30:00.000Z", "eventVersion": "1.0",
		"oss": map[string]any{
			"bucket": map[string]any{"name": bucketName, "arn": "acs:oss:cn-hangzhou:1:" + bucketName, "ownerIdentity": "1"},
			"object": map[string]any{"key": key, "eTag": etag, "size": 1},
		},
		"region": "cn-hangzhou", "responseElements": map[string]any{"requestId": "w"}, "userIdentity": map[string]any{"principalId": "2"},
	}}})
	if err != nil {
		panic(err)
	}
	return data
}

// document draws a change document.
func (p *platform) document() string {
	h := p.h
	var b strings.Builder
	if h.rng.IntN(6) == 0 {
		fmt.Fprintf(&b, "notBefore: %s\n", time.Now().Add(time.Duration(1+h.rng.IntN(1200))*time.Second).UTC().Format(time.RFC3339))
	}
	dryRun := h.rng.IntN(12) == 0
	if dryRun {
		b.WriteString("dryRun: true\n")
	}
	b.WriteString(p.waitsForFew(dryRun))
	fmt.Fprintf(&b, "reason: document %d\nchanges:\n", p.asked)
	for i := range 1 + h.rng.IntN(4) {
		g := h.api.order[h.rng.IntN(len(h.api.order))]
		fmt.Fprintf(&b, "  - RegionId: cn-hangzhou\n    SslVpnServerId: %s\n", g.target.ServerID)
		switch h.rng.IntN(6) {
		case 0:
			fmt.Fprintf(&b, "    Name: name-%d-%d\n", p.asked, i)
		case 1:
			fmt.Fprintf(&b, "    Cipher: %s\n", []string{"AES-128-CBC", "AES-192-CBC", "AES-256-CBC", "none"}[h.rng.IntN(4)])
		case 2:
			fmt.Fprintf(&b, "    ClientIpPool: 10.%d.0.0/24\n", 40+h.rng.IntN(50))
		default:
			port := 1195 + h.rng.IntN(20)
			if h.rng.IntN(8) == 0 {
				port = refusedPort
			}
			fmt.Fprintf(&b, "    Port: %d\n    Proto: %s\n", port, []string{"TCP", "UDP"}[h.rng.IntN(2)])
		}
		switch h.rng.IntN(12) {
		case 0:
			b.WriteString("    expect: {Port: 1194}\n")
		case 1:
			fmt.Fprintf(&b, "    ClientToken: token-%d-%d\n", p.asked, i)
		}
	}
	return b.String()
}

// submit submits a document through one of the channels.
func (p *platform) submit() {
	h := p.h
	p.asked++
	doc := p.document()
	doc = h.confirms.line(doc) + doc
	doc = h.hours.line(doc) + doc
	switch h.rng.IntN(4) {
	case 0:
		id := fmt.Sprintf("msg_%d", p.asked)
		p.docs[id] = doc
		p.post(id, doc, 0)
	case 1:
		payload, err := json.Marshal(map[string]any{"triggerName": fmt.Sprintf("nightly-%d", p.asked), "triggerTime": time.Now().UTC().Format(time.RFC3339), "payload": doc})
		if err != nil {
			panic(err)
		}
		// The loss of a tick is not the function's concern: always deliver it.
		p.deliver("tick", payload, 0)
	default:
		key := fmt.Sprintf("changes/doc%d.yaml", p.asked)
		o := h.store.put(key, []byte(h.expiry(doc)+doc))
		h.note("somebody uploads %s", key)
		p.emit("event of "+key, objectEvent(key, o.etag))
	}
}

// post sends a signed request, repeatedly until it is answered.
func (p *platform) post(id, doc string, try int) {
	h := p.h
	in := p.idle()
	in.doing = id
	headers, err := webhook.Sign(p.sender.Secret, id, in.now(), []byte(doc))
	if err != nil {
		panic(err)
	}
	headers["content-type"] = "application/yaml"
	if h.rng.IntN(3) == 0 {
		headers["prefer"] = "wait=20"
	}
	payload, err := json.Marshal(map[string]any{
		"version": "v1", "rawPath": "/v1/changes", "body": doc, "isBase64Encoded": false, "headers": headers,
		"queryParameters": map[string]string{}, "requestContext": map[string]any{
			"http": map[string]any{"method": http.MethodPost, "path": "/v1/changes", "sourceIp": "1.1.1.1"}, "requestId": "",
		},
	})
	if err != nil {
		panic(err)
	}
	h.note("%s posted to %s, try %d", id, in, try)
	h.handled(id, true)
	h.invoke(in, payload, p.timeout, func(out json.RawMessage, err error, ok bool) {
		h.handled(id, false)
		var res struct {
			StatusCode int    `json:"statusCode"`
			Body       string `json:"body"`
		}
		if ok && err == nil {
			if err := json.Unmarshal(out, &res); err != nil {
				panic(err)
			}
		}
		h.note("%s answered %d", id, res.StatusCode)
		switch {
		case res.StatusCode == http.StatusOK || res.StatusCode == http.StatusAccepted:
			p.accepted(id, res.Body)
		case res.StatusCode == http.StatusForbidden && h.cfg.reforms:
			p.posts[id] = true // the policy does not permit it now
		case res.StatusCode == http.StatusUnprocessableEntity && strings.Contains(res.Body, change.RuleNotBeforeInPast) && !h.wasQueued(change.HTTPIdentity(p.sender.Name, id)):
			p.posts[id] = true // it was not accepted before it was due
		case res.StatusCode == http.StatusUnprocessableEntity && h.hours.refuses(doc, res.Body):
			p.posts[id] = true
		case res.StatusCode >= 400 && res.StatusCode < 500:
			h.violated("%s was answered %d: %s", id, res.StatusCode, res.Body)
		default:
			h.after(time.Duration(5+h.rng.IntN(60))*time.Second, func() { p.post(id, doc, try+1) })
		}
	})
}

// wasQueued reports whether a change of a document was ever queued.
func (h *harness) wasQueued(document string) bool {
	for _, e := range h.seen.entries {
		if strings.HasPrefix(e.identity, document) {
			return true
		}
	}
	return false
}

// accepted checks that every answer to a request names the same ids.
func (p *platform) accepted(id, body string) {
	var res struct {
		Changes []struct {
			ID string `json:"id"`
		} `json:"changes"`
	}
	if err := json.Unmarshal([]byte(body), &res); err != nil || len(res.Changes) == 0 {
		p.h.violated("%s was answered without ids: %s", id, body)
		return
	}
	var ids []string
	for _, c := range res.Changes {
		ids = append(ids, c.ID)
	}
	if old := p.answered[id]; old != nil && strings.Join(old, " ") != strings.Join(ids, " ") {
		p.h.violated("%s was answered %v, and before %v", id, ids, old)
	}
	p.answered[id] = ids
	p.posts[id] = true
	// Senders repeat requests.
	if doc := p.docs[id]; doc != "" && p.h.rng.IntN(6) == 0 {
		p.h.after(time.Duration(1+p.h.rng.IntN(600))*time.Second, func() { p.post(id, doc, 0) })
	}
}

// sweep fires the sweep's timer every minute, until the run ends.
func (p *platform) sweep(until time.Time) {
	h := p.h
	// A late event may still bring work.
	if p.idleTicks++; !h.quiet() {
		p.idleTicks = 0
	}
	if p.idleTicks == 15 {
		return
	}
	payload := []byte(fmt.Sprintf(`{"triggerName":"sweep","triggerTime":%q,"payload":"{\"task\":\"sweep\"}"}`, time.Now().UTC().Format(time.RFC3339)))
	if h.cfg.calm || time.Since(h.start) > h.cfg.length || h.rng.IntN(15) > 0 {
		p.deliver("sweep", payload, 3) // not retried: the next one follows
	}
	if next := time.Now().Add(time.Minute); next.Before(until) {
		h.at(next, func() { p.sweep(until) })
	}
}

// quiet reports whether nothing is left to do.
func (h *harness) quiet() bool {
	if time.Since(h.start) < h.cfg.length {
		return false
	}
	for _, k := range h.store.keys {
		if strings.HasPrefix(k, "queue/") {
			return false
		}
	}
	for _, in := range h.platform.instances {
		if in.busy {
			return false
		}
	}
	for id := range h.platform.docs {
		if !h.platform.posts[id] {
			return false
		}
	}
	return !h.proofs.pending() && h.filesTaken() && (h.chat == nil || h.chat.quiet())
}
