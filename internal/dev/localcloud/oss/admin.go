package oss

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// State is the answer of the admin route "state".
type State struct {
	Now      time.Time      `json:"now"` // server's clock
	Region   string         `json:"region"`
	Buckets  []BucketState  `json:"buckets"`
	Requests int64          `json:"requests"` // begun since the start
	Ops      map[string]int `json:"ops"`      // of the requests in the log, by operation
	Faults   []Fault        `json:"faults"`   // still to come
}

// BucketState is a bucket in State.
type BucketState struct {
	Name       string `json:"name"`
	Objects    int    `json:"objects"`
	Versioning string `json:"versioning,omitempty"`
}

// State gives the emulator's clock, buckets and counters.
func (e *Emulator) State() State {
	s := State{Now: e.Now(), Region: e.opts.Region, Requests: e.seq.Load(), Ops: map[string]int{}, Faults: e.Faults()}
	for _, b := range e.all() {
		b.mu.RLock()
		s.Buckets = append(s.Buckets, BucketState{Name: b.name, Objects: len(b.objects), Versioning: b.versioning})
		b.mu.RUnlock()
	}
	for _, q := range e.Requests() {
		s.Ops[q.Op]++
	}
	return s
}

// serveAdmin is for tests in other processes. It requires no credentials, so the
// emulator must be served on a loopback address.
//
//	GET    /local/oss/state                                → State
//	GET    /local/oss/requests                             → [Request …]
//	GET    /local/oss/faults                               → [Fault …]
//	POST   /local/oss/faults      Fault                    adds one
//	DELETE /local/oss/faults                               ClearFaults
//	POST   /local/oss/clock       {"advanceSeconds": 60}   Advance
//	POST   /local/oss/buckets     {"name"}                 CreateBucket
//	POST   /local/oss/versioning  {"bucket", "status"}     SetVersioning
//	POST   /local/oss/scan                                 Scan
//	POST   /local/oss/credentials [Key …]                  Accept, 204
//	POST   /local/oss/broken      Broken                   Break
func (e *Emulator) serveAdmin(w http.ResponseWriter, r *http.Request) {
	if r.Method+" "+r.URL.Path == "POST /"+reserved+"/oss/credentials" {
		e.acceptKeys(w, r)
		return
	}
	var in struct {
		Fault
		Broken

		AdvanceSeconds float64 `json:"advanceSeconds"`
		Name           string  `json:"name"`
		Status         string  `json:"status"`
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err == nil && len(body) > 0 {
		err = json.Unmarshal(body, &in)
	}
	if err != nil {
		answerJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	var out any = map[string]string{}
	switch r.Method + " " + strings.TrimPrefix(r.URL.Path, "/"+reserved+"/oss/") {
	case "GET state":
		out = e.State()
	case "GET requests":
		out = e.Requests()
	case "GET faults":
		out = e.Faults()
	case "POST faults":
		err = e.Inject(in.Fault)
	case "DELETE faults":
		e.ClearFaults()
	case "POST clock":
		e.Advance(time.Duration(in.AdvanceSeconds * float64(time.Second)))
	case "POST buckets":
		err = e.CreateBucket(in.Name)
	case "POST versioning":
		err = e.SetVersioning(in.Bucket, in.Status)
	case "POST broken":
		e.Break(func(b *Broken) { *b = in.Broken })
	case "POST scan":
		err = e.Scan()
	default:
		answerJSON(w, http.StatusNotFound, map[string]string{"error": "no route " + r.Method + " " + r.URL.Path})
		return
	}
	if err != nil {
		answerJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	answerJSON(w, http.StatusOK, out)
}

// Key is an access key as the admin route takes it; see Credentials.
type Key struct {
	AccessKeyID     string    `json:"accessKeyId"`
	AccessKeySecret string    `json:"accessKeySecret"`
	SecurityToken   string    `json:"securityToken"`
	Expires         time.Time `json:"expires"`
	Principal       string    `json:"principal"` // in events; "" for the account's id
}

func (e *Emulator) acceptKeys(w http.ResponseWriter, r *http.Request) {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	dec.DisallowUnknownFields()
	var keys []Key
	err := dec.Decode(&keys)
	for _, k := range keys {
		if k.AccessKeyID == "" || k.AccessKeySecret == "" {
			err = errors.New("every key needs accessKeyId and accessKeySecret")
		}
	}
	if err != nil {
		answerJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	for _, k := range keys {
		e.Accept(Credentials(k))
	}
	w.WriteHeader(http.StatusNoContent)
}

func answerJSON(w http.ResponseWriter, status int, doc any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(doc) //nolint:errchkjson // a client that is gone needs no answer
}
