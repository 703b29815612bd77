package e2e_test

import (
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
)

// storeLatency is the duration of every request to the store in these benchmarks.
const storeLatency = 20 * time.Millisecond

// answersEach is how often each command is answered by a fresh instance, and
// how often by a warm one: with all commands and platforms 400 answers of each,
// enough for a 99th percentile.
const answersEach = 25

// The commands that are measured, in the order in which they are sent.
const (
	sayPlan    = "plan"
	sayApply   = "apply"   // for a change that needs nobody's approval
	sayAsk     = "ask"     // an apply for one that does
	sayApprove = "approve" // with the code
)

// answers are the measurements of the answers to one command.
type answers struct {
	took     []time.Duration
	requests int // to the store
	rounds   int // of requests that were under way at once: how often the store is waited for
}

// warmth distinguishes answers of new instances from those of warm ones.
type warmth string

const (
	cold warmth = "cold" // the process is started for the message
	warm warmth = "warm"
)

// BenchmarkChat measures the time from sending a message to the function until
// its HTTP answer is read, with a store that takes 20 ms for every request: for
// each platform and command, cold and warm; "all" is every answer of the run.
// The changes are due later, so that no gateway is updating meanwhile. The
// connections are plain HTTP, without the cost of TLS.
//
//	cold_p99_ms, warm_p99_ms  at most 150 is the aim
//	cold_oss, warm_oss        requests to the store before the answer
//	cold_waits, warm_waits    sequential rounds of them, which do not depend on the machine
func BenchmarkChat(b *testing.B) {
	all := map[warmth]*answers{cold: {}, warm: {}}
	for _, platform := range chat.Platforms() {
		b.Run(platform, func(b *testing.B) {
			measured := map[warmth]map[string]*answers{}
			for _, w := range []warmth{cold, warm} {
				measured[w] = measureAnswers(b, platform, w)
				for _, a := range measured[w] {
					all[w].took = append(all[w].took, a.took...)
				}
			}
			for _, command := range []string{sayPlan, sayApply, sayAsk, sayApprove} {
				b.Run(command, func(b *testing.B) { // only reports: the commands follow from each other
					for w, by := range measured {
						reportTimes(b, string(w), by[command].took)
						b.ReportMetric(float64(by[command].requests), string(w)+"_oss")
						b.ReportMetric(float64(by[command].rounds), string(w)+"_waits")
					}
				})
			}
		})
	}
	b.Run("all", func(b *testing.B) {
		for w, a := range all {
			reportTimes(b, string(w), a.took)
		}
	})
}

// measureAnswers measures each command answersEach times, and counts its
// requests to the store with a single instance and no other requests.
func measureAnswers(b *testing.B, platform string, w warmth) map[string]*answers {
	b.Helper()
	out := map[string]*answers{sayPlan: {}, sayApply: {}, sayAsk: {}, sayApprove: {}}
	timed := openSlow(b, platform, nil)
	timed.discuss(w, nil, nil) // the first one makes folders, and warms
	for range answersEach {
		timed.discuss(w, nil, func(command string, took time.Duration) {
			out[command].took = append(out[command].took, took)
		})
	}
	var c counter
	counted := openSlow(b, platform, func(o *localcloud.Options) { o.MaxInstances = 1; c.count(o) })
	counted.discuss(w, nil, nil)
	counted.discuss(w, c.reset, func(command string, _ time.Duration) { out[command].requests, out[command].rounds = c.read() })
	return out
}

// counter counts requests to the store.
type counter struct {
	mu       sync.Mutex
	requests int
	rounds   int
	fresh    bool // the next request begins a round: another one has ended since the last one began
}

func (c *counter) count(o *localcloud.Options) {
	slow := o.TuneOSS
	o.TuneOSS = func(o *oss.Options) {
		slow(o)
		o.Before = func(oss.Request) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.requests++
			if c.fresh {
				c.rounds, c.fresh = c.rounds+1, false
			}
		}
		o.After = func(oss.Request) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.fresh = true
		}
	}
}

func (c *counter) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests, c.rounds, c.fresh = 0, 0, true
}

func (c *counter) read() (requests, rounds int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.requests, c.rounds
}

// openSlow opens a room over a store with latency.
func openSlow(b *testing.B, platform string, tune func(*localcloud.Options)) *conversation {
	b.Helper()
	return openConversation(b, platform, func(o *localcloud.Options) {
		o.TuneOSS = func(o *oss.Options) { o.Latency = storeLatency }
		if tune != nil {
			tune(o)
		}
	})
}

