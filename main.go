// Command main is the function: Function Compute starts it once per instance
// and has it answer invocations.
package main

import (
	"log/slog"
	"os"

	"github.com/aliyun/fc-runtime-go-sdk/fc"

	"github.com/sslvpn-change/sslvpn-change/handler"
	"github.com/sslvpn-change/sslvpn-change/internal/config"
	"github.com/sslvpn-change/sslvpn-change/internal/function"
	"github.com/sslvpn-change/sslvpn-change/internal/version"
)

func main() {
	level := new(slog.LevelVar)
	is := version.Current()
	log := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: level})).With(slog.String("version", is.Version))
	f, err := build(level, log, is)
	if err != nil {
		// The process keeps running. The platform would restart one that ends, again
		// and again, and callers would not get the reason.
		log.Error("configuration refused", slog.Any("error", err))
		fc.Start(handler.Misconfigured(err, log))
		return
	}
	log.Info("function started", slog.String("commit", is.Commit), slog.String("go", is.Go), slog.String("region", os.Getenv("FC_REGION")))
	fc.Start(f.Handle)
}

// build reads the configuration and wires the instance.
func build(level *slog.LevelVar, log *slog.Logger, is version.Build) (*function.Function, error) {
	cfg, err := config.Load(os.LookupEnv)
	if err != nil {
		return nil, err
	}
	level.Set(cfg.LogLevel)
	return function.New(cfg, log, function.Options{Version: is.Version, Commit: is.Commit})
}
