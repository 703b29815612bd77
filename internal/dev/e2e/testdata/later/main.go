// Command later is the function with a clock that is ahead by SSLVPN_TEST_AHEAD, a
// duration. Objects that were stored some time ago are as new to it.
package main

import (
	"log/slog"
	"os"
	"time"

	"github.com/aliyun/fc-runtime-go-sdk/fc"

	"github.com/sslvpn-change/sslvpn-change/internal/config"
	"github.com/sslvpn-change/sslvpn-change/internal/function"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	ahead, err := time.ParseDuration(os.Getenv("SSLVPN_TEST_AHEAD"))
	if err != nil {
		panic(err)
	}
	cfg, err := config.Load(os.LookupEnv)
	if err != nil {
		panic(err)
	}
	f, err := function.New(cfg, log, function.Options{Version: "v0.1.0-later", Skew: ahead, Now: func() time.Time { return time.Now().Add(ahead) }})
	if err != nil {
		panic(err)
	}
	fc.Start(f.Handle)
}
