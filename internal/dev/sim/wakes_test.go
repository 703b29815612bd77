package sim_test

import (
	"context"
	"encoding/json"
	"errors"
	"hash/fnv"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/sslvpn-change/sslvpn-change/handler"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/wakeup"
)

// wakes is how the wake-ups of a run come, which the function sets for itself.
type wakes int

const (
	noWakeUps    wakes = iota // they cannot be set
	exactWakeUps              // at their moment, or up to half a second later
	lossyWakeUps              // some never, some late, some twice
	lostWakeUps               // never
)

// drawWakes draws how wake-ups come: in half of the runs they cannot be set, as where the
// right is missing.
func drawWakes(seed uint64) wakes {
	return []wakes{noWakeUps, exactWakeUps, noWakeUps, lossyWakeUps}[rand.New(rand.NewPCG(seed, 13)).IntN(4)]
}

// alarm is the platform's part of wake-ups: asynchronous invocations with a delay. Its
// random numbers are its own, so that the other runs stay the same.
type alarm struct {
	h    *harness
	rng  *rand.Rand
	ways map[change.Target]int // wake-ups on their way, by lane: of its chains, and at leases' ends
	most int                   // of them, at a time
	set  int                   // so far
	// again are those that were delivered again, because their invocation failed. It may
	// have set the next one before, and then the chain has two until the sweep begins another.
	again int
}

func newAlarm(h *harness) *alarm {
	return &alarm{h: h, rng: rand.New(rand.NewPCG(h.cfg.seed, 14)), ways: map[change.Target]int{}}
}

// maxOnTheirWay bounds the wake-ups of a lane that are on their way, beside those for due
// times, where the clocks agree: its chain, the one that it replaced, and one or two that a sweep adds.
const maxOnTheirWay = 8

// dispatch is how late the platform starts a wake-up, at most.
const dispatch = 500 * time.Millisecond

// maxUnseen is for how long a lane with due changes is not looked at where every wake-up
// comes: the longest time between two looks, and the platform's delays.
const maxUnseen = 20 * time.Second

// check checks that nothing waits for the sweep where every wake-up comes. Changes that
// wait for people do.
func (a *alarm) check() {
	h := a.h
	if h.cfg.calm && h.cfg.wakes == exactWakeUps && h.cfg.silence == noSilence && h.chat == nil && !h.confirms.on && !h.hours.on && h.looks.worst > maxUnseen {
		h.violated("%s was not looked at for %v", h.looks.where, h.looks.worst)
	}
}

// wakePayload is the part of a wake-up that the simulation reads.
type wakePayload struct {
	Wake struct {
		Lanes []struct {
			Lane string `json:"lane"`
			Gen  int64  `json:"gen"`
		} `json:"lanes"`
	} `json:"wake"`
}

// invoke schedules an invocation.
func (a *alarm) invoke(delay time.Duration, payload []byte) {
	h := a.h
	a.set++
	late, times := time.Duration(a.rng.Int64N(int64(dispatch))), 1
	switch {
	case h.cfg.wakes == lostWakeUps:
		times = 0
	case h.cfg.wakes != lossyWakeUps || h.cfg.calm || time.Since(h.start) > h.cfg.length:
	default:
		switch a.rng.IntN(8) {
		case 0:
			times = 0
		case 1:
			times = 2
		case 2:
			late += time.Duration(a.rng.IntN(30)) * time.Second
		}
	}
	h.hours.set(payload, times == 0)
	for range times {
		a.count(payload, 1)
		h.after(delay+late, func() {
			a.count(payload, -1)
			h.platform.deliver("wake-up", payload, 0)
		})
		late += time.Duration(a.rng.IntN(5000)) * time.Millisecond
	}
}

// count counts the wake-ups on their way.
func (a *alarm) count(payload []byte, by int) {
	var p wakePayload
	if err := json.Unmarshal(payload, &p); err != nil {
		panic(err)
	}
	for _, l := range p.Wake.Lanes {
		t, ok := change.ParseTarget(l.Lane)
		if !ok || l.Gen == 0 {
			continue
		}
		a.ways[t] += by
		a.most = max(a.most, a.ways[t])
		if by > 0 && a.ways[t] > maxOnTheirWay+a.h.hours.moved()+a.again && a.h.cfg.wakes == exactWakeUps && !a.h.cfg.kinds.has(skewedClocks) {
			a.h.violated("%d wake-ups of %s are on their way", a.ways[t], t)
		}
	}
}

// invoker is the platform's API as an instance calls it.
type invoker struct{ in *instance }

// invoker returns one for an invocation.
//
//nolint:ireturn // nil stands for none
func (in *instance) invoker(handler.Invocation) wakeup.Invoker {
	if in.harness.cfg.wakes == noWakeUps {
		return nil
	}
	return invoker{in}
}

// Invoke implements wakeup.Invoker.
func (i invoker) Invoke(ctx context.Context, delay time.Duration, payload []byte) error {
	sum := fnv.New64a()
	_, _ = sum.Write(payload)
	name := "invoke in " + delay.String() + " " + strconv.FormatUint(sum.Sum64(), 36)
	return i.in.request(ctx, &op{name: name, do: func() { i.in.harness.alarm.invoke(delay, payload) }, fail: func(f fate) error {
		return &wakeup.Error{Class: wakeup.ClassUnavailable, Err: errors.New(f.String())}
	}})
}
