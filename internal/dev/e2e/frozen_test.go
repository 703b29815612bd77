package e2e_test

import (
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	localchat "github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// frozenObjects is what the previous release had stored in the middle of its work. It is
// made again, for another previous release, with
//
//	go test ./internal/dev/e2e -run 'Upgrade$/to_this' -freeze
const frozenObjects = "testdata/frozen.json"

var freeze = flag.Bool("freeze", false, "write "+frozenObjects)

// frozenBucket is a bucket, and the servers, at a moment.
type frozenBucket struct {
	At      time.Time    `json:"at"`
	IDs     []string     `json:"ids"`   // of the changes, in the order in which they were requested
	Asked   string       `json:"asked"` // the one that waits for approval
	Servers []vpc.Server `json:"servers"`
	Files   []frozenFile `json:"files"` // of the emulator's folder
}

type frozenFile struct {
	Path     string    `json:"path"`
	Modified time.Time `json:"modified"`
	Text     string    `json:"text"`
}

// freeze writes what the function has stored.
func (u *upgrade) freeze(t *testing.T) {
	t.Helper()
	f := frozenBucket{At: time.Now().UTC(), IDs: u.ids, Asked: u.asked}
	for _, s := range localcloud.Servers() {
		now, _ := u.VPC().Server(s.ID)
		f.Servers = append(f.Servers, now)
	}
	root := filepath.Dir(u.BucketDir())
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(root, path)
		f.Files = append(f.Files, frozenFile{Path: filepath.ToSlash(rel), Modified: info.ModTime().UTC(), Text: string(data)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.MarshalIndent(f, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(frozenObjects, append(data, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
}

// thaw puts the files back.
func (f frozenBucket) thaw(t *testing.T, dir string) {
	t.Helper()
	for _, file := range f.Files {
		path := filepath.Join(dir, "oss", filepath.FromSlash(file.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(file.Text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, file.Modified, file.Modified); err != nil {
			t.Fatal(err)
		}
	}
}

// TestUpgradeOfFrozenObjects continues what the previous release had stored, with the
// function of today and a clock that stands a minute after that moment.
func TestUpgradeOfFrozenObjects(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it takes half a minute: make upgrade")
	}
	data, err := os.ReadFile(frozenObjects)
	if err != nil {
		t.Fatal(err)
	}
	var f frozenBucket
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	f.thaw(t, dir)
	ahead := time.Until(f.At.Add(time.Minute))
	u := &upgrade{ids: f.IDs, asked: f.Asked, n: 100, frozen: true}
	u.conversation = openConversation(t, localchat.Feishu, func(o *localcloud.Options) {
		o.Policy, o.Dir, o.Function = nil, dir, binary(t, binaries.later)
		o.Env = append(o.Env, "SSLVPN_TEST_AHEAD="+ahead.String())
		o.TuneChat = func(o *localchat.Options) { o.Now = func() time.Time { return time.Now().Add(ahead) } }
	})
	u.ahead = ahead
	u.OSS().Advance(ahead)
	for _, s := range f.Servers {
		if err := u.VPC().UpdateServer(s.ID, func(now *vpc.Server) { *now = s }); err != nil {
			t.Fatal(err)
		}
	}
	u.holds(t)
	u.shows(t)
	u.commands(t, "confirm "+u.ids[2])
	status := u.say(localchat.Jun, "status "+u.asked)
	u.say(localchat.Jun, u.command(status, "approve"))
	u.ends(t)
	u.rollsBack(t)
}

// effects is how many modifications take effect after the upgrade.
func (u *upgrade) effects() int {
	if u.frozen {
		return len(u.ids) - 4 // three had been applied, and one accepted
	}
	return len(u.ids)
}
