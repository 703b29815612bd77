package sslvpn

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter bounds the wait that the API may request. After it the lane
// tries again anyway.
const maxRetryAfter = 5 * time.Minute

// retryAfter reads how long the API requests the caller to wait, 0 to 5 minutes;
// 0 if it does not. The first of these counts: x-acs-retry-after in
// milliseconds (aliyun-cli honors it), TimeLeft in milliseconds in
// x-ratelimit-user-api or x-ratelimit-user (the vendor's Go SDK does), and the
// standard Retry-After.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if d, ok := milliseconds(h.Get("X-Acs-Retry-After")); ok {
		return clamp(d)
	}
	for _, name := range []string{"X-Ratelimit-User-Api", "X-Ratelimit-User"} {
		for part := range strings.SplitSeq(h.Get(name), ",") {
			key, value, _ := strings.Cut(strings.TrimSpace(part), ":")
			if d, ok := milliseconds(value); ok && key == "TimeLeft" {
				return clamp(d)
			}
		}
	}
	after := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.ParseInt(after, 10, 32); err == nil {
		return clamp(time.Duration(s) * time.Second)
	}
	if at, err := http.ParseTime(after); err == nil {
		return clamp(at.Sub(now))
	}
	return 0
}

func milliseconds(s string) (time.Duration, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 32)
	return time.Duration(n) * time.Millisecond, err == nil
}

func clamp(d time.Duration) time.Duration { return min(max(d, 0), maxRetryAfter) }
