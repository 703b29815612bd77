package oss

import (
	"slices"
	"strings"
	"time"
)

// past is which recent changes a listing leaves out.
type past struct {
	age  time.Duration // changes younger than this
	last int           // and the last so many
}

// list returns the objects with a prefix, in byte order, as they were.
func (b *bucket) list(prefix string, p past) []*object {
	b.mu.RLock()
	defer b.mu.RUnlock()
	objects := make(map[string]*object, len(b.objects))
	for key, o := range b.objects {
		if strings.HasPrefix(key, prefix) {
			objects[key] = o
		}
	}
	since := b.now().Add(-p.age)
	for _, s := range slices.Backward(b.history) {
		if !strings.HasPrefix(s.key, prefix) {
			continue
		}
		if p.last <= 0 && (p.age <= 0 || s.at.Before(since)) {
			break
		}
		p.last--
		if s.before == nil {
			delete(objects, s.key)
		} else {
			objects[s.key] = s.before
		}
	}
	out := make([]*object, 0, len(objects))
	for _, o := range objects {
		out = append(out, o)
	}
	slices.SortFunc(out, func(x, y *object) int { return strings.Compare(x.Key, y.Key) })
	return out
}
