package chat

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // WeCom signs with SHA-1
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
)

// dingTalkSign is the documented sign of a robot's message: it does not cover
// the body.
func dingTalkSign(secret, timestamp string) string {
	return base64.StdEncoding.EncodeToString(hmacSHA256(secret, timestamp+"\n"+secret))
}

// slackSignature is the documented signature, version 0.
func slackSignature(secret, timestamp string, body []byte) string {
	return "v0=" + hex.EncodeToString(hmacSHA256(secret, "v0:"+timestamp+":"+string(body)))
}

// feishuSignature is the documented one: a plain SHA-256.
func feishuSignature(key, timestamp, nonce string, body []byte) string {
	sum := sha256.Sum256([]byte(timestamp + nonce + key + string(body)))
	return hex.EncodeToString(sum[:])
}

// wecomSignature is the documented one, over the sorted values.
func wecomSignature(token, timestamp, nonce, encrypted string) string {
	parts := []string{token, timestamp, nonce, encrypted}
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, ""))) //nolint:gosec // WeCom signs with SHA-1
	return hex.EncodeToString(sum[:])
}

func hmacSHA256(key, message string) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(message))
	return mac.Sum(nil)
}

// feishuEncrypt encrypts as documented: the key is the SHA-256 of the encrypt
// key, and the IV goes first.
func feishuEncrypt(key string, plain, iv []byte) string {
	return base64.StdEncoding.EncodeToString(append(bytes.Clone(iv), encryptCBC(feishuKey(key), iv, pad(plain, aes.BlockSize))...))
}

func feishuKey(key string) []byte {
	sum := sha256.Sum256([]byte(key))
	return sum[:]
}

// wecomEncrypt encrypts as documented: random, length, message, receiver, padded
// to blocks of 32 bytes. The receiver of an AI bot is "", that of an app the
// corporation.
func wecomEncrypt(aesKey string, message []byte, receiver string) string {
	key := wecomKey(aesKey)
	plain := append(randomBytes(16), binary.BigEndian.AppendUint32(nil, uint32(len(message)))...)
	return base64.StdEncoding.EncodeToString(encryptCBC(key, key[:aes.BlockSize], pad(append(append(plain, message...), receiver...), 32)))
}

// wecomDecrypt undoes wecomEncrypt, for what the function answers.
func wecomDecrypt(aesKey, encrypted string) (message []byte, receiver string, err error) {
	errForm := errors.New("not encrypted as WeCom does it")
	raw, err := base64.StdEncoding.DecodeString(encrypted)
	if err != nil || len(raw) == 0 || len(raw)%aes.BlockSize != 0 {
		return nil, "", errForm
	}
	key := wecomKey(aesKey)
	plain := decryptCBC(key, key[:aes.BlockSize], raw)
	n := int(plain[len(plain)-1])
	if n < 1 || n > 32 || n > len(plain)-20 {
		return nil, "", errForm
	}
	plain = plain[:len(plain)-n]
	size := binary.BigEndian.Uint32(plain[16:20])
	if uint64(size) > uint64(len(plain)-20) {
		return nil, "", errForm
	}
	return plain[20 : 20+size], string(plain[20+size:]), nil
}

// wecomKey decodes an EncodingAESKey. One that is not valid gives a wrong key,
// and New has refused it.
func wecomKey(aesKey string) []byte {
	key, err := base64.StdEncoding.DecodeString(aesKey + "=")
	if err != nil || len(key) != 32 {
		return make([]byte, 32)
	}
	return key
}

func encryptCBC(key, iv, padded []byte) []byte {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil // keys are 32 bytes, always
	}
	out := make([]byte, len(padded))
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, padded)
	return out
}

func decryptCBC(key, iv, data []byte) []byte {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil // keys are 32 bytes, always
	}
	out := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(out, data)
	return out
}

// pad is PKCS#7 padding to blocks of size.
func pad(plain []byte, size int) []byte {
	n := size - len(plain)%size
	return append(bytes.Clone(plain), bytes.Repeat([]byte{byte(n)}, n)...)
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return b
}

// token makes an id that nobody guesses.
func token() string { return strings.ToLower(rand.Text()) }
