package config

import (
	"errors"
	"log/slog"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/endpoint"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

// Config is the function's configuration, complete and valid.
type Config struct {
	// ChangeBucket is the bucket that holds change files and all state.
	ChangeBucket string
	// RecordBucket is the bucket of the records; ChangeBucket unless configured.
	RecordBucket string
	// OSSEndpoint is the URL of OSS, without a path; "" means the internal
	// endpoint of the function's region, which has no traffic fee (OSS's page
	// "Regions and endpoints").
	OSSEndpoint string
	// VPCEndpoint is the URL of the VPC API for every region, without a path; ""
	// means each region's own.
	VPCEndpoint string
	// WakeUps has the function invoke itself again at due times and for next looks.
	WakeUps bool
	// WakeEndpoint is the URL of Function Compute's API, without a path; "" means the
	// internal address of the account in the function's region.
	WakeEndpoint string
	// Regions are those whose servers may be changed, besides the function's own.
	Regions change.Regions
	// Senders may send HTTP requests; nil refuses all of them.
	Senders []webhook.Sender
	// Platforms are the chat platforms with a bot, by name; nil for none.
	Platforms map[string]chat.Platform
	// ChatEndpoint is the URL of the local cloud's emulation of the chat platforms;
	// "" for the platforms themselves.
	ChatEndpoint string
	// WaitBudget is the longest wait for a busy gateway inside an invocation, 0
	// to 15 minutes; the invocation's deadline bounds it as well. With 0 the sweep
	// does all waiting.
	WaitBudget time.Duration
	// MaxLanes is how many lanes one invocation drains at once, 1 to 64.
	MaxLanes int
	// NoPolicy allows working without a policy. Otherwise every request is refused
	// while there is none.
	NoPolicy bool
	// Editors are those of Senders, by name, who may read and put the policy whatever it
	// says; nil for none.
	Editors []string
	// PlanDryRun has plans ask the VPC API as well, which checks what they would send.
	PlanDryRun bool
	// FunctionVPC is the VPC that the function is in; "" for none, or an unknown one.
	FunctionVPC string
	// TimeZone is the zone in which answers show times whose reader's zone is not
	// known.
	TimeZone *time.Location
	// Zones are those of the chat platforms that have their own, by name.
	Zones map[string]*time.Location
	// LogLevel is the least severe level that is logged.
	LogLevel slog.Level
}

// The defaults, as a variable would spell them.
const (
	defaultWaitBudget = "4m"
	defaultMaxLanes   = "8"
	defaultNoPolicy   = "refuse"
	defaultPlanDryRun = "off"
	defaultWakeUps    = "auto"
	defaultTimeZone   = "UTC"
	defaultLogLevel   = "info"
)

// Load reads the configuration with lookup, which is os.LookupEnv in the
// function. A variable that is empty or blank counts as unset; unknown variables
// are ignored.
func Load(lookup func(string) (string, bool)) (Config, error) {
	r := reader{lookup: lookup}
	c := Config{
		ChangeBucket: r.bucket(changeBucket, ""),
		OSSEndpoint:  r.endpoint(ossEndpoint, endpoint.Parse),
		VPCEndpoint:  r.endpoint(vpcEndpoint, endpoint.Parse),
		WakeUps:      r.choice(wakeUps, defaultWakeUps, "off") == defaultWakeUps,
		WakeEndpoint: r.endpoint(wakeEndpoint, endpoint.Parse),
		Regions:      r.regions(vpcRegions),
		Senders:      r.senders(webhookSecrets),
		WaitBudget:   r.duration(waitBudget, defaultWaitBudget, 0, 15*time.Minute),
		MaxLanes:     r.number(maxLanes, defaultMaxLanes, 1, 64),
		NoPolicy:     r.choice(noPolicy, defaultNoPolicy, "allow") == "allow",
		PlanDryRun:   r.choice(planDryRun, defaultPlanDryRun, "on") == "on",
		FunctionVPC:  r.vpc(functionVPC),
		TimeZone:     r.zone(timeZone, defaultTimeZone),
		LogLevel:     r.level(logLevel, defaultLogLevel),
		ChatEndpoint: r.endpoint(chatEndpoint, endpoint.ParseLocal),
	}
	c.Platforms, c.Zones = r.platforms()
	c.Editors = r.editors(policyEditors, c.Senders)
	c.RecordBucket = r.bucket(recordBucket, c.ChangeBucket)
	if c.ChangeBucket == "" && !r.failed(changeBucket) {
		r.report(changeBucket, "is required: set it to the name of the bucket that holds the change files")
	}
	if err := errors.Join(r.problems...); err != nil {
		return Config{}, err
	}
	return c, nil
}
