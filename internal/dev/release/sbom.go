package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// The bill of materials in CycloneDX 1.6, as far as it is used here.
type bom struct {
	Schema       string       `json:"$schema"`
	Format       string       `json:"bomFormat"`
	Spec         string       `json:"specVersion"`
	Serial       string       `json:"serialNumber"`
	Version      int          `json:"version"`
	Metadata     bomMetadata  `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type bomMetadata struct {
	Timestamp string    `json:"timestamp"`
	Component component `json:"component"`
}

type component struct {
	Type       string          `json:"type"` // "application" or "library"
	Ref        string          `json:"bom-ref"`
	Name       string          `json:"name"`
	Version    string          `json:"version"`
	Hashes     []bomHash       `json:"hashes,omitempty"`
	Licences   []bomExpression `json:"licenses,omitempty"`
	PURL       string          `json:"purl,omitempty"`
	Properties []property      `json:"properties,omitempty"`
}

type bomHash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type bomExpression struct {
	Expression string `json:"expression"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref string   `json:"ref"`
	On  []string `json:"dependsOn"`
}

// materials writes the bill of materials of the programs. Its serial number is a hash of
// what it describes, in the form of a UUID of version 8.
func (s source) materials(programs []program, libs []library) ([]byte, error) {
	self := bomExpression{"Apache-2.0"}
	root := component{
		Type: "application", Ref: "pkg:golang/" + modulePath + "@" + s.version, Name: "sslvpn-change", Version: s.version,
		Licences: []bomExpression{self}, PURL: "pkg:golang/" + modulePath + "@" + s.version,
	}
	if s.commit != "" {
		root.Properties = []property{{"sslvpn-change:commit", s.commit}}
	}
	b := bom{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", Spec: "1.6", Version: 1,
		Metadata:     bomMetadata{Timestamp: s.time.Format(time.RFC3339), Component: root},
		Dependencies: []dependency{{Ref: root.Ref}},
	}
	for _, p := range programs {
		b.Dependencies[0].On = append(b.Dependencies[0].On, p.file)
		b.Components = append(b.Components, component{
			Type: "application", Ref: p.file, Name: p.file, Version: s.version, Hashes: []bomHash{{"SHA-256", p.sum}}, Licences: []bomExpression{self},
			Properties: []property{{"sslvpn-change:program", p.name}, {"sslvpn-change:platform", p.goos + "/" + p.goarch}},
		})
		on := dependency{Ref: p.file}
		for _, l := range p.libraries {
			on.On = append(on.On, l.purl())
		}
		b.Dependencies = append(b.Dependencies, on)
	}
	for _, l := range libs {
		c := component{Type: "library", Ref: l.purl(), Name: l.path, Version: l.version, Licences: []bomExpression{{l.licence.id}}, PURL: l.purl()}
		if l.sum != "" {
			c.Properties = []property{{"sslvpn-change:go.sum", l.sum}}
		}
		b.Components = append(b.Components, c)
	}
	data, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	b.Serial = serial(data)
	data, err = json.MarshalIndent(b, "", "  ")
	return append(data, '\n'), err
}

// serial makes a UUID of version 8 (RFC 9562) of a hash.
func serial(data []byte) string {
	sum := sha256.Sum256(data)
	id := slices.Clone(sum[:16])
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
