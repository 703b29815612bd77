package executor

import (
	"context"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/nearest"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// Question asks who may change settings of a server, and who must agree.
type Question struct {
	Server, Region string
	Settings       []change.Field // at least one
	Person         string         // "" for everybody
}

// Permissions answers a question for somebody who may view the server. It changes
// nothing and claims nothing.
func (e *Executor) Permissions(ctx context.Context, from policy.Account, q Question) (Answer, error) {
	return e.read(ctx, from, command.Command{Server: q.Server, Region: q.Region}, func(r *request, ctx context.Context) (Answer, error) {
		return r.permissions(ctx, q)
	})
}

// read answers what is no command, to an account that the policy lists. It claims nothing.
func (e *Executor) read(ctx context.Context, from policy.Account, c command.Command, run func(*request, context.Context) (Answer, error)) (Answer, error) {
	p, err := e.Policy(ctx)
	if err != nil {
		return Answer{}, err
	}
	who, known := p.Person(from)
	r := &request{Executor: e, beginning: beginning{policy: p}, from: Requester{Account: from}, who: who, cmd: c}
	ans, err := r.do(ctx, action{run: run}, known)
	ans.By = who.Name
	return ans, err
}

// ReadsAll answers whether an account may view all servers, which what names no server
// needs: it shows nothing, or refuses.
func (e *Executor) ReadsAll(ctx context.Context, from policy.Account) (Answer, error) {
	return e.read(ctx, from, command.Command{}, func(r *request, _ context.Context) (Answer, error) {
		if no := r.policy.MayEverywhere(r.who, policy.Read); no != nil {
			return Answer{}, refuse(Forbidden, *no)
		}
		return Answer{Outcome: Shown}, nil
	})
}

func (r *request) permissions(ctx context.Context, q Question) (Answer, error) {
	t, err := r.readable(ctx)
	if err != nil {
		return Answer{}, err
	}
	person, problems := q.Person, []change.Problem(nil)
	if person != "" && !r.policy.Absent() {
		person, problems = r.named(t, person)
	}
	found := r.policy.Permissions(t, q.Settings, person)
	return Answer{Outcome: Shown, Permissions: &found, Problems: problems}, nil
}

// named finds a person by name, in any case, among those who have a permission for a
// server. A name of nobody else is confirmed or denied.
func (r *request) named(t change.Target, name string) (string, []change.Problem) {
	people := r.policy.Who(policy.Read, t, nil)
	if i := slices.IndexFunc(people, func(known string) bool { return strings.EqualFold(known, name) }); i >= 0 {
		return people[i], nil
	}
	hint := "the people with a permission for this server: " + strings.Join(people[:min(len(people), MaxListed)], ", ")
	if near := nearest.Word(name, people); near != "" {
		hint = "the nearest name is " + near
	}
	return name, []change.Problem{{
		Path: "person", Rule: policy.RulePersonUnknown, Message: "the policy gives nobody called " + name + " a permission for this server", Hint: hint,
	}}
}