// discuss sends each command once, and calls before and answered around it.
func (p *conversation) discuss(w warmth, before func(), answered func(command string, took time.Duration)) {
	p.t.Helper()
	ask := func(command, person, text string) chat.Message {
		p.quiet(p.t)
		if w == cold {
			p.FC().KillAll()
		}
		if before != nil {
			before()
		}
		m := p.send(person, text)
		if answered != nil {
			answered(command, p.took(m))
		}
		return p.answerTo(m, "")
	}
	later := " port=1195 at=" + time.Now().Add(6*time.Hour).UTC().Format(time.RFC3339)
	ask(sayPlan, chat.Mei, "plan test"+later)
	ask(sayApply, chat.Mei, "apply test"+later)
	asked := ask(sayAsk, chat.Mei, "apply office-hangzhou"+later)
	p.has(ask(sayApprove, chat.Jun, p.command(asked, "approve")), p.id(asked), "Jun")
}

// send sends a message that must be answered.
func (p *conversation) send(person, text string) chat.Message {
	p.t.Helper()
	m, err := p.Chat().Say(p.t.Context(), p.platform, person, text)
	if err != nil || m.Failed != "" {
		p.t.Fatalf("%s: %s: %v %s\n%s", p.platform, text, err, m.Failed, p.printed())
	}
	return m
}

// took is how long the HTTP answer to a message took.
func (p *conversation) took(m chat.Message) time.Duration {
	p.t.Helper()
	for _, x := range slices.Backward(p.Chat().Exchanges()) {
		if x.Message == m.ID && !x.Incoming {
			return x.Took
		}
	}
	p.t.Fatalf("%s: there is no exchange about %q", p.platform, m.Text)
	return 0
}

// answerTo waits for the bot's message that answers another one, and is not the
// one that is known.
func (p *conversation) answerTo(m chat.Message, known string) chat.Message {
	p.t.Helper()
	found, err := p.Chat().WaitFor(p.t.Context(), func(x chat.Message) bool {
		return x.Kind == chat.Bot && x.Answers == m.ID && x.ID != known
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return found
}

// outcomesEach is how many changes are asked for in BenchmarkChatOutcome.
const outcomesEach = 10

// BenchmarkChatOutcome measures, for warm instances and a store that takes 20 ms
// for every request, when the room sees the answer to an apply, which on
// platforms that ignore the response's body is sent from the outbox by another
// invocation, and when it sees the outcome. The gateway is updating for 5 ms; most
// of the time are the function's own pauses.
//
//	seen_…_ms     from sending the message to the answer in the room
//	outcome_…_ms  from sending it to the outcome in the room
func BenchmarkChatOutcome(b *testing.B) {
	for _, platform := range chat.Platforms() {
		b.Run(platform, func(b *testing.B) {
			p := openSlow(b, platform, nil)
			var seen, outcome []time.Duration
			for n := range outcomesEach + 1 {
				text := "apply test port=1196"
				if n%2 == 0 {
					text = "apply test port=1195"
				}
				began := time.Now()
				m := p.send(chat.Mei, text)
				first := p.answerTo(m, "")
				sawFirst := time.Since(began)
				p.has(p.answerTo(m, first.ID), p.id(first))
				if n > 0 { // the first one warms
					seen, outcome = append(seen, sawFirst), append(outcome, time.Since(began))
				}
				p.quiet(b)
			}
			b.Run("apply", func(b *testing.B) {
				reportTimes(b, "seen", seen)
				reportTimes(b, "outcome", outcome)
			})
		})
	}
}

// reportTimes reports the median, the 99th percentile and the longest of times.
func reportTimes(b *testing.B, name string, times []time.Duration) {
	b.Helper()
	b.ReportMetric(0, "ns/op") // nothing is looped over
	if len(times) == 0 {
		return
	}
	sorted := slices.Sorted(slices.Values(times))
	rank := func(part float64) float64 {
		n := int(math.Ceil(part*float64(len(sorted)))) - 1
		return float64(sorted[n].Microseconds()) / 1000
	}
	b.ReportMetric(rank(0.50), name+"_p50_ms")
	b.ReportMetric(rank(0.99), name+"_p99_ms")
	b.ReportMetric(rank(1), name+"_max_ms")
}
