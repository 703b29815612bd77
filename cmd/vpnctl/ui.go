package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os/exec"
	"runtime"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/ui"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

type uiCmd struct {
	functionFlags

	Listen string `default:"127.0.0.1:0" help:"Address of the page, on this machine only; port 0 selects a free port."`
	NoOpen bool   `help:"Only print the URL of the page; do not open it in a browser."`
}

// Run serves the page until ctx ends.
func (c *uiCmd) Run(ctx context.Context, t *terminal) error {
	if !ui.Local(c.Listen) {
		return misused("--listen %s: the page signs with your secret, so it is for this machine only; use 127.0.0.1:PORT", c.Listen)
	}
	client, err := c.client(t)
	if err != nil {
		return err
	}
	page, err := ui.New(ui.Options{Function: client, NewID: newDelivery, Address: c.URL})
	if err != nil {
		return err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return misused("--listen %s: %v", c.Listen, err)
	}
	at := "http://" + l.Addr().String() + "/"
	srv := &http.Server{Handler: page, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	t.say("The page is at:\n\n  %s\n\nWhoever has this URL can use your secret until Ctrl-C.", at+page.Fragment())
	if !c.NoOpen && t.asks {
		openInBrowser(ctx, at+page.OnceFragment())
	}
	select {
	case <-ctx.Done():
		return srv.Close()
	case err := <-ended:
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return err
	}
}

// openInBrowser asks the system to show a URL. The URL is printed anyway.
func openInBrowser(ctx context.Context, url string) {
	name, args := "xdg-open", []string{url}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", url}
	}
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // a fixed program and the page's own URL
	if cmd.Start() == nil {
		go func() { _ = cmd.Wait() }() // whatever its exit status is
	}
}

// localPage is the page of a local cloud, beside its chat page. It signs as the cloud's
// sender, who may approve the changes of the people in chat.
func localPage(cloud *localcloud.Cloud) (http.Handler, error) {
	secret, err := webhook.ParseSecret(cloud.Secret())
	if err != nil {
		return nil, err
	}
	client, err := remote.New(remote.Options{URL: cloud.URL(), Secret: secret})
	if err != nil {
		return nil, err
	}
	return ui.New(ui.Options{Function: client, NewID: newDelivery, Address: cloud.URL(), Chat: localcloud.ChatPath, Open: true})
}
