package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/deploy"
)

// lossFlags make a loss deliberate, and say what is deployed.
type lossFlags struct {
	Deployed    string   `type:"path" complete:"files" help:"The answer of \"aliyun fc GetFunction\", or - for standard input; default: the record of the last deployment."`
	AllowEmpty  []string `placeholder:"NAME" help:"Variables that may become empty."`
	AllowChange []string `placeholder:"NAME" help:"Variables that may name another place: CHANGE_BUCKET, RECORD_BUCKET, DEPLOY_REGION, CUSTOM_DOMAIN."`
	Drop        []string `placeholder:"KIND:NAME" help:"What may be lost: sender:NAME, editor:NAME, trigger:NAME."`
}

func (l lossFlags) allowed() deploy.Allowances {
	return deploy.Allowances{Empty: l.AllowEmpty, Change: l.AllowChange, Drop: l.Drop}
}

// state is what is deployed; nil if that is not known.
func (l lossFlags) state(t *terminal, f *deploy.File) (*deploy.State, error) {
	if l.Deployed == "" {
		return deploy.Last(f.Path)
	}
	in := t.in
	if l.Deployed != "-" {
		file, err := os.Open(l.Deployed)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	const most = 4 << 20
	data, err := io.ReadAll(io.LimitReader(in, most))
	if err != nil {
		return nil, err
	}
	return deploy.FromFunction(data, time.Now())
}

// check refuses what the function would refuse, and what would lose something. With
// kept, a variable without a line keeps its value.
func (l lossFlags) check(t *terminal, f *deploy.File, m *deploy.Manifest, kept bool) (*deploy.State, error) {
	if !kept {
		if err := f.Whole(); err != nil {
			return nil, err
		}
	}
	if err := f.Check(); err != nil {
		return nil, err
	}
	state, err := l.state(t, f)
	if err != nil {
		return nil, err
	}
	if state == nil {
		t.note("vpnctl: there is no record of a deployment, so nothing was compared with what is deployed; "+
			"if the function is deployed already: aliyun fc GetFunction --functionName sslvpn-change | %s deploy-check --deployed -", t.name())
		return nil, nil //nolint:nilnil // nothing to compare with is no error
	}
	return state, deploy.Lost(state.Losses(f, m.Triggers, kept, l.allowed()))
}

type deployCheckCmd struct {
	settingsFlag
	lossFlags

	Manifest string `default:"s.yaml" type:"path" complete:"files" help:"The deploy file: s.yaml or template.yml."`
	Save     bool   `help:"Record what --deployed says as the last deployment."`
}

// Run checks the file, and compares it with what is deployed.
func (c *deployCheckCmd) Run(t *terminal) error {
	if c.Save && c.Deployed == "" {
		return misused("--save records what is deployed: give it with --deployed")
	}
	f, err := c.read(t)
	if err != nil {
		return err
	}
	m, err := deployFile(c.Manifest)
	if err != nil {
		return err
	}
	if m.Parameters == nil {
		if err := f.CheckServerless(); err != nil {
			return err
		}
	}
	state, err := c.check(t, f, m, false)
	if err != nil {
		return err
	}
	if c.Save {
		state.Complete(f, m.Triggers)
		if err := state.Save(f.Path); err != nil {
			return err
		}
	}
	t.say("%s can be deployed.", f.Path)
	return nil
}

// deployFile reads the deploy file of either way.
func deployFile(path string) (*deploy.Manifest, error) {
	if strings.HasSuffix(path, "template.yml") {
		return deploy.ReadTemplate(shortPath(path))
	}
	return deploy.ReadServerless(shortPath(path))
}

type deployCmd struct {
	settingsFlag
	lossFlags

	Manifest string   `default:"s.yaml" type:"path" complete:"files" help:"The deploy file of Serverless Devs."`
	If       string   `placeholder:"NAME" help:"Run the command only if this variable has a value."`
	Command  []string `arg:"" passthrough:"" help:"The command that deploys, such as s deploy."`
}

// Run checks the file, runs the command with its variables, and records what was
// deployed.
func (c *deployCmd) Run(ctx context.Context, t *terminal) error {
	command := c.Command
	if command[0] == "--" {
		command = command[1:]
	}
	if len(command) == 0 {
		return misused("give the command that deploys: vpnctl deploy -- s deploy")
	}
	f, err := c.read(t)
	if err != nil {
		return err
	}
	m, err := deploy.ReadServerless(shortPath(c.Manifest))
	if err != nil {
		return err
	}
	if _, err := c.check(t, f, m, false); err != nil {
		return err
	}
	if err := f.CheckServerless(); err != nil {
		return err
	}
	if err := deploy.Ignored(ctx, f.Path, t.environment()); err != nil {
		return err
	}
	if value, _ := f.Value(c.If); c.If != "" && value == "" {
		return nil
	}
	err = f.Run(ctx, command, t.environment(), deploy.Streams{In: t.in, Out: t.out, Err: t.err})
	if exit, ran := errors.AsType[*exec.ExitError](err); ran {
		return fmt.Errorf("%s failed with exit status %d", command[0], exit.ExitCode())
	}
	if err != nil {
		return err
	}
	if err := f.State(m.Triggers, time.Now()).Save(f.Path); err != nil {
		return fmt.Errorf("the function is deployed, and what is deployed could not be recorded: %w", err)
	}
	return nil
}

type rosParametersCmd struct {
	settingsFlag
	lossFlags

	Template string            `default:"template.yml" type:"path" complete:"files" help:"The template of the stack."`
	Out      string            `default:"dist/ros" help:"The folder for the parameters."`
	Set      map[string]string `placeholder:"NAME=VALUE" help:"A parameter that is no variable, such as CodeBucket and CodeObject."`
	Update   bool              `help:"For UpdateStack: what is not given keeps its value."`
}

// Run writes the parameters of a stack.
func (c *rosParametersCmd) Run(ctx context.Context, t *terminal) error {
	f, err := c.read(t)
	if err != nil {
		return err
	}
	m, err := deploy.ReadTemplate(shortPath(c.Template))
	if err != nil {
		return err
	}
	if _, err := c.check(t, f, m, c.Update); err != nil {
		return err
	}
	parameters, err := f.Parameters(m, c.Set)
	if err != nil {
		return err
	}
	for _, key := range []string{"CodeBucket", "CodeObject"} {
		if c.Set[key] == "" && !c.Update {
			return misused("--set %s=… is missing: the stack takes the package from a bucket, under a new key for each version", key)
		}
	}
	if err := deploy.Ignored(ctx, c.Out, t.environment()); err != nil {
		return err
	}
	if err := deploy.WriteParameters(c.Out, parameters, c.Update); err != nil {
		return err
	}
	for _, missing := range f.Missing() {
		if c.Update && missing.Parameter != "" {
			t.note("%s is not in %s: the stack keeps the value of %s", missing.Name, f.Path, missing.Parameter)
		}
	}
	verb := "CreateStack --StackName sslvpn-change"
	if c.Update {
		verb = "UpdateStack --StackId ID"
	}
	t.say("%s has the parameters, which only you can read. Next:\n"+
		"  aliyun ros %s --RegionId %s --TemplateBody-FILE %s $(cat %s/flags) && rm -r %[1]s",
		c.Out, verb, f.Region(), shortPath(c.Template), c.Out)
	return nil
}

type rotateCmd struct {
	settingsFlag

	Sender string `arg:"" help:"The sender, such as bot."`
	Finish bool   `xor:"step" help:"Remove the old secret, after the fresh one is deployed."`
	Leaked bool   `xor:"step" help:"Replace the secret at once: it leaked."`
	Add    bool   `xor:"step" help:"Make a secret for a new sender."`
}

// Run changes the secrets of a sender, and prints none.
func (c *rotateCmd) Run(t *terminal) error {
	path := shortPath(c.File)
	file := ""
	if path != ".env.deploy" {
		file = " --file " + path
	}
	step, said := deploy.Begin, fmt.Sprintf("%s has a fresh secret for %s beside the old one. Deploy; then give the fresh one to its clients (%[3]s secret-file%[4]s %[2]s), "+
		"run %[3]s rotate%[4]s %[2]s --finish, and deploy again.", path, c.Sender, t.name(), file)
	switch {
	case c.Finish:
		step, said = deploy.Finish, fmt.Sprintf("%s has the fresh secret of %s alone. Deploy.", path, c.Sender)
	case c.Leaked:
		step, said = deploy.Replace, fmt.Sprintf("%s has another secret for %s. Deploy with --drop sender:%[2]s; its clients are refused until they have it (%[3]s secret-file%[4]s %[2]s).",
			path, c.Sender, t.name(), file)
	case c.Add:
		step, said = deploy.Add, fmt.Sprintf("%s has a secret for the new sender %s. Deploy, and give it to its client: %s secret-file%s %[2]s", path, c.Sender, t.name(), file)
	}
	if err := deploy.Rotate(path, runtime.GOOS, c.Sender, step); err != nil {
		return err
	}
	t.say("%s", said)
	return nil
}

type secretFileCmd struct {
	settingsFlag

	Sender string `arg:"" help:"The sender, such as bot."`
	Out    string `type:"path" complete:"files" help:"The file to write; default: .env.secret.SENDER beside the settings."`
}

// Run writes the secret of one sender to a file that only its owner can read.
func (c *secretFileCmd) Run(ctx context.Context, t *terminal) error {
	f, err := c.read(t)
	if err != nil {
		return err
	}
	out := shortPath(c.Out)
	if c.Out == "" {
		out = shortPath(filepath.Join(filepath.Dir(c.File), ".env.secret."+c.Sender))
	}
	if err := deploy.Ignored(ctx, out, t.environment()); err != nil {
		return err
	}
	if err := deploy.SecretFile(f, c.Sender, out); err != nil {
		return err
	}
	t.say("%s has the secret of %s, and only you can read it. Its client uses it with SSLVPN_SECRET_FILE=%[1]s", out, c.Sender)
	return nil
}
