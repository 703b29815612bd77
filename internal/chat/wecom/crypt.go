package wecom

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // G505: WeCom prescribes it
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

// A message is 16 random bytes, its length in 4 bytes, the text, and the
// receiver, padded to blocks that are twice as long as the cipher's.
const (
	randomBytes = 16
	headBytes   = randomBytes + 4
	blockBytes  = 32
)

// sign is the signature of an encrypted text. Nothing separates the sorted parts,
// so that a request has the same signature with its time and nonce exchanged or
// divided differently: see earliest.
func sign(token, timestamp, nonce, encrypted string) []byte {
	sum := sha1.Sum([]byte(signedText(token, timestamp, nonce, encrypted))) //nolint:gosec // G401: WeCom prescribes it
	return sum[:]
}

// signedText is what the signature covers.
func signedText(token, timestamp, nonce, encrypted string) string {
	parts := []string{token, timestamp, nonce, encrypted}
	slices.Sort(parts)
	return strings.Join(parts, "")
}

// firstBots is before the first message of an AI bot, 2025-01-01. A nonce that
// reads as an earlier time is a random number.
const firstBots = 1735689600

// earliest is the earliest time that a signature can be of. Whoever has a request
// whose nonce reads as a future time can send it again at that time, with time and
// nonce exchanged. The nonce then is the time of the request, and perhaps so long
// ago that its claims were deleted. One nonce in a hundred reads as such a time by
// accident.
func earliest(token, timestamp, nonce, encrypted string, at time.Time) time.Time {
	whole, out := signedText(token, timestamp, nonce, encrypted), at
	for _, both := range []string{timestamp + nonce, nonce + timestamp} {
		n := len(both) - chat.Seconds
		for _, other := range [][2]string{{both[:chat.Seconds], both[chat.Seconds:]}, {both[n:], both[:n]}} {
			when, ok := chat.UnixTime(other[0], chat.Seconds)
			if ok && when.Unix() >= firstBots && when.Before(out) && signedText(token, other[0], other[1], encrypted) == whole {
				out = when
			}
		}
	}
	return out
}

// verifySignature returns which token signed: 1 for the first, 0 for none.
func verifySignature(tokens []secret.Text, timestamp, nonce, encrypted string, given []byte) int {
	return chat.SignedBy(tokens, given, func(token string) []byte { return sign(token, timestamp, nonce, encrypted) })
}

// decrypt opens an encrypted text and returns its receiver. The sender chooses
// padding and length, so that both are checked.
func decrypt(key []byte, text string) (message []byte, receiver string, ok bool) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) == 0 || len(raw)%blockBytes != 0 {
		return nil, "", false
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, "", false
	}
	cipher.NewCBCDecrypter(block, key[:aes.BlockSize]).CryptBlocks(raw, raw)
	pad := int(raw[len(raw)-1])
	if pad < 1 || pad > blockBytes {
		return nil, "", false
	}
	plain, padding := raw[:len(raw)-pad], raw[len(raw)-pad:]
	if len(plain) < headBytes || !bytes.Equal(padding, bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, "", false
	}
	rest := plain[headBytes:]
	length := uint64(binary.BigEndian.Uint32(plain[randomBytes:headBytes]))
	if length > uint64(len(rest)) {
		return nil, "", false
	}
	return rest[:length], string(rest[length:]), true
}

// encrypt encrypts a text for a receiver.
func encrypt(key, message []byte, receiver string) (string, bool) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", false
	}
	plain := make([]byte, randomBytes, headBytes+len(message)+len(receiver)+blockBytes)
	_, _ = rand.Read(plain) // it does not fail
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(message)))
	plain = append(plain, message...)
	plain = append(plain, receiver...)
	pad := blockBytes - len(plain)%blockBytes
	plain = append(plain, bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, key[:aes.BlockSize]).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain), true
}
