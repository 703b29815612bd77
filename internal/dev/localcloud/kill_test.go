package localcloud_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sdk "github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
)

// cloudVariable has the test binary run a local cloud in a folder until it is killed.
const cloudVariable = "LOCAL_CLOUD_DIR"

func runCloud(dir string) error {
	c, err := localcloud.Start(context.Background(), localcloud.Options{
		Function: "/bin/false", Dir: dir, Keep: true, SweepEvery: -1, Watch: time.Hour,
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, c.OSSURL(), c.VPCURL())
	select {}
}

// written is what was answered before the kill.
type written struct {
	mu           sync.Mutex
	objects      map[string]string
	certificates []string
}

// A cloud that is killed loses at most what was not answered, and starts again.
func TestAKillLosesNothingThatWasAnswered(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(cmd.Environ(), cloudVariable+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	urls := strings.Fields(line)
	if err != nil || len(urls) != 2 {
		t.Fatalf("the cloud printed %q, %v", line, err)
	}
	w := &written{objects: map[string]string{}}
	w.until(t, dir, urls[1], 150, func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
	})
	c := kept(t, dir, nil)
	b := bucket(t, c)
	for key, want := range w.objects {
		body, err := b.GetObject(key)
		if err != nil {
			t.Errorf("%s was answered and is gone: %v", key, err)
			continue
		}
		if data, err := io.ReadAll(body); err != nil || string(data) != want {
			t.Errorf("%s holds %d bytes, %v; want %d", key, len(data), err, len(want))
		}
	}
	found := map[string]bool{}
	for _, k := range c.VPC().Snapshot().Certificates {
		found[k.ID] = true
	}
	for _, id := range w.certificates {
		if !found[id] {
			t.Errorf("the certificate %s was answered and is gone", id)
		}
	}
	// What was not answered is there whole, or not at all.
	for n := range 4 {
		text := strings.Repeat(strconv.Itoa(n), 40_000)
		listed, err := b.ListObjectsV2(sdk.Prefix(fmt.Sprintf("w%d/", n)), sdk.MaxKeys(1000))
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range listed.Objects {
			if o.Size != int64(len(text)) {
				t.Errorf("%s has %d bytes, want %d", o.Key, o.Size, len(text))
			}
		}
	}
}

// until writes objects and certificates at once, ends the cloud after so many answers,
// and returns when nobody writes any more.
func (w *written) until(t *testing.T, dir, vpcURL string, answers int64, end func()) {
	t.Helper()
	b := bucketOf(t, dir)
	var answered atomic.Int64
	var writers sync.WaitGroup
	enough := make(chan struct{})
	counted := func() {
		if answered.Add(1) == answers {
			close(enough)
		}
	}
	for n := range 4 {
		text := strings.Repeat(strconv.Itoa(n), 40_000)
		writers.Go(func() {
			for i := 0; ; i++ {
				key := fmt.Sprintf("w%d/%d", n, i)
				if b.PutObject(key, strings.NewReader(text)) != nil {
					return // the cloud has ended
				}
				w.mu.Lock()
				w.objects[key] = text
				w.mu.Unlock()
				counted()
			}
		})
	}
	writers.Go(func() {
		for i := 0; ; i++ {
			id := fmt.Sprintf("vsc-%d", i)
			body := fmt.Sprintf(`[{"sslVpnClientCertId":%q,"sslVpnServerId":%q}]`, id, localcloud.Servers()[0].ID)
			resp, err := http.Post(vpcURL+"/local/vpc/certificates", "application/json", strings.NewReader(body))
			if err != nil {
				return
			}
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusNoContent {
				w.mu.Lock()
				w.certificates = append(w.certificates, id)
				w.mu.Unlock()
			}
			counted()
		}
	})
	<-enough
	end()
	writers.Wait()
}
