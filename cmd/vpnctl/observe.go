package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/observe"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
	"github.com/sslvpn-change/sslvpn-change/internal/signature"
)

// observeCmd installs what operators search, see and are told.
type observeCmd struct {
	Install  observeInstallCmd  `cmd:"" help:"Install the log's index, saved searches, dashboard and alert rules, or show what would change."`
	Files    observeFilesCmd    `cmd:"" help:"Write the same as files, with a script for the command line of Simple Log Service."`
	Template observeTemplateCmd `cmd:"" hidden:"" help:"Write the same into template.yml."`
}

// observeFlags say where it is installed.
type observeFlags struct {
	Project       string `required:"" placeholder:"NAME" help:"The log project, such as sslvpn-change-1234567890123456-cn-hangzhou."`
	Region        string `required:"" placeholder:"REGION" help:"Its region, such as cn-hangzhou."`
	Logstore      string `default:"fc-logs" help:"The log store of the function."`
	ActionPolicy  string `placeholder:"ID" help:"The action policy of Simple Log Service that says who is told about alerts; default: no alert rules."`
	ApprovalHours string `default:"4" placeholder:"HOURS" help:"After how many hours a change that waits for approval is an alert."`
}

func (f observeFlags) target() observe.Target {
	return observe.Target{Project: f.Project, Region: f.Region, Logstore: f.Logstore, ActionPolicy: f.ActionPolicy, ApprovalHours: f.ApprovalHours}
}

type observeInstallCmd struct {
	observeFlags

	DryRun   bool   `help:"Show what would change, and change nothing."`
	Endpoint string `placeholder:"URL" help:"The address of Simple Log Service without the project; default: that of the region."`
}

// The variables of Alibaba Cloud's tools.
const (
	variableKeyID     = "ALIBABA_CLOUD_ACCESS_KEY_ID"
	variableKeySecret = "ALIBABA_CLOUD_ACCESS_KEY_SECRET"
	variableKeyToken  = "ALIBABA_CLOUD_SECURITY_TOKEN" //nolint:gosec // G101: the name of a variable
)

// Run installs what differs. It never deletes, and may be repeated.
func (c *observeInstallCmd) Run(ctx context.Context, t *terminal) error {
	id, _ := t.lookup(variableKeyID)
	key, _ := t.lookup(variableKeySecret)
	token, _ := t.lookup(variableKeyToken)
	if id == "" || key == "" {
		return unset("there is no access key", "set "+variableKeyID+" and "+variableKeySecret+" (and "+variableKeyToken+" for temporary ones) to those of somebody who may change the log project: see docs/observe.md")
	}
	spec, err := observe.Load()
	if err != nil {
		return err
	}
	in, err := observe.NewInstaller(spec, observe.Config{
		Target: c.target(), Endpoint: c.Endpoint, Key: signature.Key{ID: id, Secret: secret.New(key), Token: secret.New(token)},
	})
	if err != nil {
		return misused("%v", err)
	}
	steps, err := in.Plan(ctx)
	if err != nil {
		return err
	}
	changes := 0
	for _, s := range steps {
		if s.Action != observe.Keep {
			changes++
			t.note("%s %s %s", s.Action, s.Kind, s.Name)
		}
	}
	if c.ActionPolicy == "" {
		t.note("no alert rules: give --action-policy")
	}
	if changes == 0 || c.DryRun {
		t.say("%s to change, %d as they should be", plural(changes, "document"), len(steps)-changes)
		return nil
	}
	done := 0
	if err := in.Apply(ctx, steps, func(observe.Step) { done++ }); err != nil {
		return err
	}
	t.say("%s changed, %d as they should be", plural(done, "document"), len(steps)-done)
	return nil
}

type observeFilesCmd struct {
	observeFlags

	Dir string `arg:"" placeholder:"DIR" help:"The directory to write to."`
}

// Run writes the files.
func (c *observeFilesCmd) Run(t *terminal) error {
	if err := c.target().Check(); err != nil {
		return misused("%v", err)
	}
	spec, err := observe.Load()
	if err != nil {
		return err
	}
	names, err := spec.WriteFiles(c.Dir, c.target())
	if err != nil {
		return err
	}
	t.say("%s written; to install them: %s", plural(len(names), "file"), filepath.Join(c.Dir, "install.sh"))
	return nil
}

type observeTemplateCmd struct {
	File string `arg:"" type:"existingfile" help:"template.yml"`
}

// Run replaces the resources in the template.
func (c *observeTemplateCmd) Run() error {
	spec, err := observe.Load()
	if err != nil {
		return err
	}
	old, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	text, err := spec.Insert(string(old))
	if err != nil {
		return err
	}
	return os.WriteFile(c.File, []byte(text), 0o644) //nolint:gosec // G306: it is in the repository
}
