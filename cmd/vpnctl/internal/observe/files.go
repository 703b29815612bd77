package observe

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// WriteFiles writes a target's documents into a directory, which it creates, one JSON file
// each, and install.sh with the commands of Alibaba Cloud's command line that install them.
// It returns the names in order. It replaces files of the same names and no others.
func (s *Spec) WriteFiles(dir string, t Target) ([]string, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // G301: nothing in it is secret
		return nil, err
	}
	var names []string
	write := func(name, text string, mode os.FileMode) error {
		names = append(names, name)
		return os.WriteFile(filepath.Join(dir, name), []byte(text), mode)
	}
	docs := s.Documents(t)
	for _, d := range docs {
		data, err := json.MarshalIndent(d.Body, "", "  ")
		if err == nil {
			err = write(d.file(), string(data)+"\n", 0o644)
		}
		if err != nil {
			return names, err
		}
	}
	return names, write("install.sh", script(docs, t), 0o755)
}

// script installs files with aliyunlog, the command line of SLS. It creates a document, and
// replaces it where that is refused because it exists.
func script(docs []Document, t Target) string {
	var b strings.Builder
	b.WriteString(`#!/bin/sh
# Installs what is in this directory into the log project. It needs the command line of
# Simple Log Service (pip install aliyun-log-cli), configured for somebody who may change
# the log project. It may be repeated. An index that is there already is replaced: fields
# that it has beside those in index-*.json are lost; "vpnctl observe install" keeps them.
set -eu
cd "$(dirname "$0")"
sls() { aliyunlog log "$@" --region-endpoint=` + t.Region + `.log.aliyuncs.com; }
put() { # kind, arguments
  kind=$1
  shift
  sls "create_$kind" "$@" || sls "update_$kind" "$@"
}
`)
	for _, d := range docs {
		if d.Kind == KindIndex {
			fmt.Fprintf(&b, "put index --project_name=%s --logstore_name=%s --index_detail=file://./%s\n", t.Project, t.Logstore, d.file())
			continue
		}
		verb := map[Kind]string{KindSearch: "savedsearch", KindDashboard: "dashboard", KindAlert: "alert"}[d.Kind]
		fmt.Fprintf(&b, "put %s --project=%s --detail=file://./%s\n", verb, t.Project, d.file())
	}
	return b.String()
}

// file is the name of a document's file.
func (d Document) file() string {
	return strings.ReplaceAll(string(d.Kind), " ", "-") + "-" + d.Name + ".json"
}
