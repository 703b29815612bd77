package wording

import (
	"strconv"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// connected says who is connected, and whose files have to change.
func (w Writer) connected(t *chat.Text, known *impact.Impact) {
	if known == nil || known.Class == impact.None {
		return
	}
	if known.Connected != nil {
		w.add(t, w.phrases.connectedNow, args{"n", strconv.Itoa(*known.Connected), "max", strconv.Itoa(known.MaxConnections)})
	}
	w.certificates(t, w.phrases.concerned, known.Certificates)
	var soon []impact.Certificate
	for _, c := range known.Certificates {
		if c.Expires(w.now) {
			soon = append(soon, c)
		}
	}
	w.certificates(t, w.phrases.expiring, soon)
}

// wereConnected says whom a change has disconnected.
func (w Writer) wereConnected(t *chat.Text, i *record.Impact) {
	if i != nil && i.Class != impact.None && i.Connected != nil {
		w.add(t, w.phrases.wereConnected, args{"n", strconv.Itoa(*i.Connected), "max", strconv.Itoa(i.MaxConnections)})
	}
}

// The bounds of a list of certificates: some platforms have room for 2 kB, and what is
// below the list must not be cut off.
const (
	maxCertificates = 5
	maxCertificate  = 24 // characters
)

// certificates lists certificates by their names, or by their ids where they have none.
func (w Writer) certificates(t *chat.Text, begin phrase, all []impact.Certificate) {
	if len(all) == 0 {
		return
	}
	line := render(w.lang, begin, nil)
	for i, c := range all[:min(len(all), maxCertificates)] {
		if i > 0 {
			line = append(line, render(w.lang, w.phrases.historyAnd, nil)...)
		}
		name := oneLine(c.Name)
		if name == "" {
			name = c.ID
		}
		line = append(line, chat.Code(chat.Shorten(name, maxCertificate)))
	}
	if rest := len(all) - maxCertificates; rest > 0 {
		line = append(line, render(w.lang, w.phrases.moreCertificates, args{"n", strconv.Itoa(rest)})...)
	}
	t.Lines = append(t.Lines, line)
}

// ahead lists the lines that work before and after a change.
func (w Writer) ahead(t *chat.Text, known *impact.Impact) {
	if known == nil || len(known.Ahead) == 0 {
		return
	}
	w.add(t, w.phrases.ahead, nil)
	for _, line := range known.Ahead {
		t.Lines = append(t.Lines, chat.Line{chat.Code(line)})
	}
}

// findings lists why the API will probably refuse a change, and what is not known.
func (w Writer) findings(t *chat.Text, known *impact.Impact) {
	if known == nil {
		return
	}
	if len(known.Findings) > 0 {
		w.add(t, w.phrases.probablyRefused, nil)
		w.problems(t, known.Findings)
	}
	for _, u := range known.Unknown {
		w.lead(t, w.unknown(u.What), render(w.lang, w.reason(u.Why), args{"action", u.Action}))
	}
}

// unknown is what is not known.
func (w Writer) unknown(what impact.What) phrase {
	switch what {
	case impact.WhatConnected:
		return w.phrases.connectedUnknown
	case impact.WhatCertificates:
		return w.phrases.certificatesUnknown
	case impact.WhatGateway:
		return w.phrases.gatewayUnknown
	case impact.WhatVPC:
		return w.phrases.vpcUnknown
	case impact.WhatDryRun:
		return w.phrases.dryRunUnknown
	default:
		return w.phrases.dryRunUnknown
	}
}

// reason is why it is not known.
func (w Writer) reason(why impact.Why) phrase {
	switch why {
	case impact.NotPermitted:
		return w.phrases.notPermitted
	case impact.TooLate:
		return w.phrases.tooLate
	case impact.Failed:
		return w.phrases.apiFailed
	case impact.NotReported:
		return w.phrases.notReported
	case impact.NotRead:
		return w.phrases.notRead
	default:
		return w.phrases.apiFailed
	}
}
