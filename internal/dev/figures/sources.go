package main

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cost is how long a command takes.
type cost int

const (
	quick  cost = iota // part of every check: seconds
	normal             // a minute
	long               // many minutes; on request
)

// source is a command and the quantities that are read from its output.
type source struct {
	command    string
	cost       cost
	quantities []quantity
}

// quantity is one value in a command's output: the value of a benchmark's
// metric, or the last match of a pattern.
type quantity struct {
	name, unit string
	metric     string  // "<benchmark> <unit>"
	pattern    string  // a regular expression with one group: a number or a duration
	margin     float64 // how much worse a check may measure, as a part of the value
	checked    bool
}

// metric is a quantity that a check does not compare.
func metric(name, unit, metric string) quantity {
	return quantity{name: name, unit: unit, metric: metric}
}

// bounded is a quantity that a check compares: less is better.
func bounded(name, unit, metric string, margin float64) quantity {
	return quantity{name: name, unit: unit, metric: metric, margin: margin, checked: true}
}

// logged is a quantity in a test's log, which is the same everywhere: time is
// virtual there.
func logged(name, unit, pattern string) quantity {
	return quantity{name: name, unit: unit, pattern: pattern}
}

func sources() []source { return slices.Concat(binarySources(), simSources(), longSources()) }

// simTest runs tests of the simulation.
const simTest = "go test ./internal/dev/sim -count=1 -timeout 0 -v -run "

// simSources measure in virtual time.
func simSources() []source {
	outage := func(down, name string) source {
		return source{command: simTest + "Outage/" + down, cost: normal, quantities: []quantity{
			logged(name+"-recovery", "s", `changes ended (\S+) after the outage`),
			logged(name+"-calls", "calls", `; (\d+) calls of the API during it`),
			logged(name+"-loop-calls", "calls", `every 10 s: \S+, (\d+) calls`),
		}}
	}
	return []source{
		{
			command: simTest + "'CostOf'", cost: quick, quantities: []quantity{
				{name: "queue-oss-requests", unit: "requests a change", pattern: `([\d.]+) requests a change`, margin: 0.05, checked: true},
			},
		},
		outage("1m", "outage-minute"), outage("1h", "outage-hour"), outage("24h", "outage-day"),
		{
			command: simTest + "Throttling", cost: normal, quantities: []quantity{
				logged("throttled-time", "s", `changes applied in (\S+):`),
				logged("throttled-calls", "calls", `changes applied in \S+: (\d+) calls`),
				logged("throttled-refused", "calls", `(\d+) of them throttled`),
			},
		},
		{
			command: simTest + "NextLook", cost: normal, quantities: []quantity{
				logged("next-look", "s", `longest time without a look at one that was due: (\S+)`),
				logged("next-look-file", "s", `longest time until one was taken: (\S+)`),
			},
		},
	}
}

// binarySources measure the deployed binary and its API client.
func binarySources() []source {
	return []source{
		{
			command: "go test ./internal/dev/e2e -run '^$' -bench 'Start$' -benchtime 3x", cost: quick,
			quantities: []quantity{
				bounded("start-ratio", "times an empty function's", "Start start_ratio", 0.4),
				metric("start-ms", "ms", "Start start_ms"),
				metric("start-empty-ms", "ms", "Start empty_start_ms"),
				bounded("binary-size", "MB", "Start size_MB", 0.02),
				bounded("binary-ratio", "times an empty function's", "Start size_ratio", 0.02),
			},
		},
		{
			command: "go test ./internal/dev/e2e -run '^$' -bench 'Change$' -benchtime 3x", cost: quick,
			quantities: []quantity{
				bounded("change-oss-requests", "requests", "Change oss_requests", 0),
				// A gateway may be looked at once more on a slow machine.
				bounded("change-api-calls", "calls", "Change api_calls", 0.35),
			},
		},
		{
			command: "go test ./internal/sslvpn -run '^$' -bench 'Call$' -benchtime 1000x", cost: quick,
			quantities: []quantity{
				bounded("client-allocations", "allocations", "Call client_allocs", 0.05),
				bounded("client-ratio", "times a bare call", "Call ratio", 0.3),
			},
		},
	}
}

