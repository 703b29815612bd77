package impact

import (
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// Class is what happens to a client that keeps its configuration file.
type Class string

// The classes.
const (
	None       Class = "none"       // it stays connected
	Reconnects Class = "reconnects" // it is disconnected, and connects again by itself
	NewFile    Class = "new-file"   // it is disconnected, and cannot use the server with its file
)

// ClassOf is the class of a difference. Clients older than OpenVPN 2.4 also need a new
// file for another cipher, which the others negotiate.
func ClassOf(diffs []change.Difference) Class {
	class := None
	for _, d := range diffs {
		switch {
		case len(d.ClientLines()) > 0 && !d.Negotiated():
			return NewFile
		case d.Field.Setting().Disconnects:
			class = Reconnects
		}
	}
	return class
}

// Input is what is known when a change is planned.
type Input struct {
	Changed []change.Difference
	Before  change.Settings
	After   change.Settings
	Now     time.Time

	Host           string // where clients connect; "" when not known
	Connected      int
	MaxConnections int // 0: neither this nor Connected is known

	Gateway      *sslvpn.Gateway // nil: not known, or not needed
	Certificates []sslvpn.Certificate
	VPC          *sslvpn.VPC // nil: not known, or not needed
	Unknown      []Unknown   // what could not be read
	Refused      []change.Problem
}

// Impact is what a change does to the people who are connected.
type Impact struct {
	Class          Class `json:"class"`
	Connected      *int  `json:"connected,omitempty"` // now; absent when not known
	MaxConnections int   `json:"maxConnections,omitempty"`
	// Certificates are those whose holders have to change their file.
	Certificates []Certificate `json:"certificates,omitempty"`
	Lines        []Line        `json:"lines,omitempty"`
	// Ahead are lines with which a file works before and after the change, so that it
	// can be handed out first.
	Ahead    []string  `json:"linesThatWorkBeforeAndAfter,omitempty"`
	Warnings []Warning `json:"warnings,omitempty"`
	// Findings are reasons for which the API will probably refuse the change. They do
	// not stop it: the API decides.
	Findings []change.Problem `json:"findings,omitempty"`
	Unknown  []Unknown        `json:"unknown,omitempty"`
}

// Certificate is a client certificate.
type Certificate struct {
	ID     string                   `json:"id"`
	Name   string                   `json:"name,omitempty"`
	Status sslvpn.CertificateStatus `json:"status,omitempty"`
	End    time.Time                `json:"endTime,omitzero"`
}

// Warning is a consequence that people would not expect.
type Warning string

// The warnings.
const (
	Unencrypted  Warning = "not-encrypted"         // traffic is not encrypted
	SilentLoss   Warning = "silent-loss"           // a client with the old file connects, and no traffic passes
	Compresses   Warning = "compression-refused"   // clients from OpenVPN 2.6 refuse compression
	OlderClients Warning = "older-clients"         // clients before OpenVPN 2.4 need a new file
	Expiring     Warning = "certificates-expiring" // a certificate expires soon, or has expired
)

// Of computes the impact of a change; nil without a difference.
func Of(in Input) *Impact {
	if len(in.Changed) == 0 {
		return nil
	}
	out := &Impact{Class: ClassOf(in.Changed), Unknown: in.Unknown}
	if in.MaxConnections > 0 {
		connected := in.Connected
		out.Connected, out.MaxConnections = &connected, in.MaxConnections
	} else if out.Class != None {
		out.Unknown = append(slices.Clip(out.Unknown), Unknown{What: WhatConnected, Why: NotReported})
	}
	out.Lines = Lines(in.Changed, in.Host)
	if len(out.Lines) > 0 {
		out.Certificates = concerned(in.Certificates)
	}
	out.Ahead = ahead(in)
	out.Warnings = warnings(in, out.Certificates)
	out.Findings = append(preflight(in), in.Refused...)
	return out
}

// concerned are the certificates that can still be used.
func concerned(all []sslvpn.Certificate) []Certificate {
	var out []Certificate
	for _, c := range all {
		if c.Status != sslvpn.CertificateExpired {
			out = append(out, Certificate{ID: c.ID, Name: c.Name, Status: c.Status, End: c.End})
		}
	}
	return out
}

// soon is how long before its end a certificate is warned of, where the API does not
// say that it expires soon.
const soon = 30 * 24 * time.Hour

// Expires reports whether a certificate expires soon.
func (c Certificate) Expires(now time.Time) bool {
	return c.Status == sslvpn.CertificateExpiringSoon || !c.End.IsZero() && c.End.Before(now.Add(soon))
}

func warnings(in Input, certificates []Certificate) []Warning {
	var out []Warning
	for _, d := range in.Changed {
		if d.Negotiated() && len(d.ClientLines()) > 0 {
			out = append(out, OlderClients)
		}
		if d.Unencrypted() {
			out = append(out, Unencrypted)
		}
		if d.Field == change.Compress {
			out = append(out, SilentLoss)
		}
		if d.Compresses() {
			out = append(out, Compresses)
		}
	}
	if slices.ContainsFunc(certificates, func(c Certificate) bool { return c.Expires(in.Now) }) {
		out = append(out, Expiring)
	}
	return out
}

// maxIDs bounds the ids that are stored with a change. An account has at most 50
// certificates.
const maxIDs = 50

// IDs are the ids of the certificates concerned, at most 50.
func (i *Impact) IDs() []string {
	if i == nil {
		return nil
	}
	var out []string
	for _, c := range i.Certificates[:min(len(i.Certificates), maxIDs)] {
		out = append(out, c.ID)
	}
	return out
}
