package deploy_test

import (
	"slices"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
)

// The local cloud runs the function with the memory and the methods that are deployed.
func TestTheLocalCloudRunsTheFunctionAsDeployed(t *testing.T) {
	t.Parallel()
	d, problems := readServerless(repositoryFile(t, "s.yaml"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if d.Function.MemoryMB != localcloud.MemoryMB {
		t.Errorf("s.yaml has %d MB of memory, the local cloud %d", d.Function.MemoryMB, localcloud.MemoryMB)
	}
	i := slices.IndexFunc(d.Triggers, func(t trigger) bool { return t.HTTP != nil })
	if i < 0 || !slices.Equal(d.Triggers[i].HTTP.Methods, localcloud.Methods()) {
		t.Errorf("the methods of s.yaml are not those of the local cloud, %v", localcloud.Methods())
	}
}
