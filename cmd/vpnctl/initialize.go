package main

import (
	"context"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/deploy"
)

// settingsFlag is the file of settings of a deployment.
type settingsFlag struct {
	File string `default:".env.deploy" type:"path" complete:"files" help:"The file with the settings of the deployed function."`
}

// read reads the file, and warns if others can read it.
func (s settingsFlag) read(t *terminal) (*deploy.File, error) {
	f, warning, err := deploy.Read(shortPath(s.File), runtime.GOOS)
	if warning != "" {
		t.note("vpnctl: warning: %s", warning)
	}
	return f, err
}

// shortPath is a path as people give it: relative to this folder, if it is below.
func shortPath(path string) string {
	here, err := filepath.Abs(".")
	if err != nil {
		return path
	}
	if short, err := filepath.Rel(here, path); err == nil && !strings.HasPrefix(short, "..") {
		return short
	}
	return path
}

type initCmd struct {
	settingsFlag

	Bucket       string   `help:"The bucket of change files, the queue and the records (CHANGE_BUCKET)."`
	RecordBucket string   `help:"An own bucket for the records (RECORD_BUCKET)."`
	Region       string   `help:"The region of the function (DEPLOY_REGION); default: cn-hangzhou."`
	TimeZone     string   `help:"The zone in which people write and read times, such as Asia/Shanghai (TIME_ZONE); default: UTC."`
	Sender       []string `default:"bot,admin" help:"Senders of HTTP requests, each of which gets a fresh secret. The sender admin may edit the policy (POLICY_EDITORS)."`
}

// Run creates the file. It asks nothing.
func (c *initCmd) Run(ctx context.Context, t *terminal) error {
	path := shortPath(c.File)
	if err := deploy.Ignored(ctx, path, t.environment()); err != nil {
		return err
	}
	values := map[string]string{}
	for name, value := range map[string]string{"CHANGE_BUCKET": c.Bucket, "RECORD_BUCKET": c.RecordBucket, deploy.Region: c.Region, "TIME_ZONE": c.TimeZone} {
		if value != "" {
			values[name] = value
		}
	}
	if slices.Contains(c.Sender, "admin") {
		values["POLICY_EDITORS"] = "admin"
	}
	text, err := deploy.New(values, c.Sender)
	if err != nil {
		return misused("%s", err)
	}
	f, err := deploy.Parse(path, text)
	if err != nil {
		return err
	}
	if c.Bucket != "" {
		if err := f.Check(); err != nil {
			return misused("%s", err)
		}
	}
	if err := deploy.Create(path, text); err != nil {
		return err
	}
	t.say("%s", c.next(t, path))
	return nil
}

// next says what was created, and what to do with it.
func (c *initCmd) next(t *terminal, path string) string {
	var b strings.Builder
	who := "which only you can read"
	if runtime.GOOS == "windows" {
		who = "which has the access list of its folder: on Windows a file has no mode of its own, so let nobody else read the folder"
	}
	b.WriteString(path + " created, " + who + ", with a fresh secret for " + strings.Join(c.Sender, " and ") + ". Keep it: nothing else has the secrets.\n")
	if c.Bucket == "" {
		b.WriteString("Enter CHANGE_BUCKET in it, and what else you need. ")
	}
	sender := "bot"
	if len(c.Sender) > 0 {
		sender = c.Sender[0]
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		absolute = path
	}
	file := ""
	if path != ".env.deploy" {
		file = " --file " + path
	}
	b.WriteString("Next, one of:\n" +
		"  with Serverless Devs:  make deploy" + map[bool]string{true: " SETTINGS=" + path}[file != ""] + "\n" +
		"  with ROS:              " + t.name() + " ros-parameters" + file + " --set CodeBucket=BUCKET --set CodeObject=KEY\n" +
		"Then use the function from here:\n" +
		"  export SSLVPN_URL=https://….fcapp.run SSLVPN_SECRET_FILE='" + absolute + "' SSLVPN_SENDER=" + sender + "\n" +
		"Another program gets the secret of one sender as a file:\n" +
		"  " + t.name() + " secret-file" + file + " " + sender)
	return b.String()
}

// name is this command, for suggestions.
func (t *terminal) name() string {
	if t.self == "" {
		return "vpnctl"
	}
	return t.self
}

// environment is the process's.
func (t *terminal) environment() []string {
	if t.environ == nil {
		return nil
	}
	return t.environ()
}
