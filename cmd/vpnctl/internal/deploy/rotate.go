package deploy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/nearest"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

// Rotation is a step of the rotation of a sender's secret.
type Rotation int

// The steps.
const (
	Begin   Rotation = iota // add a fresh secret behind the one in use
	Finish                  // remove the old one, when the fresh one is deployed
	Replace                 // leave the old one out at once: it leaked
	Add                     // a new sender
)

// Rotate changes the secrets of a sender in the file. Clients take the first secret of
// a sender: the old one, which the function accepts, until Finish removes it.
func Rotate(path, system, sender string, step Rotation) error {
	return locked(path, func() error {
		f, _, err := Read(path, system)
		if err != nil {
			return err
		}
		last, err := Last(path)
		if err != nil {
			return err
		}
		list, err := rotated(f, last, sender, step)
		if err != nil {
			return err
		}
		f.Set(senders, list)
		if err := f.Check(); err != nil {
			return err
		}
		return replace(path, f.Bytes())
	})
}

// rotated is the list of senders after a step.
func rotated(f *File, last *State, sender string, step Rotation) (string, error) {
	value, ok := f.Value(senders)
	if !ok {
		return "", fmt.Errorf("%s has no line %s=", f.Path, senders)
	}
	entries, mine, others, err := entriesOf(value, sender)
	if err != nil {
		return "", fmt.Errorf("%s: %s: %w", f.Path, senders, err)
	}
	fresh := sender + "=" + newSecret()
	switch {
	case step == Add && len(mine) == 0:
		return strings.Join(append(entries, fresh), ","), nil
	case step == Add:
		return "", fmt.Errorf("there is a sender %s already: leave out --add to rotate its secret", sender)
	case len(mine) == 0:
		return "", fmt.Errorf("there is no sender %s in %s%s; --add makes one", sender, f.Path, meant(sender, others))
	case step == Replace:
		return strings.Join(keep(entries, mine, fresh), ","), nil
	case step == Begin && len(mine) >= webhook.SecretsPerSender:
		return "", fmt.Errorf("the secret of %s is being rotated already: deploy, then run the command with --finish", sender)
	case step == Begin:
		return strings.Join(slices.Insert(entries, slices.Index(entries, mine[0])+1, fresh), ","), nil
	case len(mine) < webhook.SecretsPerSender:
		return "", fmt.Errorf("the secret of %s is not being rotated: it has one secret", sender)
	case last == nil:
		return "", fmt.Errorf("there is no record of a deployment (%s), so that the fresh secret may not be deployed yet: deploy, or run vpnctl deploy-check --deployed with --save", record(f.Path))
	}
	newest := mine[len(mine)-1]
	if !slices.Contains(last.Senders[sender], firstDigest(last, sender, newest)) {
		return "", fmt.Errorf("the fresh secret of %s is not deployed yet: deploy first, or the function would refuse the sender", sender)
	}
	return strings.Join(keep(entries, mine, newest), ","), nil
}

// firstDigest is the digest of an entry's secret.
func firstDigest(s *State, sender, entry string) string {
	if digests := s.senders(entry)[sender]; len(digests) > 0 {
		return digests[0]
	}
	return ""
}

// entriesOf splits a list of senders into its entries, and picks those of one sender.
func entriesOf(value, sender string) (entries, mine, others []string, err error) {
	if _, err := webhook.ParseSenders(value); err != nil {
		return nil, nil, nil, err
	}
	for _, entry := range commas(value) {
		name, _, _ := strings.Cut(entry, "=")
		if entries = append(entries, entry); name == sender {
			mine = append(mine, entry)
		} else {
			others = append(others, name)
		}
	}
	return entries, mine, others, nil
}

// keep puts one entry of a sender in the place of all of them.
func keep(entries, mine []string, one string) []string {
	at := slices.Index(entries, mine[0])
	rest := slices.DeleteFunc(slices.Clone(entries), func(e string) bool { return slices.Contains(mine, e) })
	return slices.Insert(rest, min(at, len(rest)), one)
}

// meant suggests a name.
func meant(name string, known []string) string {
	if near := nearest.Word(name, known); near != "" {
		return fmt.Sprintf(" (did you mean %s?)", near)
	}
	return ""
}

// Secrets finds the list of senders in a text that is a file of settings.
func Secrets(text string) (list string, ok bool) {
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		if list, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), senders+"="); ok {
			return list, true
		}
	}
	return "", false
}

// SecretFile writes the newest secret of a sender to a file of its own, for a client
// that is not to have the other secrets. A file that has another secret of the same
// sender is replaced; any other file is not.
func SecretFile(f *File, sender, path string) error {
	value, _ := f.Value(senders)
	_, mine, others, err := entriesOf(value, sender)
	if err != nil {
		return fmt.Errorf("%s: %s: %w", f.Path, senders, err)
	}
	if len(mine) == 0 {
		return fmt.Errorf("there is no sender %s in %s%s", sender, f.Path, meant(sender, others))
	}
	text := []byte(mine[len(mine)-1] + "\n")
	before, err := readLimited(path)
	if err != nil {
		return Create(path, text)
	}
	if name, secret, ok := strings.Cut(strings.TrimSpace(string(before)), "="); !ok || name != sender || strings.ContainsAny(secret, "\n,") {
		return errors.New(path + " exists, and is not a file with the secret of " + sender + " alone: give another file")
	}
	return replace(path, text)
}
