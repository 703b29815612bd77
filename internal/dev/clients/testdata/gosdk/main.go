// Command gosdk drives the vendor's SDKs for Go against a local cloud, which the
// environment names, and prints one line of JSON for each check.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// environment is the local cloud.
type environment struct {
	keyID, keySecret, ossEndpoint, vpcEndpoint, bucket, server, gateway, office, officeGateway string
}

const region = "cn-hangzhou"

// line is what is printed of a check.
type line struct {
	Client string `json:"client"`
	Check  string `json:"check"`
	Error  string `json:"error"`
}

type client string

// check runs one check. A check reports what is wrong by an error or a panic.
func (c client) check(name string, does func() error) {
	l := line{Client: string(c), Check: name}
	if err := safely(does); err != nil {
		l.Error = err.Error()
	}
	out, err := json.Marshal(l)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(out))
}

func safely(does func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return does()
}

// same is nil if two values are printed alike.
func same(got, want any) error {
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		return fmt.Errorf("got %s, want %s", g, w)
	}
	return nil
}

// refused is nil if an error has a code.
func refused(err error, code string) error {
	if err == nil || !strings.Contains(err.Error(), code) {
		return fmt.Errorf("got %v, want the refusal %s", err, code)
	}
	return nil
}

// all gives the first error.
func all(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func main() {
	e := environment{
		os.Getenv("OSS_ACCESS_KEY_ID"), os.Getenv("OSS_ACCESS_KEY_SECRET"), os.Getenv("OSS_ENDPOINT"), os.Getenv("VPC_ENDPOINT"),
		os.Getenv("BUCKET"), os.Getenv("SERVER"), os.Getenv("GATEWAY"), os.Getenv("OFFICE"), os.Getenv("OFFICE_GATEWAY"),
	}
	if e.keyID == "" || e.ossEndpoint == "" || e.vpcEndpoint == "" || e.server == "" {
		fmt.Fprintln(os.Stderr, "gosdk: run it with make clients, which sets OSS_ENDPOINT, VPC_ENDPOINT, SERVER and the rest")
		os.Exit(2)
	}
	classicOSS(e)
	ossV2(e)
	typedVPC(e)
	classicVPC(e) // deletes a server
}
