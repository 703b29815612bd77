package deploy

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Allowances make losses deliberate.
type Allowances struct {
	Empty  []string // variables that may become empty
	Change []string // variables that name where things are, and may change
	Drop   []string // "sender:NAME", "editor:NAME", "trigger:NAME"
}

// Loss is something that a deployment would take away.
type Loss struct {
	What string // a sentence
	Flag string // that makes it deliberate
}

// Losses lists what a deployment of the file, with these triggers, takes away from
// what is deployed, unless it is allowed. With kept, a variable that the file has no line
// for keeps its value.
func (s *State) Losses(f *File, triggers []string, kept bool, allowed Allowances) []Loss {
	out := slices.Concat(s.emptied(f, kept), s.moved(f, kept), s.droppedSenders(f), s.droppedEditors(f))
	for _, name := range s.Triggers {
		if triggers != nil && !slices.Contains(triggers, name) {
			out = append(out, drop("trigger", name, "the trigger "+name+" would be lost"))
		}
	}
	var flags []string
	for flag, list := range map[string][]string{flagEmpty: allowed.Empty, flagChange: allowed.Change, flagDrop: allowed.Drop} {
		for _, name := range list {
			flags = append(flags, flag+name)
		}
	}
	return slices.DeleteFunc(out, func(l Loss) bool { return slices.Contains(flags, l.Flag) })
}

// The flags of allowances.
const (
	flagEmpty  = "--allow-empty "
	flagChange = "--allow-change "
	flagDrop   = "--drop "
)

func drop(kind, name, what string) Loss { return Loss{what, flagDrop + kind + ":" + name} }

// emptied lists the variables that would lose their value.
func (s *State) emptied(f *File, kept bool) []Loss {
	var out []Loss
	for _, name := range slices.Sorted(maps.Keys(s.Variables)) {
		value, has := f.Value(name)
		known, ok := setting(name)
		switch {
		case value != "", !has && kept && ok, name == Region, name == recordBucket: // the last two are places
		case !ok:
			out = append(out, Loss{name + " is set in the deployed function, and no deployment sets it", flagEmpty + name})
		case s.Variables[name] != known.Default:
			out = append(out, Loss{name + " has a value in the deployed function, and would become empty", flagEmpty + name})
		}
	}
	return out
}

// droppedSenders lists the senders that would be refused.
func (s *State) droppedSenders(f *File) []Loss {
	list := f.values[senders]
	if list == "" { // kept, or emptied
		return nil
	}
	var out []Loss
	now := s.senders(list)
	for _, name := range slices.Sorted(maps.Keys(s.Senders)) {
		remains := slices.ContainsFunc(s.Senders[name], func(digest string) bool { return slices.Contains(now[name], digest) })
		switch {
		case remains:
		case now[name] == nil:
			out = append(out, drop("sender", name, "the sender "+name+" of "+senders+" would be refused"))
		default:
			out = append(out, drop("sender", name, "no deployed secret of the sender "+name+" would remain, so that its requests are refused until it has the new one"))
		}
	}
	return out
}

// droppedEditors lists the editors of the policy who would be none.
func (s *State) droppedEditors(f *File) []Loss {
	list := f.values[policyEditors]
	if list == "" { // kept, or emptied
		return nil
	}
	var out []Loss
	for _, name := range commas(s.Variables[policyEditors]) {
		if !slices.Contains(commas(list), name) {
			out = append(out, drop("editor", name, name+" could no longer put a policy ("+policyEditors+")"))
		}
	}
	return out
}

// moved lists what the file has in another place than what is deployed.
func (s *State) moved(f *File, kept bool) []Loss {
	var out []Loss
	add := func(name, format string, args ...any) {
		out = append(out, Loss{fmt.Sprintf(format, args...), flagChange + name})
	}
	buckets, records := s.Variables[changeBucket], s.Variables[recordBucket]
	newBuckets, newRecords := f.values[changeBucket], f.values[recordBucket]
	if _, has := f.Value(recordBucket); !has && kept {
		newRecords = records
	}
	if buckets != "" && newBuckets != "" && buckets != newBuckets {
		add(changeBucket, "%s would change from %s to %s: the queue, the receipts, the approvals and the policy stay behind in %s", changeBucket, buckets, newBuckets, buckets)
	}
	if before, now := either(records, buckets), either(newRecords, newBuckets); before != "" && before != now && (records != "" || newRecords != "") {
		add(recordBucket, "the records would go to %s instead of %s, where those so far stay, and are no longer found", now, before)
	}
	if before, now := s.Variables[customDomain], f.values[customDomain]; before != "" && now != "" && before != now {
		add(customDomain, "%s would change from %s to %s, and the address that programs and chat platforms have would be gone", customDomain, before, now)
	}
	if before := s.Variables[Region]; before != "" && before != f.Region() {
		add(Region, "%s would change from %s to %s: that is a second function, beside the one in %s", Region, before, f.Region(), before)
	}
	return out
}

func either(first, second string) string {
	if first != "" {
		return first
	}
	return second
}

// commas splits a list at its commas.
func commas(text string) []string {
	var out []string
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// Lost is the error of losses; nil if there are none.
func Lost(losses []Loss) error {
	if len(losses) == 0 {
		return nil
	}
	var b strings.Builder
	b.WriteString("this deployment would lose what is deployed:")
	for _, l := range losses {
		fmt.Fprintf(&b, "\n  %s; if that is what you want: %s", l.What, l.Flag)
	}
	return errors.New(b.String())
}
