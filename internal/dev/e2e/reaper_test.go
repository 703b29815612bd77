package e2e_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// reaper kills the function as kill -9 does, at its n-th request of OSS, the VPC
// API or a chat platform's reply API, whichever invocation makes it.
type reaper struct {
	n      int64
	landed bool // the request has its effect, and only its answer is lost

	platform atomic.Pointer[fc.Emulator]
	early    atomic.Pointer[early] // a death that comes before the counted one
	counting atomic.Bool           // requests count from now on
	seen     atomic.Int64
	at       atomic.Pointer[string] // what it was killed at
}

// early is a kill at a request of a given name, which prepares a story.
type early struct {
	request string
	left    atomic.Int64 // of these requests until death
	landed  bool
}

// dieAt has the function killed at the n-th request of a name from now on.
func (r *reaper) dieAt(request string, n int64, landed bool) {
	e := &early{request: request, landed: landed}
	e.left.Store(n)
	r.early.Store(e)
}

// died reports whether the kill of dieAt has happened.
func (r *reaper) died() bool { return r.early.Load() == nil }

func (r *reaper) tune(o *localcloud.Options) {
	// One process at a time, so that requests have a fixed order.
	o.MaxInstances = 1
	o.TuneOSS = func(o *oss.Options) {
		o.Before = func(q oss.Request) { r.meet(false, place(q)) }
		o.After = func(q oss.Request) { r.meet(true, place(q)) }
	}
	o.TuneVPC = func(o *vpc.Options) {
		o.Before = func(c vpc.Call) { r.meet(false, c.Action) }
		o.After = func(c vpc.Call) { r.meet(true, c.Action) }
	}
	o.TuneChat = func(o *chat.Options) {
		// With one process, a message waits for other invocations: the platforms' time
		// limits do not apply.
		o.Limits = map[string]time.Duration{}
		for _, platform := range chat.Platforms() {
			o.Limits[platform] = time.Minute
		}
		o.Before = func(platform, path string) { r.meet(false, platform+" "+lastPart(path)) }
		o.After = func(platform, path string) { r.meet(true, platform+" "+lastPart(path)) }
	}
}

// place names a request by its operation and its object's first prefix.
func place(q oss.Request) string {
	kind, _, _ := strings.Cut(q.Key, "/")
	return strings.TrimSpace(q.Op + " " + kind)
}

// lastPart returns the last part of a path; the parts before it are secret.
func lastPart(p string) string { return p[strings.LastIndexByte(p, '/')+1:] }

// meet is called before and after the effect of each request.
func (r *reaper) meet(landed bool, request string) {
	if e := r.early.Load(); e != nil && e.landed == landed && e.request == request && e.left.Add(-1) == 0 {
		r.early.Store(nil)
		r.platform.Load().KillAll()
		panic(http.ErrAbortHandler)
	}
	if !r.counting.Load() || landed != r.landed || r.seen.Add(1) != r.n {
		return
	}
	r.at.Store(&request)
	r.platform.Load().KillAll()
	panic(http.ErrAbortHandler) // before the effect: there is none
}

// where returns the request at which the function was killed, or "".
func (r *reaper) where() string {
	if p := r.at.Load(); p != nil {
		return *p
	}
	return ""
}
