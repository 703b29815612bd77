package version

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestBuild(t *testing.T) {
	t.Parallel()
	const commit = "fd60090b1ea5cbbf4e2cb56a3c9dc0b05a7a1d4e"
	of := func(version string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Version: version}, Settings: settings}
	}
	revision := debug.BuildSetting{Key: "vcs.revision", Value: commit}
	for _, tt := range []struct {
		name, stamp string
		info        *debug.BuildInfo
		want        Build
	}{
		{"a tag", "", of("v0.1.0", revision), Build{Version: "v0.1.0", Commit: commit}},
		{"go install of a version", "", of("v0.1.0"), Build{Version: "v0.1.0"}},
		{"a commit after a tag", "", of("v0.1.1-0.20261128045120-fd60090b1ea5", revision), Build{Version: "v0.1.1-0.20261128045120-fd60090b1ea5", Commit: commit}},
		{"a changed work tree", "", of("v0.1.0+dirty", revision, debug.BuildSetting{Key: "vcs.modified", Value: "true"}), Build{Version: "v0.1.0+dirty", Commit: commit}},
		{"without version control", "", of("(devel)"), Build{Version: "devel"}},
		{"a test", "", of(""), Build{Version: "devel"}},
		{"without build information", "", nil, Build{Version: "devel"}},
		{"a stamp", "v0.1.0@" + commit, of("(devel)"), Build{Version: "v0.1.0", Commit: commit}},
		{"a stamp without a commit", "v0.1.0-acme.1", of("(devel)"), Build{Version: "v0.1.0-acme.1"}},
		{"a stamp goes before the build information", "v0.2.0", of("v0.1.0", revision), Build{Version: "v0.2.0"}},
		{"a stamp without build information", "v0.1.0@" + commit, nil, Build{Version: "v0.1.0", Commit: commit}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.want.Go = runtime.Version()
			if got := build(tt.stamp, tt.info); got != tt.want {
				t.Errorf("it is %+v, want %+v", got, tt.want)
			}
		})
	}
	if got := Read(); got != Devel {
		t.Errorf("this test is version %q, want %q", got, Devel)
	}
}
