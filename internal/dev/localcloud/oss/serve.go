package oss

import (
	"crypto/rand"
	"encoding/hex"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxBody bounds request bodies (own choice; OSS accepts 5 GB).
const maxBody = 256 << 20

// Request is one request to the emulator.
type Request struct {
	Seq    int64     `json:"seq"` // from 1
	At     time.Time `json:"at"`  // server's clock
	Op     string    `json:"op"`  // as OSS's reference names it: PutObject, ListObjectsV2, …
	Bucket string    `json:"bucket"`
	Key    string    `json:"key,omitempty"`
	// CreateOnly: a write with x-oss-forbid-overwrite.
	CreateOnly bool   `json:"createOnly,omitempty"`
	RequestID  string `json:"requestId"`
	Fault      string `json:"fault,omitempty"`  // the kind of fault that applied
	Status     int    `json:"status,omitempty"` // 0 before there is one
	Code       string `json:"code,omitempty"`   // of an error
}

// target is what a request addresses.
type target struct {
	op     string
	bucket string
	key    string
	query  url.Values
}

// work is a request being processed.
type work struct {
	target

	r         *http.Request
	body      []byte
	b         *bucket
	who       Credentials
	requestID string
	seq       int64
	fault     Fault // zero for none
}

// ServeHTTP answers OSS's API, and the admin routes below /local/oss/.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/"+reserved+"/") {
		e.serveAdmin(w, r)
		return
	}
	t, bad := e.address(r)
	q := Request{
		Seq: e.seq.Add(1), At: e.Now(), Op: t.op, Bucket: t.bucket, Key: t.key, RequestID: newRequestID(),
		CreateOnly: r.Header.Get("X-Oss-Forbid-Overwrite") == "true",
	}
	if e.opts.Before != nil {
		e.opts.Before(q)
	}
	e.linger(r)
	wk := &work{target: t, r: r, requestID: q.RequestID, seq: q.Seq, fault: e.takeFault(t)}
	q.Fault = string(wk.fault.Kind)
	var readErr error
	// Read first: only then does the server notice that a client disconnects.
	wk.body, readErr = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if readErr != nil && bad == nil {
		bad = fault(400, "RequestTimeout", "", "Your socket connection to the server was not read from or written to within the timeout period.")
	}
	e.spoilBefore(wk, q)
	rep := e.answer(wk, bad)
	q.Status, q.Code = rep.status, rep.code
	e.note(q)
	if e.opts.After != nil {
		e.opts.After(q)
	}
	e.log.DebugContext(r.Context(), "oss request", "seq", q.Seq, "op", q.Op, "bucket", q.Bucket, "key", q.Key,
		"status", q.Status, "code", q.Code, "fault", q.Fault)
	e.finish(w, wk, rep)
}

// linger waits for Options.Latency.
func (e *Emulator) linger(r *http.Request) {
	if e.opts.Latency <= 0 {
		return
	}
	timer := time.NewTimer(e.opts.Latency)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-e.quit:
	}
}

