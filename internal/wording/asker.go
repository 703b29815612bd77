package wording

import (
	"cmp"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// asker names who requested a change, and says so if it was an assistant. Names of
// people have neither blanks nor brackets, so no name looks like that.
func (w Writer) asker(o change.Origin) string {
	return w.marked(cmp.Or(o.Person, o.Actor), o.Assistant)
}

// marked is the name of somebody who may be an assistant.
func (w Writer) marked(name string, assistant bool) string {
	if !assistant {
		return name
	}
	return name + phrase{" (assistant)", "（助手）"}.in(w.lang)
}
