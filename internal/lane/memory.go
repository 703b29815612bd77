package lane

import (
	"crypto/md5" //nolint:gosec // OSS's ETag is the MD5 of what was stored
	"encoding/hex"
	"strings"
	"sync"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
)

// Memory is what an instance remembers of the chains that its workers used: the
// newest generation of each. Generations are write-once, so what was read or written
// need not be read again; a listing says whether it still is the newest. It may be
// lost at any time. Its zero value is ready to use. It is safe for concurrent use.
type Memory struct {
	mu     sync.Mutex
	newest map[string]remembered // by the prefix of the chain's keys
}

// remembered is a generation, with the ETag of its object.
type remembered struct {
	key, etag string
	gen       generation
}

// What a memory keeps at most: chains, and bytes of each generation.
const (
	maxRemembered     = 64
	maxRememberedSize = 64 << 10
)

// keep remembers a generation. A large one is not worth the memory.
func (m *Memory) keep(key string, data []byte, g generation) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	chain := prefixOf(key)
	if len(data) > maxRememberedSize {
		delete(m.newest, chain)
		return
	}
	if m.newest == nil {
		m.newest = map[string]remembered{}
	}
	if _, known := m.newest[chain]; !known && len(m.newest) >= maxRemembered {
		for other := range m.newest { // any: chains are used at random
			delete(m.newest, other)
			break
		}
	}
	sum := md5.Sum(data) //nolint:gosec // see the import
	m.newest[chain] = remembered{key, strings.ToUpper(hex.EncodeToString(sum[:])), g}
}

// recall returns the generation of a listed object, if it is remembered with the
// content that the object has now.
func (m *Memory) recall(e blob.Entry) (generation, bool) {
	if m == nil {
		return generation{}, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.newest[prefixOf(e.Key)]
	return r.gen, ok && r.key == e.Key && r.etag == e.ETag
}

func prefixOf(key string) string { return key[:strings.LastIndexByte(key, '/')+1] }
