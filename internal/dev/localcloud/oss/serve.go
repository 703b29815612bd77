package oss

import (
	"crypto/rand"
	"encoding/hex"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
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
	form      *form // of PostObject
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
	if err != nil {
		return t, errObjectName()
	}
	return t, checkKey(t.key)
}

func checkKey(key string) *apiError {
	if !utf8.ValidString(key) || len(key) > 1023 || strings.HasPrefix(key, "/") || strings.HasPrefix(key, `\`) || strings.ContainsRune(key, 0) {
		return errObjectName()
	}
	return nil
}

func errObjectName() *apiError {
	return fault(400, "InvalidObjectName", "", "The specified object is not valid.")
}

// answer carries out a request.
func (e *Emulator) answer(wk *work, bad *apiError) *reply {
	if bad == nil {
		bad = spoilError(wk.fault)
	}
	if bad == nil {
		wk.who, bad = e.authenticate(wk)
	}
	if bad == nil && wk.op != "PutBucket" && wk.bucket != "" {
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
	if do := e.operations()[wk.op]; do != nil {
		return do(wk)
	}
	return nil, errUnsupported(wk.r.Method + " of " + wk.r.URL.EscapedPath() + wk.selected())
}

// operations are what the emulator has; operation gives their names.
func (e *Emulator) operations() map[string]func(*work) (*reply, *apiError) {
	return map[string]func(*work) (*reply, *apiError){
		"PutObject":               e.putObject,
		"PostObject":              e.postObject,
		"CopyObject":              e.copyObject,
		"AppendObject":            e.appendObject,
		"GetObject":               e.getObject,
		"HeadObject":              e.getObject,
		"GetObjectMeta":           e.getObject,
		"DeleteObject":            e.deleteObject,
		"DeleteMultipleObjects":   e.deleteObjects,
		"GetObjectAcl":            e.acl,
		"GetObjectTagging":        e.objectTagging,
		"PutObjectTagging":        e.objectTagging,
		"DeleteObjectTagging":     e.objectTagging,
		"InitiateMultipartUpload": e.initiate,
		"UploadPart":              e.uploadPart,
		"UploadPartCopy":          e.uploadPart,
		"CompleteMultipartUpload": e.complete,
		"AbortMultipartUpload":    e.abort,
		"ListParts":               e.listParts,
		"ListMultipartUploads":    e.listUploads,
		"ListObjects":             e.listObjects,
		"ListObjectsV2":           e.listObjects,
		"ListObjectVersions":      e.listVersions,
		"ListBuckets":             e.listBuckets,
		"GetBucketVersioning":     getVersioning,
		"GetBucketInfo":           e.bucketInfo,
		"GetBucketLocation":       e.bucketLocation,
		"GetBucketStat":           e.bucketStat,
		"GetBucketAcl":            e.acl,
		"PutBucket":               e.putBucket,
	}
}

// selected names the sub-resources of a request, without the rest of its query, which
// can have a signature.
func (t target) selected() string {
	var names []string
	for name := range t.query {
		if selects(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return ""
	}
	return "?" + strings.Join(names, "&")
}

// version refuses a versionId that the bucket does not have.
func (t target) version() *apiError {
	return checkVersion(t.query.Get("versionId"), t.query.Has("versionId"))
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
