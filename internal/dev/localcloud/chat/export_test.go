package chat

import (
	"encoding/base64"
	"encoding/json"
)

// Plain decrypts a request of Feishu's or WeCom's, for the tests' function.
func Plain(k Secrets, platform string, body []byte) string {
	var m struct {
		Encrypt string `json:"encrypt"`
	}
	if json.Unmarshal(body, &m) != nil {
		return ""
	}
	if platform == WeCom {
		plain, _, _ := wecomDecrypt(k.WeComAESKey, m.Encrypt)
		return string(plain)
	}
	raw, err := base64.StdEncoding.DecodeString(m.Encrypt)
	if err != nil {
		return ""
	}
	plain := decryptCBC(feishuKey(k.FeishuEncrypt), raw[:16], raw[16:])
	return string(plain[:len(plain)-int(plain[len(plain)-1])])
}
