package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sslvpnchange/cmd/vpnctl/internal/remote"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/command"
	"sslvpnchange/internal/lang"
	"sslvpnchange/internal/record"
)

// askFlags are those of all verbs that chat has too.
type askFlags struct {
	functionFlags

	Lang string `enum:"en,zh," default:"" env:"SSLVPN_LANG" help:"Language of the answer, en or zh; without it that of the words, or the policy's for the sender."`
	JSON bool   `name:"json" help:"Print what the function answered as JSON."`
}

// deliveryFlags are those of verbs that do something.
type deliveryFlags struct {
	ID string `name:"id" help:"Delivery id; to repeat a delivery whose answer was lost, without asking twice."`
}

func (f deliveryFlags) delivery() string {
	if f.ID != "" {
		return f.ID
	}
	return newDelivery()
}

// read takes the words of a command for a line. What is wrong with them is said
// before anything is sent.
func (f askFlags) read(t *terminal, words ...string) (command.Command, error) {
	c, err := command.ParseWords(words)
	bad, ok := errors.AsType[*command.Error](err)
	if !ok {
		return c, err
	}
	for _, p := range bad.Problems {
		t.note("%s [%s]", p.Text(lang.Tag(f.Lang)), p.Rule)
	}
	return command.Command{}, errShown
}

// look sends words that ask to be shown something, and prints it.
func (f askFlags) look(ctx context.Context, t *terminal, words ...string) error {
	return f.say(ctx, t, "", words...)
}

// say sends the words of a command, and prints what it came to. Without an id
// nothing is lost when no answer comes.
func (f askFlags) say(ctx context.Context, t *terminal, id string, words ...string) error {
	c, err := f.read(t, words...)
	if err != nil {
		return err
	}
	client, err := f.client(t)
	if err != nil {
		return err
	}
	ans, err := f.send(ctx, t, client, c, id)
	if err != nil {
		return err
	}
	return f.show(t, ans)
}

// send sends a command and explains what is refused.
func (f askFlags) send(ctx context.Context, t *terminal, client *remote.Client, c command.Command, id string) (remote.Answer, error) {
	tag := lang.Tag(f.Lang)
	if tag == "" {
		tag = c.Lang // the line that is sent is in English words
	}
	return f.sendLine(ctx, t, client, c.String(), tag, id)
}

func (f askFlags) sendLine(ctx context.Context, t *terminal, client *remote.Client, line string, tag lang.Tag, id string) (remote.Answer, error) {
	delivery := id
	if delivery == "" {
		delivery = newDelivery()
	}
	ans, err := client.Command(ctx, line, tag, delivery)
	if err == nil {
		return ans, nil
	}
	refused, ok := errors.AsType[*remote.RefusedError](err)
	switch {
	case !ok && id != "":
		return ans, fmt.Errorf("%w; it may have arrived: repeat it with --id %s, which asks once", err, id)
	case !ok:
		return ans, err
	case f.JSON && refused.Raw != nil:
		return ans, errors.Join(printJSON(t, refused.Raw), errShown)
	case len(refused.Problems) > 0: // the detail is the answer in words, of several lines
		t.note("%s", refused.Detail)
		short := *refused
		short.Detail = ""
		return ans, &short
	}
	return ans, err
}

// show prints an answer. It is not so for a plan that would be refused, and for
// an approval that says of what it is to be.
func (f askFlags) show(t *terminal, ans remote.Answer) error {
	if f.JSON {
		if err := printJSON(t, ans.Raw); err != nil {
			return err
		}
	} else {
		t.say("%s", ans.Text)
	}
	if ans.Outcome == remote.NotYet || ans.Verb == string(command.Plan) && len(ans.Problems) > 0 {
		return errShown
	}
	return nil
}

// outcomeFlags are those of verbs that ask for a change.
type outcomeFlags struct {
	deliveryFlags

	Wait time.Duration `default:"60s" help:"How long to wait for the outcome; 0 does not wait, nor does a change that needs approval."`
}

// ask sends a command that asks for a change, and waits for its outcome.
func (f askFlags) ask(ctx context.Context, t *terminal, o outcomeFlags, words ...string) error {
	c, err := f.read(t, words...)
	if err != nil {
		return err
	}
	client, err := f.client(t)
	if err != nil {
		return err
	}
	ans, err := f.send(ctx, t, client, c, o.delivery())
	switch {
	case err != nil:
		return err
	case ans.Change == nil:
		return errors.New("the function took the command and named no change: is the address that of this function?")
	case o.Wait <= 0:
		return f.show(t, ans)
	case ans.Change.Unapproved():
		if err := f.show(t, ans); err != nil {
			return err
		}
		t.note("%s waits for approval; look again with: vpnctl status %s", ans.Change.ID, ans.Change.ID)
		return errShown
	}
	asked := remote.Change{Record: record.Record{ID: ans.Change.ID, Status: change.Queued}}
	changes, err := follow(ctx, t, client, []remote.Change{asked}, o.Wait)
	if err != nil {
		t.note("accepted: %s; look again with: vpnctl status %s", asked.ID, asked.ID)
		return err
	}
	return showChanges(t, changes, f.JSON)
}
