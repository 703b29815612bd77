package localcloud

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/folder"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/ram"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/tunnel"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

// Cloud is a running local cloud. Make one with Start.
type Cloud struct {
	dir    string
	secret string // of Sender
	// editorSecret is that of Editor.
	editorSecret string
	// assistantSecret is that of Assistant.
	assistantSecret string
	fc              *fc.Emulator
	oss             *oss.Emulator
	vpc             *vpc.Emulator
	chat            *chat.Service
	tunnel          *tunnel.Tunnels
	role            *ram.Role      // the function's
	kept            *folder.Folder // nil: the servers are in memory only
	keys            keys           // of people, for OSS and the VPC API
	urls            [5]string      // HTTP, OSS, VPC, the chat platforms' reply APIs, Function Compute's API

	speaking sync.Mutex // one change of the demo people's language at a time

	serving sync.WaitGroup
	cleanup []func() error // in order of making; run backward
}

// Start makes a cloud and returns when it answers. ctx bounds the starting
// only; Close ends the cloud.
func Start(ctx context.Context, opts Options) (*Cloud, error) {
	if opts.Function == "" {
		return nil, errors.New("local cloud: name the function's binary, or build one with Build")
	}
	opts = opts.withDefaults()
	c := &Cloud{}
	if err := c.start(ctx, opts); err != nil {
		return nil, errors.Join(fmt.Errorf("local cloud: %w", err), c.Close())
	}
	return c, nil
}

func (c *Cloud) start(ctx context.Context, opts Options) error {
	listeners, err := c.listen(ctx, opts)
	if err != nil {
		return err
	}
	if err := c.makeDir(opts); err != nil {
		return err
	}
	keys := credentials()
	if err := c.makeKeys(); err != nil {
		return err
	}
	if c.role, err = newRole(); err != nil {
		return err
	}
	if err := c.startVPC(opts, keys); err != nil {
		return err
	}
	if err := c.startChat(opts); err != nil {
		return err
	}
	if err := c.startFC(opts, keys); err != nil {
		return err
	}
	if err := c.startOSS(opts, keys); err != nil {
		return err
	}
	if err := c.seedPolicy(opts.Policy); err != nil {
		return err
	}
	var beside http.Handler
	if opts.Page != nil {
		if beside, err = opts.Page(c); err != nil {
			return err
		}
	}
	handlers := [5]http.Handler{c.pages(c.fc.HTTPTrigger(), beside), c.oss, c.moving(c.vpc, opts.Logger), c.chat.Handler(), c.fc.API()}
	for n, l := range listeners {
		// The VPC API closes connections that are idle for 25 s; clients must handle it.
		srv := &http.Server{Handler: handlers[n], ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 25 * time.Second}
		c.serving.Go(func() { _ = srv.Serve(l) }) // ends by Close
		c.cleanup = append(c.cleanup, srv.Close)
	}
	// Closed first, so that no process remains whose ports are closed; startFC
	// has it in the list too, for a start that fails before this line.
	c.cleanup = append(c.cleanup, c.fc.Close)
	return nil
}

func (c *Cloud) makeDir(opts Options) error {
	dir := opts.Dir
	if dir == "" {
		temp, err := os.MkdirTemp("", "sslvpn-local-")
		if err != nil {
			return err
		}
		c.cleanup = append(c.cleanup, func() error { return os.RemoveAll(temp) })
		dir = temp
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	c.dir = abs
	if err := os.MkdirAll(abs, 0o750); err != nil {
		return err
	}
	if opts.Keep {
		if c.kept, err = folder.Open(abs, opts.Fresh); err != nil {
			return err
		}
		c.cleanup = append(c.cleanup, c.kept.Close)
	}
	return c.makeSecrets()
}

// makeSecrets makes the senders' secrets, or reads those that an earlier run left in the
// folder, so that they stay valid in shells and scripts.
func (c *Cloud) makeSecrets() (err error) {
	if c.secret, err = makeSecret(c.SecretFile(), Sender); err != nil {
		return err
	}
	if c.editorSecret, err = makeSecret(c.EditorSecretFile(), Editor); err != nil {
		return err
	}
	c.assistantSecret, err = makeSecret(c.AssistantSecretFile(), Assistant)
	return err
}

// editors is the variable POLICY_EDITORS, which may name senders only: an environment with
// other senders has none.
func editors(env []string) string {
	if slices.ContainsFunc(env, func(v string) bool { return strings.HasPrefix(v, "WEBHOOK_SECRETS=") }) {
		return ""
	}
	return Editor
}

func makeSecret(file, sender string) (string, error) {
	text, err := os.ReadFile(file) //nolint:gosec // G304: in the folder of the cloud
	if err == nil {
		_, secret, _ := strings.Cut(strings.TrimSpace(string(text)), "=")
		if list, err := webhook.ParseSenders(sender + "=" + secret); err == nil && len(list) == 1 {
			return secret, nil
		}
	}
	secret := newSecret()
	return secret, os.WriteFile(file, []byte(sender+"="+secret+"\n"), 0o600)
}

// listen opens the ports first: the function's environment names them.
func (c *Cloud) listen(ctx context.Context, opts Options) ([5]net.Listener, error) {
	var out [5]net.Listener
	for n, port := range [5]int{opts.HTTPPort, opts.OSSPort, opts.VPCPort, 0, 0} {
		what := [5]string{"the HTTP trigger", "OSS", "the VPC API", "the chat platforms", "the API of Function Compute"}[n]
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			return out, &PortError{Flag: [5]string{"--http", "--oss", "--vpc", "", ""}[n], Port: port, What: what, Err: err}
		}
		c.cleanup = append(c.cleanup, func() error {
			if err := l.Close(); !errors.Is(err, net.ErrClosed) { // its server may have closed it
				return err
			}
			return nil
		})
		out[n], c.urls[n] = l, "http://"+l.Addr().String()
	}
	return out, nil
}

