package vpc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/folder"
)

// kept is the file of Keep: everything but counters, faults, keys and the log of calls.
// Fields may be added, never renamed.
type kept struct {
	Servers      []Server             `json:"servers"`
	Gateways     []Gateway            `json:"gateways"`
	Clients      []Clients            `json:"clients"`
	Certificates []Certificate        `json:"certificates"`
	VPCs         []VPC                `json:"vpcs"`
	Tokens       map[string]keptToken `json:"tokens"` // by ClientToken
}

// keptToken is the first result of a ClientToken.
type keptToken struct {
	Sum   string      `json:"sum"`
	Reply []keptField `json:"reply"`
}

type keptField struct {
	Name  string `json:"name"`
	Value any    `json:"value"` // a text, a number or a flag
}

// Keep has the state survive a restart: it reads the file at path, if there is one, and
// from then on writes it after each change, whole at once and before the change is
// answered. found reports whether there was a file. It is called before the emulator
// serves.
func (e *Emulator) Keep(path string) (found bool, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	data, err := os.ReadFile(path) //nolint:gosec // a file of the caller's
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return false, err
	default:
		if err := e.restore(data); err != nil {
			return false, folder.Unreadable(path, err)
		}
		found = true
	}
	e.file = path
	return found, nil
}

func (e *Emulator) restore(data []byte) error {
	var k kept
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&k); err != nil {
		return err
	}
	for _, g := range k.Gateways {
		e.gateways[g.ID] = &g
	}
	for _, s := range k.Servers {
		if e.gateways[s.GatewayID] == nil {
			return fmt.Errorf("the server %q has no gateway %q", s.ID, s.GatewayID)
		}
		e.servers[s.ID] = &s
	}
	for _, c := range k.Clients {
		for _, client := range c.Clients {
			if e.servers[c.ServerID] == nil || client.File == nil {
				return fmt.Errorf("clients of the server %q: the server or a client's file is missing", c.ServerID)
			}
		}
		e.clients[c.ServerID] = c.Clients
	}
	for _, c := range k.Certificates {
		if e.servers[c.ServerID] == nil {
			return fmt.Errorf("the certificate %q has no server %q", c.ID, c.ServerID)
		}
		e.certs[c.ID] = c
	}
	for _, v := range k.VPCs {
		e.vpcs[v.ID] = v
	}
	for token, t := range k.Tokens {
		out := outcome{sum: t.Sum}
		for _, f := range t.Reply {
			out.reply = append(out.reply, field{f.Name, f.Value})
		}
		e.tokens[token] = out
	}
	return nil
}

// keep writes the file of Keep. It is called with the lock held.
func (e *Emulator) keep() error {
	if e.file == "" {
		return nil
	}
	k := kept{Tokens: map[string]keptToken{}}
	for _, id := range slices.Sorted(maps.Keys(e.servers)) {
		k.Servers = append(k.Servers, *e.servers[id])
	}
	for _, id := range slices.Sorted(maps.Keys(e.gateways)) {
		k.Gateways = append(k.Gateways, *e.gateways[id])
	}
	for _, id := range slices.Sorted(maps.Keys(e.clients)) {
		k.Clients = append(k.Clients, Clients{ServerID: id, Clients: e.clients[id]})
	}
	for _, id := range slices.Sorted(maps.Keys(e.certs)) {
		k.Certificates = append(k.Certificates, e.certs[id])
	}
	for _, id := range slices.Sorted(maps.Keys(e.vpcs)) {
		k.VPCs = append(k.VPCs, e.vpcs[id])
	}
	for token, out := range e.tokens {
		t := keptToken{Sum: out.sum}
		for _, f := range out.reply {
			t.Reply = append(t.Reply, keptField{f.name, f.value})
		}
		k.Tokens[token] = t
	}
	data, err := json.MarshalIndent(k, "", " ")
	if err != nil {
		return err
	}
	return folder.Write(e.file, append(data, '\n'))
}
