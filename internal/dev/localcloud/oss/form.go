package oss

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // signature V1 is defined with it
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// form is the body of PostObject, as browsers send it.
type form struct {
	fields   map[string]string // by lower-case name
	fileName string
	file     []byte
}

// formPolicy is what the signer of a form permits (documented).
type formPolicy struct {
	Expiration time.Time         `json:"expiration"`
	Conditions []json.RawMessage `json:"conditions"`
}

// readForm reads the fields up to the file, which is the last (documented: fields after
// it are ignored).
func readForm(r *http.Request, body []byte) (*form, *apiError) {
	malformed := fault(400, "MalformedPOSTRequest", "", "The body of your POST request is not well-formed multipart/form-data.")
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, malformed
	}
	f := &form{fields: map[string]string{}}
	for parts := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, fault(400, "IncorrectNumberOfFilesInPOSTRequest", "", "POST requires exactly one file upload per request.")
		}
		if err != nil {
			return nil, malformed
		}
		data, err := io.ReadAll(p)
		if err != nil {
			return nil, malformed
		}
		name := strings.ToLower(p.FormName())
		if name == "file" {
			f.file, f.fileName = data, p.FileName()
			break
		}
		f.fields[name] = string(data)
	}
	if f.fields["key"] == "" {
		return nil, fault(400, "InvalidArgument", "", "The form has no field key.")
	}
	f.fields["key"] = strings.ReplaceAll(f.fields["key"], "${filename}", f.fileName)
	return f, nil
}

// claimOfForm is who signed a form: the signature is that of its policy (documented).
func (e *Emulator) claimOfForm(wk *work) (claim, *apiError) {
	var bad *apiError
	if wk.form, bad = readForm(wk.r, wk.body); bad != nil {
		return claim{}, bad
	}
	f := wk.form.fields
	wk.key = f["key"]
	policy := f["policy"]
	until, bad := wk.form.allowed(wk.bucket, policy)
	if bad != nil {
		return claim{}, bad
	}
	c := claim{token: f["x-oss-security-token"], until: until, valid: true}
	if f["x-oss-signature-version"] != v4Name {
		c.id, c.signature = f["ossaccesskeyid"], f["signature"]
		c.sign = func(secret string) string {
			return base64.StdEncoding.EncodeToString(mac(sha1.New, []byte(secret), policy))
		}
		if e.opts.RefuseV1 {
			return c, errV1()
		}
		return c, nil
	}
	scope := strings.Split(f["x-oss-credential"], "/")
	if len(scope) != 5 {
		return c, fault(400, "InvalidArgument", "", "The field x-oss-credential is malformed.")
	}
	c.id, c.signature, c.valid = scope[0], f["x-oss-signature"], e.inScope(scope)
	c.sign = func(secret string) string {
		return hex.EncodeToString(mac(sha256.New, keyV4(secret, scope), policy))
	}
	return c, nil
}

// allowed checks the conditions of a policy, and gives when it expires.
func (f *form) allowed(bucket, policy string) (time.Time, *apiError) {
	if policy == "" {
		return time.Time{}, fault(403, "AccessDenied", "", "You have no right to access this object because of bucket acl.")
	}
	var p formPolicy
	text, err := base64.StdEncoding.DecodeString(policy)
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err != nil || p.Expiration.IsZero() || len(p.Conditions) == 0 {
		return time.Time{}, fault(400, "InvalidPolicyDocument", "", "The content of the form does not meet the conditions specified in the policy document.")
	}
	for _, c := range p.Conditions {
		if !f.meets(bucket, c) {
			return time.Time{}, fault(403, "AccessDenied", "", fmt.Sprintf("Invalid according to Policy: Policy Condition failed: %s", c))
		}
	}
	return p.Expiration, nil
}

// meets checks one condition: {"field": "value"}, or a list that begins with eq,
// starts-with, in, not-in or content-length-range (documented).
func (f *form) meets(bucket string, condition json.RawMessage) bool {
	value := func(name string) string {
		if name = strings.ToLower(strings.TrimPrefix(name, "$")); name == "bucket" {
			return bucket
		}
		return f.fields[strings.ToLower(strings.TrimPrefix(name, "$"))]
	}
	var exact map[string]string
	if json.Unmarshal(condition, &exact) == nil {
		for name, want := range exact {
			if value(name) != want {
				return false
			}
		}
		return len(exact) > 0
	}
	var list []any
	if json.Unmarshal(condition, &list) != nil || len(list) != 3 {
		return false
	}
	op, _ := list[0].(string)
	if strings.EqualFold(op, "content-length-range") {
		least, ok1 := list[1].(float64)
		most, ok2 := list[2].(float64)
		size := float64(len(f.file))
		return ok1 && ok2 && size >= least && size <= most
	}
	name, _ := list[1].(string)
	return compared(strings.ToLower(op), value(name), list[2])
}

func compared(op, got string, want any) bool {
	text, isText := want.(string)
	several, isList := want.([]any)
	among := false
	for _, w := range several {
		among = among || w == got
	}
	switch op {
	case "eq":
		return isText && got == text
	case "starts-with":
		return isText && strings.HasPrefix(got, text)
	case "in":
		return isList && among
	case "not-in":
		return isList && !among
	}
	return false
}

// postObject is an upload by a form.
func (e *Emulator) postObject(wk *work) (*reply, *apiError) {
	if bad := checkKey(wk.key); bad != nil {
		return nil, bad
	}
	h := http.Header{}
	for name, value := range wk.form.fields {
		h.Set(name, value)
	}
	createOnly, bad := forbidOverwrite(h)
	if bad != nil {
		return nil, bad
	}
	o := newObject(wk.key, wk.form.file)
	o.described(h)
	if o.Tags, bad = tagsOf(h); bad != nil {
		return nil, bad
	}
	if bad := e.store(wk, o, wk.form.file, createOnly && !e.breaks().Overwrites, PostObjectEvent); bad != nil {
		return nil, bad
	}
	rep := wk.posted(o)
	rep.header.Set("ETag", `"`+o.ETag+`"`)
	rep.header.Set("X-Oss-Hash-Crc64ecma", strconv.FormatUint(o.CRC, 10))
	return rep, nil
}

// posted is the answer that the form asks for: 204 by default (documented).
func (wk *work) posted(o *object) *reply {
	f := wk.form.fields
	if to, err := url.Parse(f["success_action_redirect"]); err == nil && to.Host != "" {
		q := to.Query()
		q.Set("bucket", wk.bucket)
		q.Set("key", wk.key)
		q.Set("etag", `"`+o.ETag+`"`)
		to.RawQuery = q.Encode()
		rep := newReply(http.StatusSeeOther)
		rep.header.Set("Location", to.String())
		return rep
	}
	switch f["success_action_status"] {
	case "200":
		return newReply(http.StatusOK)
	case "201":
		rep := xmlReply(struct {
			XMLName  xml.Name `xml:"PostResponse"`
			Bucket   string   `xml:"Bucket"`
			Location string   `xml:"Location"`
			Key      string   `xml:"Key"`
			ETag     string   `xml:"ETag"`
		}{Bucket: wk.bucket, Location: "http://" + wk.r.Host + "/" + wk.bucket + "/" + escape(wk.key), Key: wk.key, ETag: `"` + o.ETag + `"`})
		rep.status = http.StatusCreated
		return rep
	}
	return newReply(http.StatusNoContent)
}
