package main

import (
	"bytes"
	_ "embed"
	"path/filepath"
	"text/template"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
)

//go:embed screen.txt
var screenText string

// screen lists the addresses and the commands to try.
func screen(self string, cloud *localcloud.Cloud, configuring time.Duration) string {
	servers := localcloud.Servers()
	secret, editor, bucket := near(cloud.SecretFile()), near(cloud.EditorSecretFile()), near(cloud.BucketDir())
	var b bytes.Buffer
	// The template is fixed and tested: it cannot fail.
	_ = template.Must(template.New("screen").Parse(screenText)).Execute(&b, map[string]any{
		"URL": cloud.URL(), "OSS": cloud.OSSURL(), "VPC": cloud.VPCURL(),
		"Bucket": bucket, "Secret": secret, "Configuring": configuring,
		"First": servers[0], "Third": servers[2], "Servers": servers,
		"Self": self,
		"Env":  near(cloud.EnvFile()), "BucketName": localcloud.Bucket,
		"Flags": flags(cloud.URL(), secret), "EditorFlags": flags(cloud.URL(), editor),
		"Assistant": flags(cloud.URL(), near(cloud.AssistantSecretFile())),
	})
	return b.String()
}

// flags are the flags that submit and status need.
func flags(url, secret string) string {
	s := "--secret-file " + secret
	if url != "http://127.0.0.1:9000" {
		s = "--url " + url + " " + s
	}
	return s
}

// near makes a path below the working directory relative.
func near(path string) string {
	here, err := filepath.Abs(".")
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(here, path)
	if err != nil || !filepath.IsLocal(rel) {
		return path
	}
	return rel
}
