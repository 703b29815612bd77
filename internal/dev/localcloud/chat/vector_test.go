package chat

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"testing"
)

// vectors are the platforms' official vectors, and made-up ones that independent
// implementations agree about.
func vectors(t *testing.T) map[string]map[string]string {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]map[string]string
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func same(t *testing.T, name, got, want string) {
	t.Helper()
	if got != want || want == "" {
		t.Errorf("%s: got %q, want %q", name, got, want)
	}
}

func TestSignaturesAgreeWithVectors(t *testing.T) {
	t.Parallel()
	all := vectors(t)
	for _, name := range []string{"dingtalk_robot_doc-inputs", "dingtalk_robot_made-up", "dingtalk_robot_made-up-old"} {
		v := all[name]
		same(t, name, dingTalkSign(v["app_secret"], v["timestamp"]), v["sign"])
	}
	for _, name := range []string{"slack_official", "slack_made_up"} {
		v := all[name]
		same(t, name, slackSignature(v["signing_secret"], v["timestamp"], []byte(v["body"])), v["signature"])
	}
	v := all["feishu_event_made_up"]
	same(t, "feishu", feishuSignature(v["encrypt_key"], v["x-lark-request-timestamp"], v["x-lark-request-nonce"], []byte(v["body"])), v["x-lark-signature"])
	v = all["wecom_message_official"]
	same(t, "wecom", wecomSignature(v["token"], v["timestamp"], v["nonce"], v["encrypt"]), v["msg_signature"])
	v = all["wecom_verify_url_official"]
	same(t, "wecom URL", wecomSignature(v["token"], v["timestamp"], v["nonce"], v["echostr"]), v["msg_signature"])
}

func TestEncryptionAgreesWithVectors(t *testing.T) {
	t.Parallel()
	all := vectors(t)
	for _, name := range []string{"feishu_decrypt_official", "feishu_event_made_up"} {
		v := all[name]
		encrypted := v["encrypt"]
		if encrypted == "" {
			var body struct {
				Encrypt string `json:"encrypt"`
			}
			if err := json.Unmarshal([]byte(v["body"]), &body); err != nil {
				t.Fatal(err)
			}
			encrypted = body.Encrypt
		}
		raw, err := base64.StdEncoding.DecodeString(encrypted)
		if err != nil {
			t.Fatal(err)
		}
		same(t, name, feishuEncrypt(v["encrypt_key"], []byte(v["plain"]), raw[:16]), encrypted)
	}
	for _, name := range []string{"wecom_message_official", "wecom_verify_url_official"} {
		v := all[name]
		encrypted := v["encrypt"] + v["echostr"]
		plain, receiver, err := wecomDecrypt(v["encoding_aes_key"], encrypted)
		if err != nil || receiver != v["corp_id"] {
			t.Errorf("%s: receiver %q, %v", name, receiver, err)
		}
		same(t, name, string(plain), v["plain"])
	}
	for n := range 70 { // every length of padding
		text := make([]byte, n)
		plain, receiver, err := wecomDecrypt(secretsKey, wecomEncrypt(secretsKey, text, ""))
		if err != nil || receiver != "" || len(plain) != n {
			t.Errorf("%d bytes come back as %d for %q: %v", n, len(plain), receiver, err)
		}
	}
}

const secretsKey = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
