package fc_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	sdk "github.com/aliyun/fc-runtime-go-sdk/fc"
	"github.com/aliyun/fc-runtime-go-sdk/fccontext"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
)

// fakeFunction makes the test binary be the function: the emulator is tested
// with the real SDK in a real process.
const fakeFunction = "FAKE_FUNCTION"

func TestMain(m *testing.M) {
	switch getenv(fakeFunction) {
	case "":
		os.Exit(m.Run())
	case "exit":
		fmt.Fprintln(os.Stderr, "configuration: CHANGE_BUCKET is missing")
		os.Exit(3)
	case "idle":
		select {}
	case "lifecycle":
		sdk.RegisterInitializerFunction(func(context.Context) { note("initialized") })
		sdk.RegisterPreStopFunction(func(context.Context) { note("stopped") })
	}
	sdk.Start(handle)
}

// getenv reads the environment that the emulator gave this process.
func getenv(key string) string {
	return os.Getenv(key) //nolint:forbidigo // the process is the function here
}

// note appends to the file that the test names.
func note(text string) {
	f, err := os.OpenFile(getenv("NOTES"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	fmt.Fprintln(f, text)
}

// handle does what the payload's "do" says.
func handle(ctx context.Context, payload []byte) (json.RawMessage, error) {
	var in struct {
		Do      string `json:"do"`
		Version string `json:"version"`
	}
	if err := json.Unmarshal(payload, &in); err != nil {
		return nil, err
	}
	if getenv(fakeFunction) == "echo" {
		fmt.Fprintln(os.Stdout, string(payload))
		return json.RawMessage(`{}`), nil
	}
	fcx, _ := fccontext.FromContext(ctx)
	switch {
	case in.Version == "v1":
		return replyHTTP(payload)
	case in.Do == "error":
		return nil, errors.New("the lane is on fire")
	case in.Do == "panic":
		panic("no such lane")
	case in.Do == "exit":
		os.Exit(7) //nolint:revive // a function that dies at work
	case in.Do == "hang":
		select {}
	case in.Do == "huge":
		return json.Marshal(strings.Repeat("x", fc.MaxSyncPayload+1))
	case in.Do == "fail-first" && fcx.RetryCount == 0:
		return nil, errors.New("first time is no luck")
	}
	note(in.Do)
	deadline, _ := ctx.Deadline()
	fmt.Fprintln(os.Stdout, "handled", in.Do)
	return json.Marshal(map[string]any{
		"pid": os.Getpid(), "do": in.Do, "retry": fcx.RetryCount, "requestId": fcx.RequestID,
		"region": fcx.Region, "account": fcx.AccountId, "key": fcx.Credentials.AccessKeyId,
		"token": fcx.Credentials.SecurityToken, "leftMs": time.Until(deadline).Milliseconds(),
		"timeout": fcx.Function.Timeout, "memory": fcx.Function.Memory, "memoryEnv": getenv("FC_FUNCTION_MEMORY_SIZE"), "bucket": getenv("CHANGE_BUCKET"), "event": json.RawMessage(payload),
	})
}

// replyHTTP answers an HTTP event with the event itself, or with what its
// "reply" query parameter has.
func replyHTTP(payload []byte) (json.RawMessage, error) {
	var ev struct {
		QueryParameters map[string]string `json:"queryParameters"`
	}
	if err := json.Unmarshal(payload, &ev); err != nil {
		return nil, err
	}
	if reply, ok := ev.QueryParameters["reply"]; ok {
		return json.RawMessage(reply), nil
	}
	if ev.QueryParameters["fail"] != "" {
		return nil, errors.New("internal detail")
	}
	return json.Marshal(map[string]any{
		"statusCode": 201, "isBase64Encoded": false, "body": string(payload),
		"headers": map[string]string{"Content-Type": "application/json", "X-Fc-Secret": "x", "Content-Disposition": "attachment", "Server": "fake", "X-Own": "kept"},
	})
}

// function makes options that run this test binary in the given mode.
func function(t *testing.T, mode string) fc.Options {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return fc.Options{
		Command: []string{self},
		Env: []string{
			fakeFunction + "=" + mode, "NOTES=" + t.TempDir() + "/notes", "CHANGE_BUCKET=changes-demo",
		},
		Credentials: fc.Credentials{AccessKeyID: "STS.local", AccessKeySecret: "secret-part", SecurityToken: "token-part"},
		RetryDelay:  func(int) time.Duration { return time.Millisecond },
	}
}

// start makes an emulator that ends with the test.
func start(t *testing.T, opts fc.Options) *fc.Emulator {
	t.Helper()
	e, err := fc.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// notes reads what the function noted, one word a line.
func notes(t *testing.T, opts fc.Options) []string {
	t.Helper()
	for _, kv := range opts.Env {
		if path, ok := strings.CutPrefix(kv, "NOTES="); ok {
			data, err := os.ReadFile(path)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			return strings.Fields(string(data))
		}
	}
	return nil
}

// reply is what the fake function answers.
type reply struct {
	PID       int             `json:"pid"`
	Do        string          `json:"do"`
	Retry     int             `json:"retry"`
	RequestID string          `json:"requestId"`
	Region    string          `json:"region"`
	Account   string          `json:"account"`
	Key       string          `json:"key"`
	Token     string          `json:"token"`
	LeftMs    int64           `json:"leftMs"`
	Timeout   int             `json:"timeout"`
	Memory    string          `json:"memory"`
	MemoryEnv string          `json:"memoryEnv"`
	Bucket    string          `json:"bucket"`
	Event     json.RawMessage `json:"event"`
}

func invoke(t *testing.T, e *fc.Emulator, do string) (reply, fc.Result) {
	t.Helper()
	res, err := e.Invoke(t.Context(), []byte(`{"do":"`+do+`"}`))
	if err != nil {
		t.Fatalf("invoke %s: %v", do, err)
	}
	var r reply
	if err := json.Unmarshal(res.Body, &r); err != nil {
		t.Fatalf("invoke %s answered %s: %v", do, res.Body, err)
	}
	return r, res
}

// gone reports whether a process has ended.
func gone(pid int) bool {
	return exec.Command("kill", "-0", strconv.Itoa(pid)).Run() != nil
}
