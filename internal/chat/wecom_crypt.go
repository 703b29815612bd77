package chat

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // G505: WeCom prescribes it
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
)

// A message is 16 random bytes, its length in 4 bytes, the text, and for whom it
// is, padded to blocks that are twice as long as the cipher's.
const (
	wecomRandom = 16
	wecomHead   = wecomRandom + 4
	wecomBlock  = 32
)

// wecomSign is the signature of an encrypted text. Nothing stands between the
// sorted parts, so a request may be read with its time and nonce exchanged, or
// cut elsewhere. What keeps that harmless is the form of the time and the nonce,
// and that a message's id, inside the encrypted text, counts once.
func wecomSign(token, timestamp, nonce, encrypted string) []byte {
	parts := []string{token, timestamp, nonce, encrypted}
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, ""))) //nolint:gosec // G401: WeCom prescribes it
	return sum[:]
}

// wecomVerify returns the index of the pair that signed, or -1. It tries all.
func wecomVerify(pairs []wecomPair, timestamp, nonce, encrypted, signature string) int {
	given, err := hex.DecodeString(signature)
	if err != nil || len(given) != sha1.Size {
		return -1
	}
	found := -1
	for i, pair := range pairs {
		if subtle.ConstantTimeCompare(wecomSign(pair.token, timestamp, nonce, encrypted), given) == 1 && pair.token != "" && found < 0 {
			found = i
		}
	}
	return found
}

// wecomDecrypt opens an encrypted text and tells for whom it is. Padding and
// length are the sender's words: both are bounded.
func wecomDecrypt(key []byte, text string) (message []byte, receiver string, ok bool) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) == 0 || len(raw)%wecomBlock != 0 {
		return nil, "", false
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, "", false
	}
	cipher.NewCBCDecrypter(block, key[:aes.BlockSize]).CryptBlocks(raw, raw)
	pad := int(raw[len(raw)-1])
	if pad < 1 || pad > wecomBlock {
		return nil, "", false
	}
	plain, padding := raw[:len(raw)-pad], raw[len(raw)-pad:]
	if len(plain) < wecomHead || !bytes.Equal(padding, bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, "", false
	}
	rest := plain[wecomHead:]
	length := uint64(binary.BigEndian.Uint32(plain[wecomRandom:wecomHead]))
	if length > uint64(len(rest)) {
		return nil, "", false
	}
	return rest[:length], string(rest[length:]), true
}

// wecomEncrypt closes a text for a receiver.
func wecomEncrypt(key, message []byte, receiver string) (string, bool) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", false
	}
	plain := make([]byte, wecomRandom, wecomHead+len(message)+len(receiver)+wecomBlock)
	_, _ = rand.Read(plain) // it does not fail
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(message)))
	plain = append(plain, message...)
	plain = append(plain, receiver...)
	pad := wecomBlock - len(plain)%wecomBlock
	plain = append(plain, bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, key[:aes.BlockSize]).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain), true
}
