package window

import "sort"

// span is a time from one second of Unix time to another, which it excludes. Offsets of
// zones and edges of intervals are whole seconds, so no edge is between two seconds.
type span struct{ from, until int64 }

// clip is the part of a span inside another.
func (s span) clip(in span) span { return span{max(s.from, in.from), min(s.until, in.until)} }

// byBeginning sorts spans. A generic sort would be a copy of its code in the function.
type byBeginning []span

func (b byBeginning) Len() int           { return len(b) }
func (b byBeginning) Less(i, j int) bool { return b[i].from < b[j].from }
func (b byBeginning) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

// joined sorts spans, and joins those that overlap or touch. It uses the same array.
func joined(spans []span) []span {
	sort.Sort(byBeginning(spans))
	out := spans[:0]
	for _, s := range spans {
		switch n := len(out); {
		case s.from >= s.until:
		case n > 0 && s.from <= out[n-1].until:
			out[n-1].until = max(out[n-1].until, s.until)
		default:
			out = append(out, s)
		}
	}
	return out
}

// both are the times that are in both of two sorted lists.
func both(a, b []span) []span {
	var out []span
	for i, j := 0, 0; i < len(a) && j < len(b); {
		if s := a[i].clip(b[j]); s.from < s.until {
			out = append(out, s)
		}
		if a[i].until < b[j].until {
			i++
		} else {
			j++
		}
	}
	return out
}

// without are the times of a sorted list that are not in another.
func without(a, b []span) []span {
	if len(b) == 0 {
		return a
	}
	var out []span
	j := 0
	for _, s := range a {
		for j > 0 && b[j-1].until > s.from {
			j--
		}
		for ; j < len(b) && b[j].from < s.until; j++ {
			if b[j].from > s.from {
				out = append(out, span{s.from, b[j].from})
			}
			s.from = max(s.from, b[j].until)
		}
		if s.from < s.until {
			out = append(out, s)
		}
	}
	return out
}