// longSources take many minutes.
func longSources() []source {
	return []source{
		{
			command: "make sim SEEDS=20000", cost: long, quantities: []quantity{
				logged("sim-changes", "changes", `20000 seeds: (\d+) changes ended`),
				logged("sim-faults", "faults", `changes ended, (\d+) faults`),
				logged("sim-modifications", "modifications", `(\d+) modifications sent`),
			},
		},
		{
			command: "go test ./internal/dev/e2e -run Kill -timeout 0 -v", cost: long, quantities: []quantity{
				logged("crash-points", "requests", `AtAnyRequest: (\d+) crash points in all`),
				logged("crash-points-chat", "requests", `OfAConversation: (\d+) crash points in all`),
				logged("crash-points-recovery", "requests", `OfARecovery: (\d+) crash points in all`),
			},
		},
		{
			command: "go test ./internal/dev/e2e -run '^$' -bench Load -benchtime 1x -timeout 0", cost: long, quantities: []quantity{
				metric("load-memory", "MiB", "Load/10000-over-30-in-1 peak_MiB"),
				metric("load-rate", "changes/s", "Load/10000-over-30-in-1 changes/s"),
			},
		},
		{
			command: "go test ./internal/dev/e2e -run '^$' -bench 'Chat$' -timeout 0", cost: long, quantities: []quantity{
				metric("chat-warm-p99", "ms", "Chat/all warm_p99_ms"),
				metric("chat-cold-p99", "ms", "Chat/all cold_p99_ms"),
			},
		},
	}
}

// read finds the quantity in a command's output.
func (q quantity) read(output string) (float64, error) {
	if q.metric != "" {
		bench, unit, _ := strings.Cut(q.metric, " ")
		return benchmark(output, bench, unit)
	}
	re, err := regexp.Compile(q.pattern)
	if err != nil {
		return 0, err
	}
	found := re.FindAllStringSubmatch(output, -1)
	if len(found) == 0 {
		return 0, fmt.Errorf("%s: nothing in the output matches %s", q.name, q.pattern)
	}
	text := strings.TrimRight(found[len(found)-1][1], ",.;:")
	if value, err := strconv.ParseFloat(text, 64); err == nil {
		return value, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%s: %q is neither a number nor a duration", q.name, text)
	}
	return math.Round(d.Seconds()*10) / 10, nil
}

// benchmark returns the value of a benchmark's metric.
func benchmark(output, name, unit string) (float64, error) {
	for line := range strings.Lines(output) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] != "Benchmark"+name && stem(words[0]) != "Benchmark"+name {
			continue
		}
		for i := 2; i < len(words); i++ {
			if words[i] == unit {
				return strconv.ParseFloat(words[i-1], 64)
			}
		}
	}
	return 0, fmt.Errorf("there is no %s of Benchmark%s in the output", unit, name)
}

// stem is a benchmark's name without the number of processors.
func stem(name string) string {
	i := strings.LastIndexByte(name, '-')
	if i < 0 {
		return name
	}
	if _, err := strconv.Atoi(name[i+1:]); err != nil {
		return name
	}
	return name[:i]
}

// compare fails if a value is worse than the file's by more than the margin.
func (q quantity) compare(f figure, value float64) error {
	switch {
	case !q.checked:
		return nil
	case f.Command == "":
		return fmt.Errorf("%s is not in the file: run make figures", q.name)
	case value > f.Value*(1+q.margin):
		return fmt.Errorf("%s is %s, the pages say %s, and the margin is %.0f %%", q.name, number(value), number(f.Value), 100*q.margin)
	}
	return nil
}

// number writes a value as the pages do: with at most two decimals and commas.
func number(v float64) string {
	text := strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
	whole, fraction, has := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if has {
		return whole + "." + fraction
	}
	return whole
}