func (c *Cloud) startFC(opts Options, keys fc.Credentials) error {
	o := fc.Options{
		Command: []string{opts.Function},
		Env: slices.Concat([]string{
			"CHANGE_BUCKET=" + Bucket,
			"OSS_ENDPOINT=" + c.OSSURL(),
			"VPC_ENDPOINT=" + c.VPCURL(),
			"WEBHOOK_SECRETS=" + Sender + "=" + c.secret + "," + Editor + "=" + c.editorSecret + "," + Assistant + "=" + c.assistantSecret,
			"POLICY_EDITORS=" + editors(opts.Env),
			"WAKE_ENDPOINT=" + c.urls[4],
			"NO_POLICY=" + opts.noPolicy(),
		}, c.chat.Env(c.urls[3]), opts.Env),
		Region: Region, AccountID: AccountID, Credentials: keys,
		MemoryMB: MemoryMB, Methods: Methods(), Timeout: opts.Timeout, MaxInstances: opts.MaxInstances,
		Objects: triggers(), Timers: []fc.Timer{{Name: SweepName, Every: opts.SweepEvery}},
		Logger: opts.Logger, Output: opts.Output,
	}
	if opts.TuneFC != nil {
		opts.TuneFC(&o)
	}
	emulator, err := fc.New(o)
	if err != nil {
		return err
	}
	c.fc = emulator
	c.cleanup = append(c.cleanup, emulator.Close)
	return nil
}

func (c *Cloud) startOSS(opts Options, keys fc.Credentials) error {
	o := oss.Options{
		Dir: filepath.Join(c.dir, "oss"), Region: Region, AccountID: AccountID, Watch: opts.Watch, Logger: opts.Logger,
		Permits: c.permits(keys.AccessKeyID),
		Credentials: []oss.Credentials{
			{AccessKeyID: keys.AccessKeyID, AccessKeySecret: keys.AccessKeySecret, SecurityToken: keys.SecurityToken},
			{AccessKeyID: c.keys.id, AccessKeySecret: c.keys.secret}, // of the account itself
		},
		Notify: func(ev oss.Event) {
			if _, err := c.fc.ObjectChanged(fc.ObjectEvent{Name: ev.Name, Key: ev.Key, Payload: oss.EventJSON(ev)}); err != nil && !errors.Is(err, fc.ErrClosed) {
				opts.Logger.Warn("OSS trigger did not fire", "key", ev.Key, "error", err.Error())
			}
		},
	}
	if opts.TuneOSS != nil {
		opts.TuneOSS(&o)
	}
	emulator, err := oss.New(o)
	if err != nil {
		return err
	}
	c.oss = emulator
	c.cleanup = append(c.cleanup, emulator.Close)
	if err := emulator.CreateBucket(Bucket); err != nil {
		return err
	}
	for _, prefix := range []string{"changes", "scheduled"} { // so that people see where files go
		if err := os.MkdirAll(filepath.Join(c.BucketDir(), prefix), 0o750); err != nil {
			return err
		}
	}
	return nil
}

// triggers are the OSS triggers that are deployed.
func triggers() []fc.ObjectTrigger {
	return []fc.ObjectTrigger{
		{Name: "change-files", Prefix: "changes/", Events: []string{
			"oss:ObjectCreated:PutObject", "oss:ObjectCreated:PostObject",
			"oss:ObjectCreated:CompleteMultipartUpload", "oss:ObjectCreated:CopyObject",
		}},
		{Name: "wake", Prefix: "wake/", Events: []string{"oss:ObjectCreated:PutObject"}},
		{Name: "answers", Prefix: "outbox/answers/", Events: []string{"oss:ObjectCreated:PutObject"}},
	}
}

// Close kills the function's processes and ends the emulators. What is in the
// folder stays, unless Start made it. It may be called more than once.
func (c *Cloud) Close() error {
	var errs []error
	for _, v := range slices.Backward(c.cleanup) {
		errs = append(errs, v())
	}
	c.cleanup = nil
	c.serving.Wait()
	return errors.Join(errs...)
}
