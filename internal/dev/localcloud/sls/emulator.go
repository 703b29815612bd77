package sls

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options describe the emulated account.
type Options struct {
	Region, Project, Logstore string
	AccessKeyID, Secret       string
	Token                     string           // "" for a permanent key
	Now                       func() time.Time // nil: time.Now
}

// Emulator is one log project. It is an http.Handler and safe for concurrent use.
type Emulator struct {
	opts Options

	mu       sync.Mutex
	stored   map[string]map[string]any // by path
	requests []string                  // method and path
	deny     bool
}

// New makes an empty project.
func New(o Options) *Emulator {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Emulator{opts: o, stored: map[string]map[string]any{}}
}

// Deny has every request refused, as for a key without rights.
func (e *Emulator) Deny() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.deny = true
}

// Get is a stored document by its path, such as /savedsearches/x; nil when there is none.
func (e *Emulator) Get(path string) map[string]any {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.stored[path])
}

// Put stores a document, as somebody else would.
func (e *Emulator) Put(path string, body map[string]any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stored[path] = body
}

// Requests are the requests so far, as "GET /dashboards/x".
func (e *Emulator) Requests() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.requests...)
}

// refusal is an error that the service answers.
type refusal struct {
	status        int
	code, message string
}

// ServeHTTP answers one request.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.requests = append(e.requests, r.Method+" "+r.URL.Path)
	out, no := e.answer(r, body)
	w.Header().Set("x-log-requestid", "REQ"+strconv.Itoa(len(e.requests)))
	w.Header().Set("Content-Type", "application/json")
	if no != nil {
		w.WriteHeader(no.status)
		out = map[string]any{"errorCode": no.code, "errorMessage": no.message}
	}
	if data, err := json.Marshal(out); err == nil && out != nil {
		_, _ = w.Write(data) // a client that has gone away
	}
}

func (e *Emulator) answer(r *http.Request, body []byte) (map[string]any, *refusal) {
	if no := e.check(r, body); no != nil {
		return nil, no
	}
	if project, _, _ := strings.Cut(r.Host, "."); project != e.opts.Project {
		return nil, &refusal{404, "ProjectNotExist", "The Project does not exist : " + project}
	}
	if e.deny {
		return nil, &refusal{403, "Unauthorized", "denied by sts or ram, action: log:" + r.Method}
	}
	kind, path, no := e.locate(r)
	if no != nil {
		return nil, no
	}
	if r.Method == http.MethodGet {
		if e.stored[path] == nil {
			return nil, kind.missing()
		}
		return e.stored[path], nil
	}
	var doc map[string]any
	if err := json.Unmarshal(body, &doc); err != nil || r.Header.Get("Content-Type") != "application/json" {
		return nil, &refusal{400, "PostBodyInvalid", "The body is not valid json string."}
	}
	if path == "" { // of a collection: the body has the name
		name, _ := doc[kind.key].(string)
		if name == "" {
			return nil, &refusal{400, "ParameterInvalid", kind.key + " is required"}
		}
		path = r.URL.Path + "/" + name
	}
	switch exists := e.stored[path] != nil; {
	case r.Method == http.MethodPost && exists:
		return nil, &refusal{400, kind.exists, "it already exists"}
	case r.Method == http.MethodPut && !exists:
		return nil, kind.missing()
	}
	doc["createTime"], doc["lastModifiedTime"] = e.opts.Now().Unix(), e.opts.Now().Unix()
	e.stored[path] = doc
	return nil, nil
}

// kind is one kind of document.
type kind struct{ key, exists, absent string }

func (k kind) missing() *refusal { return &refusal{404, k.absent, "it does not exist"} }

// locate is the kind and the path of the document that a request is about; the path is ""
// for one that is to be created in a collection.
func (e *Emulator) locate(r *http.Request) (kind, string, *refusal) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if len(parts) == 3 && parts[0] == "logstores" && parts[2] == "index" {
		if parts[1] != e.opts.Logstore {
			return kind{}, "", &refusal{404, "LogStoreNotExist", "logstore " + parts[1] + " does not exist"}
		}
		return kind{"", "IndexAlreadyExist", "IndexConfigNotExist"}, r.URL.Path, nil
	}
	k, ok := map[string]kind{
		"savedsearches": {"savedsearchName", "SavedSearchAlreadyExist", "SavedSearchNotExist"},
		"dashboards":    {"dashboardName", "DashboardAlreadyExist", "DashboardNotExist"},
		"jobs":          {"name", "JobAlreadyExist", "JobNotExist"},
	}[parts[0]]
	switch {
	case !ok || len(parts) > 2 || len(parts) == 1 && r.Method != http.MethodPost || len(parts) == 2 && r.Method == http.MethodPost:
		return kind{}, "", &refusal{404, "InvalidPath", "there is no " + r.Method + " " + r.URL.Path}
	case len(parts) == 1:
		return k, "", nil
	}
	return k, r.URL.Path, nil
}
