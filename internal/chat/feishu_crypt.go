package chat

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
)

// feishuSign is the signature of a request: plain SHA-256, so whoever has seen
// one may append to the body and sign that. Hence the body is parsed as a whole,
// and duplicates go by the id inside it.
func feishuSign(timestamp, nonce, key string, body []byte) []byte {
	h := sha256.New()
	for _, part := range []string{timestamp, nonce, key} {
		_, _ = h.Write([]byte(part))
	}
	_, _ = h.Write(body)
	return h.Sum(nil)
}

// feishuVerify returns the index of the key that signed, or -1. It tries all.
func feishuVerify(keys []string, timestamp, nonce, signature string, body []byte) int {
	given, err := hex.DecodeString(signature)
	if err != nil || len(given) != sha256.Size {
		return -1
	}
	found := -1
	for i, key := range keys {
		if subtle.ConstantTimeCompare(feishuSign(timestamp, nonce, key, body), given) == 1 && key != "" && found < 0 {
			found = i
		}
	}
	return found
}

// feishuDecrypt opens the field "encrypt": base64 of the initialisation vector
// and AES-256-CBC, PKCS#7, under the hash of the Encrypt Key.
func feishuDecrypt(key, text string) ([]byte, bool) {
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

// feishuOneOf tells, trying all, whether a text is one of the secrets.
func feishuOneOf(secrets []string, text string) bool {
	found := 0
	for _, secret := range secrets {
		if secret != "" {
			found |= subtle.ConstantTimeCompare([]byte(secret), []byte(text))
		}
	}
	return found == 1
}
