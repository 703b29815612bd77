package feishu

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

// sign is the signature of a request. It is a plain SHA-256, so that whoever has
// seen one request can append to its body and sign the result. Therefore a body
// is parsed as one whole JSON value, and duplicates are detected by the id
// inside it.
func sign(timestamp, nonce, key string, body []byte) []byte {
	h := sha256.New()
	for _, part := range []string{timestamp, nonce, key} {
		_, _ = h.Write([]byte(part))
	}
	_, _ = h.Write(body)
	return h.Sum(nil)
}

// verify returns which key signed: 1 for the first, 0 for none.
func verify(keys []secret.Text, timestamp, nonce, signature string, body []byte) int {
	given, err := hex.DecodeString(signature)
	if err != nil {
		return 0
	}
	return chat.SignedBy(keys, given, func(key string) []byte { return sign(timestamp, nonce, key, body) })
}

// isOneOf reports whether a text is one of the secrets.
func isOneOf(secrets []secret.Text, text string) bool {
	return chat.SignedBy(secrets, []byte(text), func(text string) []byte { return []byte(text) }) != 0
}

// decrypt opens the field "encrypt": base64 of the initialization vector and
// AES-256-CBC with PKCS#7 padding. The key is the hash of the Encrypt Key.
func decrypt(key, text string) ([]byte, bool) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) < 2*aes.BlockSize || len(raw)%aes.BlockSize != 0 {
		return nil, false
	}
	hash := sha256.Sum256([]byte(key))
	block, err := aes.NewCipher(hash[:])
	if err != nil {
		return nil, false
	}
	plain := make([]byte, len(raw)-aes.BlockSize)
	cipher.NewCBCDecrypter(block, raw[:aes.BlockSize]).CryptBlocks(plain, raw[aes.BlockSize:])
	pad := int(plain[len(plain)-1])
	if pad < 1 || pad > aes.BlockSize {
		return nil, false
	}
	end := len(plain) - pad
	if !bytes.Equal(plain[end:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, false
	}
	return plain[:end], true
}
