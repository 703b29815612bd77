package deploy_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The environment in which both files are resolved.
const (
	account      = "1000000000000001"
	region       = "cn-hangzhou"
	changeBucket = "acme-vpn-changes"
	recordBucket = "acme-vpn-records"
	customDomain = "vpn.example.com"
	// Serverless Devs takes the paths of two files, and a stack their contents. Both are
	// resolved with the same texts.
	certificatePath, keyPath = "certificate.pem", "key.pem"
	secrets                  = "bot=whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
)

// secretVariables are the variables that contain secrets, with valid values.
func secretVariables() map[string]string {
	return map[string]string{
		"WEBHOOK_SECRETS": secrets,
		"CHAT_DINGTALK":   "secret=example-app-secret-1;secret=example-app-secret-0;corp=ding0123;robot=dingrobot1",
		"CHAT_FEISHU":     "encryptKey=example-encrypt-key-1;token=example-token-of-events-1;app=cli_9f5343c580712544;appSecret=example-app-secret-of-feishu-1;tenant=2ed263bf32cf1651",
		"CHAT_SLACK":      "secret=example-signing-secret-1;team=T1DC2JH3J;botToken=xoxb-1234567890-example",
		"CHAT_WECOM":      "token=exampletoken1234;aesKey=abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG;corp=wx5823bf96d3bd56c7;bot=aibexample",
	}
}

// deployment is what either file deploys, in a common form.
type deployment struct {
	Function    function
	Async       async
	Concurrency int
	Triggers    []trigger
	Domain      *domain
}

// domain is a domain of one's own.
type domain struct {
	Name, Protocol, CertificateName, Certificate, Key string
	Path, Function, Qualifier                         string
	Methods                                           []string
}

type function struct {
	Name, Description, Runtime, Handler string
	CPU                                 float64
	MemoryMB, DiskMB, TimeoutSeconds    int
	InternetAccess                      bool
	Role                                string
	Env                                 map[string]string
	Log                                 logConfig
}

type logConfig struct {
	Project, Logstore              string
	RequestMetrics, InstanceMetric bool
	BeginRule                      string
}

type async struct {
	Retries, MaxAgeSeconds int
}

type trigger struct {
	Name, Type, Description, SourceARN, Role string
	HTTP                                     *httpTrigger
	OSS                                      *ossTrigger
	Timer                                    *timerTrigger
}

// The configurations of triggers: both files pass them to the platform unchanged,
// so one set of types serves both.
type httpTrigger struct {
	AuthType           string   `yaml:"authType"`
	DisableURLInternet bool     `yaml:"disableURLInternet"`
	Methods            []string `yaml:"methods"`
}

type ossTrigger struct {
	Events []string `yaml:"events"`
	Filter struct {
		Key struct {
			Prefix string  `yaml:"prefix"`
			Suffix *string `yaml:"suffix"` // required, may be empty
		} `yaml:"key"`
	} `yaml:"filter"`
}

type timerTrigger struct {
	CronExpression string `yaml:"cronExpression"`
	Enable         bool   `yaml:"enable"`
	Payload        string `yaml:"payload"`
}

// configure decodes a triggerConfig by the trigger's type.
func (t *trigger) configure(config any) error {
	switch t.Type {
	case "http":
		t.HTTP = &httpTrigger{}
		return strict(config, t.HTTP)
	case "oss":
		t.OSS = &ossTrigger{}
		return strict(config, t.OSS)
	case "timer":
		t.Timer = &timerTrigger{}
		return strict(config, t.Timer)
	default:
		return fmt.Errorf("triggerType %q is none of http, oss, timer", t.Type)
	}
}

// strict decodes a tree into dst; unknown keys are errors.
func strict(tree, dst any) error {
	text, err := yaml.Marshal(tree)
	if err != nil {
		return err
	}
	return strictText(text, dst)
}

func strictText(text []byte, dst any) error {
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(dst); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

func repositoryFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