// address finds bucket, key and operation. Buckets are in the host name or,
// for addresses, in the path (the SDK does so by itself for them).
func (e *Emulator) address(r *http.Request) (target, *apiError) {
	t := target{query: r.URL.Query()}
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/")
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	label, rest, dotted := strings.Cut(host, ".")
	if net.ParseIP(host) == nil && dotted && rest != "" && !strings.HasPrefix(label, "oss-") {
		t.bucket = label
	} else {
		t.bucket, path, _ = strings.Cut(path, "/")
	}
	t.key, err = url.PathUnescape(path)
	t.op = operation(r, t)
	switch {
	case err != nil, !utf8.ValidString(t.key), len(t.key) > 1023, strings.HasPrefix(t.key, "/"), strings.HasPrefix(t.key, `\`),
		strings.ContainsRune(t.key, 0):
		return t, fault(400, "InvalidObjectName", "", "The specified object is not valid.")
	}
	return t, nil
}

// operation is the name of the requested operation; "" for one that the emulator
// does not have.
func operation(r *http.Request, t target) string {
	if t.key == "" {
		return bucketOperation(r.Method, t)
	}
	sub := ""
	for name := range t.query {
		if isSubresource(name) && name != "position" && name != "security-token" {
			sub = name
		}
	}
	switch {
	case r.Method == http.MethodPost && sub == "append":
		return "AppendObject"
	case r.Method == http.MethodHead && sub == "objectMeta":
		return "GetObjectMeta"
	case sub != "":
		return ""
	case r.Method == http.MethodPut && r.Header.Get("X-Oss-Copy-Source") != "":
		return "CopyObject"
	}
	switch r.Method {
	case http.MethodPut:
		return "PutObject"
	case http.MethodGet:
		return "GetObject"
	case http.MethodHead:
		return "HeadObject"
	case http.MethodDelete:
		return "DeleteObject"
	}
	return ""
}

func bucketOperation(method string, t target) string {
	sub := ""
	for name := range t.query {
		if isSubresource(name) && name != "continuation-token" && name != "security-token" {
			sub = name
		}
	}
	switch method + " " + sub {
	case "GET versioning":
		return "GetBucketVersioning"
	case "POST delete":
		return "DeleteMultipleObjects"
	case "PUT ":
		return "PutBucket"
	case "GET ":
		if t.query.Get("list-type") == "2" {
			return "ListObjectsV2"
		}
		return "ListObjects"
	}
	return ""
}

// answer carries out a request.
func (e *Emulator) answer(wk *work, bad *apiError) *reply {
	if bad == nil {
		bad = spoilError(wk.fault)
	}
	if bad == nil {
		wk.who, bad = e.authenticate(wk.r, wk.target)
	}
	if bad == nil && wk.op != "PutBucket" {
		if wk.b = e.bucket(wk.bucket); wk.b == nil {
			bad = errNoSuchBucket()
		}
	}
	if bad == nil {
		bad = e.permit(wk)
	}
	var rep *reply
	if bad == nil {
		rep, bad = e.dispatch(wk)
	}
	if bad != nil {
		rep = bad.reply(wk.r.Method, wk.r.Host, wk.requestID)
	}
	rep.header.Set("X-Oss-Request-Id", wk.requestID)
	rep.header.Set("Date", e.date(wk.seq))
	rep.header.Set("Server", "AliyunOSS")
	return rep
}

func (e *Emulator) dispatch(wk *work) (*reply, *apiError) {
	switch wk.op {
	case "PutObject":
		return e.putObject(wk)
	case "CopyObject":
		return e.copyObject(wk)
	case "AppendObject":
		return e.appendObject(wk)
	case "GetObject", "HeadObject", "GetObjectMeta":
		return e.getObject(wk)
	case "DeleteObject":
		return e.deleteObject(wk)
	case "DeleteMultipleObjects":
		return e.deleteObjects(wk)
	case "ListObjects", "ListObjectsV2":
		return e.listObjects(wk)
	case "GetBucketVersioning":
		return getVersioning(wk)
	case "PutBucket":
		if err := e.CreateBucket(wk.bucket); err != nil {
			return nil, fault(400, "InvalidBucketName", "", err.Error())
		}
		return newReply(http.StatusOK), nil
	}
	return nil, errUnsupported(wk.r.Method + " of " + wk.r.URL.RequestURI())
}

// send writes a reply, the first n bytes of its body only.
func send(w http.ResponseWriter, method string, rep *reply, n int) {
	maps.Copy(w.Header(), rep.header)
	length := int64(len(rep.body))
	if method == http.MethodHead && rep.status == http.StatusOK {
		length = rep.length
	}
	if rep.status != http.StatusNoContent && rep.status != http.StatusNotModified {
		w.Header().Set("Content-Length", strconv.FormatInt(length, 10))
	}
	w.WriteHeader(rep.status)
	if method != http.MethodHead {
		_, _ = w.Write(rep.body[:n]) //nolint:gosec // an object store answers with what it was given
	}
}

// newRequestID is 24 hexadecimal digits, as OSS's are.
func newRequestID() string {
	var id [12]byte
	_, _ = rand.Read(id[:]) // never fails
	return strings.ToUpper(hex.EncodeToString(id[:]))
}

const maxLog = 10_000

func (e *Emulator) note(q Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.requests) >= maxLog {
		e.requests = append([]Request(nil), e.requests[maxLog/10:]...)
	}
	e.requests = append(e.requests, q)
}

// Requests returns the requests so far, in the order of their effects: the last
// 10,000 at most. Their Seq is the order in which they began. Those without an
// effect and an answer, because of a fault, have no status.
func (e *Emulator) Requests() []Request {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]Request(nil), e.requests...)
}
