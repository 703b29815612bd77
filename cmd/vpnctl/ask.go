package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// askFlags are the flags of all verbs that chat has, too.
type askFlags struct {
	functionFlags

	Lang string `enum:"en,zh," default:"" placeholder:"LANG" variable:"SSLVPN_LANG" help:"Language of the answer, en or zh; default: the language of the command, or the sender's in the policy."`
	JSON bool   `name:"json" help:"Print the function's answer as JSON."`
}

// deliveryFlags are the flags of verbs that have an effect.
type deliveryFlags struct {
	ID string `name:"id" help:"Delivery id; repeat a delivery whose answer was lost with its id, so that it is executed once."`
}

func (f deliveryFlags) delivery() string {
	if f.ID != "" {
		return f.ID
	}
	return newDelivery()
}

// read parses the words of a command, so that an invalid one is refused before anything
// is sent.
func (f askFlags) read(words ...string) (command.Command, error) {
	c, err := command.ParseWords(words)
	bad, ok := errors.AsType[*command.Error](err)
	if !ok {
		return c, err
	}
	no := &commandError{code: codeInvalid, message: "the command was not sent: " + plural(len(bad.Problems), "problem"), exit: exitFailed}
	for _, p := range bad.Problems {
		text := p.Text(lang.Tag(f.Lang))
		no.problems = append(no.problems, change.Problem{Rule: string(p.Rule), Message: text})
		no.lines = append(no.lines, fmt.Sprintf("%s [%s]", text, p.Rule))
	}
	return command.Command{}, no
}

// look sends a command that only reads, and prints the answer.
func (f askFlags) look(ctx context.Context, t *terminal, words ...string) error {
	return f.say(ctx, t, "", words...)
}

// say sends a command and prints the answer. An empty id marks a command that
// only reads: it can be repeated under any id.
func (f askFlags) say(ctx context.Context, t *terminal, id string, words ...string) error {
	c, err := f.read(words...)
	if err != nil {
		return err
	}
	client, err := f.client(t)
	if err != nil {
		return err
	}
	ans, err := f.send(ctx, client, c, id)
	if err != nil {
		return err
	}
	return f.show(t, ans)
}

// send sends a command and explains a refusal.
func (f askFlags) send(ctx context.Context, client *remote.Client, c command.Command, id string) (remote.Answer, error) {
	tag := lang.Tag(f.Lang)
	if tag == "" {
		tag = c.Lang // the line that is sent is in English words
	}
	return sendLine(ctx, client, c.String(), tag, id)
}

func sendLine(ctx context.Context, client *remote.Client, line string, tag lang.Tag, id string) (remote.Answer, error) {
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
		return ans, explain(err).advise("the command may have been received: repeat it with --id " + id + ", so that it is executed once")
	case ok && len(refused.Problems) > 0: // the detail is the answer as text, with several lines
		no := explain(err)
		no.message, no.lines = refused.Short(), []string{refused.Detail}
		return ans, no
	}
	return ans, err
}

// show prints an answer. A plan that would be refused is not a success, and an approval
// without a code, which only shows the plan, leaves the change waiting.
func (f askFlags) show(t *terminal, ans remote.Answer) error {
	if f.JSON {
		if err := printJSON(t, ans.Raw); err != nil {
			return err
		}
	} else {
		t.say("%s", ans.Text)
	}
	switch {
	case ans.Outcome == remote.NotYet:
		return outcome(exitUnapproved)
	case ans.Verb == string(command.Plan) && len(ans.Problems) > 0:
		return outcome(exitFailed)
	}
	return nil
}

// outcomeFlags are the flags of verbs that request a change.
type outcomeFlags struct {
	deliveryFlags
	askingFlags

	Wait time.Duration `default:"60s" help:"How long to wait for the outcome; 0 does not wait. A change that needs approval, or whose window opens later, is not waited for."`
}

// ask sends a command that requests a change, and waits for its outcome. It asks before
// that, if somebody is there to answer.
func (f askFlags) ask(ctx context.Context, t *terminal, o outcomeFlags, words ...string) error {
	c, err := f.read(words...)
	if err != nil {
		return err
	}
	client, err := f.client(t)
	if err != nil {
		return err
	}
	if agreed, err := f.agreed(ctx, t, client, o.Yes, c); !agreed {
		return err
	}
	ans, err := f.send(ctx, client, c, o.delivery())
	switch {
	case err != nil:
		return err
	case ans.Change == nil:
		return foreign("the function accepted the command and named no change")
	case o.Wait <= 0:
		return f.show(t, ans)
	case ans.Change.Unapproved():
		if err := f.show(t, ans); err != nil {
			return err
		}
		t.note("%s waits for approval; check it with: vpnctl status %s", ans.Change.ID, ans.Change.ID)
		return outcome(exitUnapproved)
	case ans.Change.Closed(time.Now().Add(o.Wait)):
		if err := f.show(t, ans); err != nil {
			return err
		}
		t.note("%s waits for its window; check it with: vpnctl status %s", ans.Change.ID, ans.Change.ID)
		return outcome(exitUnended)
	}
	asked := remote.Change{Record: record.Record{ID: ans.Change.ID, Status: change.Queued}}
	changes, err := follow(ctx, t, client, remote.Pending{Changes: []remote.Change{asked}, Enough: idle(o.Wait)}, o.Wait)
	if err != nil {
		t.note("accepted: %s; check it with: vpnctl status %s", asked.ID, asked.ID)
		return err
	}
	return showChanges(t, changes, f.JSON)
}
